"""Tell the former address of an account that it was changed, and let it take that back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.events.services import publish
from apps.refusals import NotFound, Refusal
from apps.students import letters
from apps.students.events import EmailChanged
from apps.students.models import EmailChange, User
from apps.students.services.mail import send_account_mail
from apps.students.services.second_factor import sign_out_everywhere
from foundation.batches.services import delete_each
from foundation.site_links import site_link

SUSPECT = timedelta(days=1)
"""A second factor set up so shortly before the change goes with it: a thief may have done both."""


class AddressInUse(Refusal):
    code = "address_in_use"
    message = _("This address belongs to another account by now. Please write to the school.")


@dataclass(frozen=True)
class UndoableChange:
    """What the owner of the former address is asked to take back."""

    old_email: str
    new_email: str
    changed_at: datetime


def record_email_change(*, user_id: int, old_email: str) -> None:
    """Remember a change, in its transaction. Publishes EmailChanged: the old address is told."""
    now = timezone.now()
    change = EmailChange.objects.create(
        user_id=user_id,
        old_email=old_email,
        changed_at=now,
        undo_until=now + timedelta(days=settings.EMAIL_CHANGE_UNDO_DAYS),
    )
    publish(EmailChanged(student_id=user_id, change_id=change.pk, changed_at=now.isoformat()))


def send_email_change_notice(*, change_id: int, reason: str) -> None:
    """Write to the old address, once for the reason. Of the link, a digest alone is kept.

    Raises what keeps the mail server from taking it; the next try sends the same link.
    """
    change = EmailChange.objects.open().select_related("user").filter(pk=change_id).first()
    if change is None:
        return
    told = f"{change.pk} {change.changed_at.isoformat()} {change.old_email}"
    token = salted_hmac("students.email_undo", told, algorithm="sha256").hexdigest()
    EmailChange.objects.filter(pk=change_id).update(undo_digest=_digest(token))
    send_account_mail(
        kind=letters.KINDS["email_changed"],
        address=change.old_email,
        student=change.user,
        language=change.user.language,
        facts={
            "from_email": change.old_email,
            "to_email": change.user.email,
            "undo_url": site_link(reverse("students:email_undo", args=[token])),
            "undo_until": change.undo_until.isoformat(),
        },
        reason=reason,
    )


def get_undoable_change(*, token: str) -> UndoableChange:
    """Return what the link would take back. Raises NotFound for a spent or expired link."""
    change = EmailChange.objects.open().select_related("user").filter(undo_digest=_digest(token))
    if (found := change.first()) is None:
        raise NotFound(_("This link has expired or has been used already."))
    return UndoableChange(found.old_email, found.user.email, found.changed_at)


def undo_email_change(*, token: str) -> str:
    """Give the account back to its former address, and return the path to set a new password.

    Ends the password, all sessions and tokens, a second factor that came with the change, and the
    links of all later changes. Raises NotFound, AddressInUse.
    """
    now = timezone.now()
    with transaction.atomic():
        changes = EmailChange.objects.open().select_for_update()
        change = changes.filter(undo_digest=_digest(token)).first()
        if change is None:
            raise NotFound(_("This link has expired or has been used already."))
        user = User.objects.select_for_update().get(pk=change.user_id)
        _refuse_when_in_use(user, change.old_email)
        for each in changes.filter(user=user, changed_at__gte=change.changed_at):
            each.undo(at=now)
            each.save()
        _give_back(user, change)
    key = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )


def forget_email_changes() -> int:
    """Delete what can no longer be undone. Returns how many."""
    old = EmailChange.objects.filter(undo_until__lt=timezone.now())
    return delete_each(batch="students.forget_email_changes", rows=old)


def _refuse_when_in_use(user: User, email: str) -> None:
    others = User.objects.filter(email=email).exclude(pk=user.pk)
    verified = EmailAddress.objects.filter(email=email, verified=True).exclude(user=user)
    if others.exists() or verified.exists():
        raise AddressInUse()


def _give_back(user: User, change: EmailChange) -> None:
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=change.old_email, primary=True, verified=True)
    suspect = Authenticator.objects.filter(created_at__gte=change.changed_at - SUSPECT)
    suspect.filter(user=user).delete()
    user.email = change.old_email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    sign_out_everywhere(user_id=user.pk)
    user.refresh_from_db()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
