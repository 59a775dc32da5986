"""Give programs a token for an e-mail address and a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from apps.refusals import Refusal


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


def issue_token(*, request: HttpRequest, email: str, password: str) -> IssuedToken:
    """Return a new token. Raises LogInRefused, TooManyTries."""
    user = get_adapter(request).prove(
        request,
        email=email,
        password=password,
        confirmed=settings.API_TOKEN_NEEDS_CONFIRMED_EMAIL,
    )
    if user is None:
        raise LogInRefused()
    AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
    issued, token = AuthToken.objects.create(user=user)
    return IssuedToken(token=token, expires_at=issued.expiry)
