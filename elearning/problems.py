"""Errors of the API as RFC 9457 problem details, with a stable ``code``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import is_valid_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.refusals import InvalidInput, NotFound, Refusal, TooManyTries

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
BUSY_SECONDS = 2

_PAGES = {
    400: ("bad_request", gettext_lazy("This request cannot be understood. Correct it.")),
    403: ("permission_denied", gettext_lazy("You may not do this.")),
    404: ("not_found", gettext_lazy("There is nothing at this address. See /api/docs/.")),
}
_STATUSES = {NotFound: 404, TooManyTries: 429}
_NO_LOG_IN = gettext_lazy(
    "Nobody is logged in. Send Authorization: Token and a token; other schemes are not taken."
)
_FAULT = ("error", gettext_lazy("Something went wrong on our side. Please try again later."))


class Busy(exceptions.APIException):
    """The database had no room in time; nothing was changed."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = gettext_lazy("Too many people want this at the moment. Try again shortly.")
    wait = BUSY_SECONDS


def problem(
    *, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None, **more: Any
) -> dict[str, Any]:
    """Return the body of a problem. ``errors`` name each field, as a path, and its remedy.

    At most PROBLEM_MAX_ERRORS, and texts of PROBLEM_MAX_TEXT characters: some repeat what was sent.
    """
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body |= {"code": code, "detail": _cut(detail)}
    first = (errors or [])[: settings.PROBLEM_MAX_ERRORS]
    named = [{key: _cut(text) for key, text in error.items()} for error in first]
    return body | ({"errors": named} if named else {}) | more


def problem_response(*, status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    body = problem(status=status, code=code, detail=detail, **more)
    return JsonResponse(
        body,
        status=status,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: None leaves the error to Django, as a 500."""
    if isinstance(error, Refusal):
        set_rollback()
        return _respond(_of_refusal(error), headers=_refusal_headers(error))
    if isinstance(error, OperationalError):  # a lock, a statement or a connection timed out
        logger.warning("Busy: %s", error)
    translated = _translate(error)
    if translated is None:
        return None
    set_rollback()
    return _respond(_of_api_exception(translated), headers=_headers(translated))


def _translate(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, OperationalError):
        return Busy()
    if isinstance(error, exceptions.NotAuthenticated):
        error.detail = exceptions.ErrorDetail(str(_NO_LOG_IN), error.default_code)
    return error if isinstance(error, exceptions.APIException) else None


def _of_refusal(refusal: Refusal) -> dict[str, Any]:
    detail = str(refusal)
    if isinstance(refusal, InvalidInput):
        errors = [{"field": refusal.field, "message": detail, "code": refusal.code}]
        return problem(status=400, code=refusal.code, detail=detail, errors=errors)
    status = next((code for kind, code in _STATUSES.items() if isinstance(refusal, kind)), 409)
    return problem(status=status, code=refusal.code, detail=detail, **refusal.detail)


def _refusal_headers(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, TooManyTries):
        return {"Retry-After": str(refusal.retry_after_seconds)}
    return {}


def _of_api_exception(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten(error.get_full_details()))
        detail = _("Some fields cannot be taken as they are; errors names them.")
        if len(errors) > settings.PROBLEM_MAX_ERRORS:
            detail = _("Too many fields cannot be taken as they are; errors names the first.")
        return problem(status=400, code="invalid", detail=detail, errors=errors)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    members = getattr(error, "members", {})
    return problem(status=int(error.status_code), code=code, detail=str(error.detail), **members)


def _flatten(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield each message with the path of its field; a field may itself be named "message"."""
    if isinstance(details, list):
        for item in details:
            yield from _flatten(item, path)
    elif isinstance(details.get("message"), str) and isinstance(details.get("code"), str):
        yield {"field": path, "message": str(details["message"]), "code": details["code"]}
    else:
        for name, value in details.items():
            yield from _flatten(value, f"{path}.{name}" if path else name)


def _cut(text: str) -> str:
    most = settings.PROBLEM_MAX_TEXT
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _headers(error: exceptions.APIException) -> dict[str, str]:
    """Return what DRF itself would send; it sets both attributes where they apply."""
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(auth_header)
    if wait_seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(ceil(wait_seconds))
    return headers


def _respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def api_error_page(request: HttpRequest, *, status: int) -> HttpResponse | None:
    """Return a problem for an error under ``/api/`` that no API view answered, or None."""
    if not request.path.startswith("/api/"):
        return None
    if status == 404 and request.method not in SAFE_METHODS and _lacks_slash(request.path):
        return HttpResponse(status=308, headers={"Location": f"{request.path}/"})
    code, detail = _PAGES.get(status, _FAULT)
    return problem_response(status=status, code=code, detail=str(detail))


def _lacks_slash(path: str) -> bool:
    """Return whether a slash is all that is missing.

    Django would redirect by 301, after which clients GET what they meant to POST; 308 keeps the
    method and the body.
    """
    return not path.endswith("/") and bool(is_valid_path(f"{path}/"))
