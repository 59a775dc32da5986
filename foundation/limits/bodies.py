"""The size and encoding of request bodies, checked from the headers before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class BodyFault:
    """Why a body is not read, as a status, a stable code and a sentence with the remedy."""

    status: HTTPStatus
    code: str
    detail: str | Promise


TOO_LARGE = BodyFault(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_large",
    _("The body is too large. Send less at once."),
)
ENCODED = BodyFault(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported_content_encoding",
    _("Send the body as it is, without Content-Encoding: compressed bodies are not read."),
)


def body_limit(path: str, *, limits: Mapping[str, int] | None = None) -> int:
    """Return the most bytes that the body of a request to ``path`` may have."""
    limits = settings.BODY_LIMITS if limits is None else limits
    return next(limit for start, limit in limits.items() if path.startswith(start))


def find_body_fault(request: HttpRequest) -> BodyFault | None:
    """Return what keeps the body from being read, or None. Reads no byte of it."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        return ENCODED
    return TOO_LARGE if content_length(request) > body_limit(request.path_info) else None


def content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def largest_body() -> int:
    """Return the most bytes that a body may have at any address."""
    return max(settings.BODY_LIMITS.values())
