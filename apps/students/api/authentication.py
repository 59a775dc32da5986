"""Who asks: by knox token or by session. Each class says how the OpenAPI schema tells of it."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from apps import acting
from apps.students import services
from apps.students.models import User, VerifiedToken

FOUND = "elearning.token.found"
"""Where a request carries who its token belongs to; no client can send a name with dots."""


class TokenAuthentication(KnoxAuthentication):
    """``Authorization: Token …``. One query by digest; knox itself reads all tokens of the user.

    Asked again of the same request, such as by the Idempotency-Key's layer and then by the view, it
    answers from the first time.
    """

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        known = request.META.get(FOUND)
        if known is not None:
            acting.identify(known[0])
            return cast("tuple[User, AuthToken]", known)
        found = super().authenticate(request)
        if found is not None:
            request.META[FOUND] = found
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        if not token.isalnum():
            raise exceptions.AuthenticationFailed(_refusal())
        valid = AuthToken.objects.filter(
            digest=hash_token(token.decode()), expiry__gt=timezone.now(), user__is_active=True
        )
        verified = VerifiedToken.objects.filter(token=OuterRef("pk"))
        found = (
            valid.select_related("user")
            .annotate(
                is_verified=Exists(verified),
                detail_id=F("detail__pk"),
                used_at=F("detail__last_used_at"),
            )
            .first()
        )
        if found is None:
            raise exceptions.AuthenticationFailed(_refusal())
        if services.needs_second_factor(found.user) and not found.is_verified:
            raise SecondFactorRequired()
        acting.identify(found.user)
        if found.detail_id and services.use_is_to_be_noted(found.used_at):
            services.note_token_use(digest=found.digest)
        return found.user, found


def _refusal() -> str:
    return _("This token is unknown or has expired. Get a new one at auth/token/.")


class SecondFactorRequired(exceptions.PermissionDenied):
    """Staff without it may do nothing at all, rather than a little less."""

    default_code = "second_factor_required"
    default_detail = gettext_lazy(
        "Staff need the second factor. Get a token with its code at auth/token/, or log in with it."
    )


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages; whatever changes something needs the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        asked = cast(HttpRequest, request)
        if found and services.session_lacks_second_factor(request=asked, user=found[0]):
            raise SecondFactorRequired()
        return found

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            message = _("Send the CSRF token in the X-CSRFToken header, or use a token instead.")
            raise exceptions.PermissionDenied(message, code="csrf_failed") from error


def require_recent_proof(request: Request) -> None:
    """Refuse a session whose user has not just given the password; a token is proof itself."""
    if request.auth is None and not did_recently_reauthenticate(cast(HttpRequest, request)):
        raise ReauthenticationRequired()


class ReauthenticationRequired(exceptions.PermissionDenied):
    default_code = "reauthentication_required"
    default_detail = gettext_lazy(
        "Give the password once more at /accounts/reauthenticate/, or send a token instead."
    )


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and the token from `POST /api/v1/auth/token/`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The log-in of the pages. Anything but GET needs `X-CSRFToken` too.",
        }
