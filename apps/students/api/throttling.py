"""How often a stranger may try. The rates are settings: DEFAULT_THROTTLE_RATES."""

from __future__ import annotations

import hashlib

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class StrangerThrottle(SimpleRateThrottle):
    scope: str

    def get_rate(self) -> str:
        return str(api_settings.DEFAULT_THROTTLE_RATES[self.scope])

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class SignUpThrottle(StrangerThrottle):
    """By network address."""

    scope = "sign-up"


class LogInThrottle(StrangerThrottle):
    """By account and network address; only what failed counts.

    So a whole school logs in from one address, and nobody can lock another's account from afar.
    """

    scope = "log-in"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        email = dict(request.data).get("email")
        name = email.strip().lower() if isinstance(email, str) else ""
        account = hashlib.sha256(name.encode()).hexdigest()[:32]
        return f"{super().get_cache_key(request, view)}_{account}"

    def throttle_success(self) -> bool:
        return True

    def count_failure(self) -> None:
        """Count the try that was just let through."""
        super().throttle_success()
