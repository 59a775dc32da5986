"""The second factor: who must have it, who has it in this session or token, and its loss."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import (
    get_authentication_records,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from knox.models import AuthToken

from apps.events.services import publish
from apps.refusals import NotFound
from apps.students.events import SecondFactorReset
from apps.students.models import User
from apps.students.services.tries import count_code, forgive, spend_code

METHOD = "mfa"
"""allauth's word for it in what a session knows of its log-in."""


def has_second_factor(*, user_id: int) -> bool:
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()


def needs_second_factor(user: Any) -> bool:
    """Return whether this user may do nothing without the second factor."""
    return bool(settings.STAFF_NEEDS_SECOND_FACTOR and (user.is_staff or user.is_superuser))


def session_lacks_second_factor(*, request: HttpRequest, user: Any) -> bool:
    """Return whether this log-in must show the second factor before it may do anything.

    No query: the session knows how it was logged in, and ends when the factor is reset.
    """
    return needs_second_factor(user) and not session_has_second_factor(request=request, user=user)


def session_has_second_factor(*, request: HttpRequest, user: Any) -> bool:
    """Return whether this log-in has shown the second factor. No query."""
    records = get_authentication_records(request, user)
    return any(record.get("method") == METHOD for record in records)


def note_second_factor(request: HttpRequest, user: User) -> None:
    """Let the session know that its user has just shown the second factor."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(request, user, METHOD, reauthenticated=True)


def use_code(*, user: User, code: str) -> bool:
    """Return whether this is a code of the user's app or a recovery code, and use it up.

    Raises TooManyTries.
    """
    counted = count_code(email=user.email)
    found = Authenticator.objects.filter(user=user)
    right = any(authenticator.wrap().validate_code(code) for authenticator in found)
    if not right or not spend_code(email=user.email, code=code):
        return False
    forgive(counted)
    return True


def reset_second_factor(*, user_id: int) -> None:
    """Switch a lost second factor off, and end all sessions and tokens of its owner.

    Publishes SecondFactorReset, which tells the owner. Raises NotFound where there is none.
    """
    with transaction.atomic():
        deleted, _by_model = Authenticator.objects.filter(user_id=user_id).delete()
        if not deleted:
            raise NotFound()
        sign_out_everywhere(user_id=user_id)
        publish(SecondFactorReset(student_id=user_id, reset_at=timezone.now().isoformat()))


def sign_out_everywhere(*, user_id: int) -> None:
    """End every session and every token of the user, this one too."""
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(sign_outs=F("sign_outs") + 1)
        AuthToken.objects.filter(user_id=user_id).delete()
