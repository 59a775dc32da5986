"""Give programs a token for an e-mail address and a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from knox.models import AuthToken

from apps.refusals import Refusal
from apps.students.models import User, VerifiedToken
from apps.students.services.second_factor import (
    has_second_factor,
    needs_second_factor,
    use_code,
)


class LogInRefused(Refusal):
    """One answer for every reason, so that it tells nobody which addresses have an account."""

    code = "log_in_refused"
    message = _(
        "E-mail address and password do not match, or the address is not confirmed yet."
        " Check both, and look for our e-mail."
    )


@dataclass(frozen=True)
class IssuedToken:
    """The token itself, which is told this once: only its digest is kept."""

    token: str
    expires_at: datetime


class SecondFactorRequired(LogInRefused):
    """Said only to who knows the password."""

    code = "second_factor_required"
    message = _("The password is right. Send the code of the authenticator app too, as code.")


class CodeRefused(LogInRefused):
    code = "code_refused"
    message = _("This code is not right, or it was used already. Take the next one.")


class SecondFactorMissing(LogInRefused):
    code = "second_factor_missing"
    message = _("Staff need a second factor here. Log in on the pages and switch it on first.")


def issue_token(*, request: HttpRequest, email: str, password: str, code: str = "") -> IssuedToken:
    """Return a new token. Raises LogInRefused or one of its kinds, TooManyTries."""
    user = get_adapter(request).prove(
        request,
        email=email,
        password=password,
        confirmed=settings.API_TOKEN_NEEDS_CONFIRMED_EMAIL,
    )
    if user is None:
        raise LogInRefused()
    is_verified = _show_second_factor(user, code)
    AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
    with transaction.atomic():
        issued, token = AuthToken.objects.create(user=user)
        if is_verified:
            VerifiedToken.objects.create(token=issued)
    return IssuedToken(token=token, expires_at=issued.expiry)


def token_is_live(*, token: str) -> bool:
    """Return whether the token still lets its owner in."""
    live = AuthToken.objects.filter(digest=hash_token(token), expiry__gt=timezone.now())
    return live.filter(user__is_active=True).exists()


def _show_second_factor(user: User, code: str) -> bool:
    """Return whether the second factor was shown, which nobody who has one may leave out."""
    if not has_second_factor(user_id=user.pk):
        if needs_second_factor(user):
            raise SecondFactorMissing()
        return False
    if not code:
        raise SecondFactorRequired()
    if not use_code(user=user, code=code):
        raise CodeRefused()
    return True
