"""Create staff from the command line: a link, used once, leads to a password of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.refusals import Refusal
from apps.students.models import StaffSetupLink, User
from apps.students.services.accounts import find_student_by_address, register_student
from apps.students.services.second_factor import sign_out_everywhere
from foundation.email_addresses import normalize_email


class AccountExists(Refusal):
    code = "account_exists"
    message = _(
        "This address has an account that is in use. Log in with it, or reset its password; its"
        " rights are changed at the desk."
    )


class AccountSwitchedOff(Refusal):
    code = "account_switched_off"
    message = _("The account of this address is switched off. Switch it on at the desk first.")


class SetupLinkInvalid(Refusal):
    code = "setup_link_invalid"
    message = _("This link no longer works.")


@dataclass(frozen=True)
class SetupLink:
    """The link itself, which is shown this once."""

    url: str
    expires_at: datetime


def create_staff(*, email: str, name: str, language: str, valid_minutes: int) -> SetupLink:
    """Create a superuser without a password, and return the link that leads to one.

    A second call replaces the link. An account that has never proved its address, or has no
    password, is taken over: whatever was opened with it ends. Publishes StudentRegistered for a
    new account. Raises AccountExists, AccountSwitchedOff.
    """
    email = normalize_email(email)
    with transaction.atomic():
        user = find_student_by_address(email=email)
        if user is None:
            user = User(email=email, name=name, language=language)
            user.set_unusable_password()
            register_student(user=user)
        else:
            user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
            _take_over(user)
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
        return _renew_link(user, timezone.now() + timedelta(minutes=valid_minutes))


def _take_over(user: User) -> None:
    if not user.is_active:
        raise AccountSwitchedOff()
    addresses = EmailAddress.objects.filter(user=user)
    if user.has_usable_password() and addresses.filter(verified=True).exists():
        raise AccountExists()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    sign_out_everywhere(user_id=user.pk)
    Authenticator.objects.filter(user=user).delete()
    addresses.exclude(email=user.email).delete()


def _renew_link(user: User, expires_at: datetime) -> SetupLink:
    token = secrets.token_urlsafe(32)
    StaffSetupLink.objects.update_or_create(
        user=user, defaults={"digest": _digest(token), "expires_at": expires_at}
    )
    path = reverse("students:staff_setup", args=[token])
    return SetupLink(url=settings.SITE_URL + path, expires_at=expires_at)


def find_staff_to_set_up(*, token: str) -> User | None:
    """Return whose link this is, or None when it is unknown, used, replaced or too old."""
    link = _find_link(token)
    return link.user if link else None


def set_up_staff(*, token: str, password: str) -> User:
    """Set the first password and use the link up; the address counts as confirmed.

    Publishes StudentConfirmed. Raises SetupLinkInvalid.
    """
    with transaction.atomic():
        link = _find_link(token, locked=True)
        if link is None:
            raise SetupLinkInvalid()
        user = link.user
        get_adapter().set_password(user, password)
        link.delete()
    return user


def _find_link(token: str, *, locked: bool = False) -> StaffSetupLink | None:
    links = StaffSetupLink.objects.select_related("user").filter(
        digest=_digest(token),
        expires_at__gt=timezone.now(),
        user__is_active=True,
        user__is_staff=True,
    )
    return (links.select_for_update(of=("self",)) if locked else links).first()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
