"""Open a call around every request; of those that may change something, say who makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps import acting

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
ORIGINS = {"/admin/": "desk", "/api/": "api"}
MAX_REQUEST_ID_LENGTH = MAX_ADDRESS_LENGTH = 200


class ActingMiddleware:
    """Staff that are logged in are known at once; a token says who it is when it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting.call(
            origin=_origin(request.path),
            address=f"{request.method} {request.path}"[:MAX_ADDRESS_LENGTH],
            request_id=request.headers.get("X-Request-ID", "")[:MAX_REQUEST_ID_LENGTH],
        ):
            if request.method not in SAFE_METHODS:
                acting.identify(request.user)
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Until something better is said, what is done is called by the name of the address."""
        match = request.resolver_match
        if request.method not in SAFE_METHODS and match is not None and match.view_name:
            acting.doing(match.view_name)


def _origin(path: str) -> str:
    return next((name for prefix, name in ORIGINS.items() if path.startswith(prefix)), "page")
