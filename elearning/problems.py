"""Errors of the API as RFC 9457 problem details, with a stable ``code``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.refusals import InvalidInput, NotFound, Refusal

CONTENT_TYPE = "application/problem+json"


def problem(
    *, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None, **more: Any
) -> dict[str, Any]:
    """Return the body of a problem. ``errors`` name each field, as a path, and its remedy."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body |= {"code": code, "detail": detail}
    return body | ({"errors": errors} if errors else {}) | more


def problem_response(*, status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    body = problem(status=status, code=code, detail=detail, **more)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: None leaves the error to Django, as a 500."""
    if isinstance(error, Refusal):
        set_rollback()
        return _respond(_of_refusal(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return _respond(_of_api_exception(error), headers=_headers(error))


def _of_refusal(refusal: Refusal) -> dict[str, Any]:
    detail = str(refusal)
    if isinstance(refusal, InvalidInput):
        errors = [{"field": refusal.field, "message": detail, "code": refusal.code}]
        return problem(status=400, code=refusal.code, detail=detail, errors=errors)
    status = 404 if isinstance(refusal, NotFound) else 409
    return problem(status=status, code=refusal.code, detail=detail, **refusal.detail)


def _of_api_exception(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten(error.get_full_details()))
        detail = _("Some fields cannot be taken as they are; errors names them.")
        return problem(status=400, code="invalid", detail=detail, errors=errors)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return problem(status=error.status_code, code=code, detail=str(error.detail))


def _flatten(details: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(details, dict) and "message" in details and "code" in details:
        return [{"field": path, "message": str(details["message"]), "code": str(details["code"])}]
    items = details.items() if isinstance(details, dict) else enumerate(details)
    flat: list[dict[str, str]] = []
    for key, value in items:
        is_list_of_messages = isinstance(details, list)
        flat += _flatten(value, path if is_list_of_messages else f"{path}.{key}".lstrip("."))
    return flat


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)
    return headers


def _respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(
        body, status=body["status"], headers=headers, content_type=CONTENT_TYPE
    )


def api_error_page(request: HttpRequest, *, status: int) -> JsonResponse | None:
    """Return a problem for an error under ``/api/`` that no API view answered, or None."""
    if not request.path.startswith("/api/"):
        return None
    code = {400: "bad_request", 403: "permission_denied", 404: "not_found"}.get(status, "error")
    return problem_response(status=status, code=code, detail=HTTPStatus(status).description)
