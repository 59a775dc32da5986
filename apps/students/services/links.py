"""Links that staff have mailed to the owner of an account: staff never see or type its secrets."""

from __future__ import annotations

from typing import Any

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.events.services import publish
from apps.refusals import NotFound, Refusal
from apps.students import letters
from apps.students.events import PasswordLinkRequested, SecondFactorLinkRequested
from apps.students.models import User
from apps.students.services.mail import send_account_mail
from apps.students.services.second_factor import has_second_factor
from foundation.agreement import Agreement, require

SALT = "students.second-factor-link"
SECOND_FACTOR_LINK_HOURS = 24


class AccountSwitchedOff(Refusal):
    code = "account_switched_off"
    message = _("This account is switched off. Switch it on first.")


class LinkExpired(Refusal):
    code = "link_expired"
    message = _("This link has expired or was used before. Ask the school for a new one.")


def may_be_sent_links(user: User) -> bool:
    return user.is_active


def send_password_link(*, user_id: int, agreed: Agreement | None = None) -> None:
    """Have a link to choose a new password mailed. Publishes PasswordLinkRequested.

    Raises NotFound, AccountSwitchedOff, and what ``agreed`` raises.
    """
    _refuse_switched_off(user_id)
    with transaction.atomic():
        _lock_agreed(user_id, agreed)
        publish(PasswordLinkRequested(student_id=user_id))


def send_second_factor_link(*, user_id: int, agreed: Agreement | None = None) -> None:
    """Have a link to reset the second factor mailed. Publishes SecondFactorLinkRequested.

    Raises NotFound, also where there is no second factor, AccountSwitchedOff, and what ``agreed``
    raises.
    """
    _refuse_switched_off(user_id)
    if not has_second_factor(user_id=user_id):
        raise NotFound(_("This account has no second factor."))
    with transaction.atomic():
        _lock_agreed(user_id, agreed)
        publish(SecondFactorLinkRequested(student_id=user_id))


def _lock_agreed(user_id: int, agreed: Agreement | None) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    require(agreed)


def _refuse_switched_off(user_id: int) -> None:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound()
    if not may_be_sent_links(user):
        raise AccountSwitchedOff()


def mail_password_link(*, user_id: int, reason: str) -> None:
    """Send the link, once for the reason, which is made as it is sent and never kept.

    Raises what keeps the mail server from taking it.
    """
    user = User.objects.get(pk=user_id)
    if user.is_active:
        kind = "password_link" if user.has_usable_password() else "invited"
        mail_link(student=user, kind=kind, reason=reason, password_url=password_url(user))


def mail_second_factor_link(*, user_id: int, reason: str) -> None:
    """Send the link, once for the reason, unless there is nothing to reset any more.

    Raises what keeps the mail server from taking it.
    """
    user = User.objects.get(pk=user_id)
    if user.is_active and has_second_factor(user_id=user_id):
        url = second_factor_url(user)
        mail_link(student=user, kind="second_factor_link", reason=reason, reset_url=url)


def find_owner_of_link(*, token: str) -> User:
    """Return whose second factor the link resets. Raises LinkExpired.

    It works until the second factor is changed, everything is signed out or its time is over.
    """
    try:
        signed = signing.loads(token, salt=SALT, max_age=SECOND_FACTOR_LINK_HOURS * 3600)
    except signing.BadSignature as error:
        raise LinkExpired() from error
    user = User.objects.filter(pk=signed[0], is_active=True).first()
    if user is None or _facts(user) != signed:
        raise LinkExpired()
    return user


def password_url(user: User) -> str:
    """Return a link of the site to choose a password, once, for PASSWORD_RESET_TIMEOUT seconds."""
    key = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    return str(settings.SITE_URL) + path


def second_factor_url(user: User) -> str:
    """Return a link of the site to reset the second factor, once, for SECOND_FACTOR_LINK_HOURS."""
    token = signing.dumps(_facts(user), salt=SALT)
    return str(settings.SITE_URL) + reverse("students:second_factor_reset", args=[token])


def mail_link(*, student: User, kind: str, reason: str, **facts: Any) -> None:
    """Send a letter that holds a link; raises as ``send_account_mail`` does."""
    send_account_mail(
        kind=letters.KINDS[kind],
        address=student.email,
        student=student,
        language=student.language,
        facts=facts,
        reason=reason,
    )


def _facts(user: User) -> list[int]:
    factors = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    newest = factors.order_by("-pk").values_list("pk", flat=True).first()
    return [user.pk, newest or 0, user.sign_outs]
