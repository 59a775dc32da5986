"""Error pages, and problem details for the same errors under ``/api/``."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from elearning.context_processors import school
from elearning.problems import BUSY_SECONDS, api_error_page, problem_response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=400) or _plain_page(request, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=403) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], OperationalError):
        return _busy(request)
    return api_error_page(request, status=500) or _plain_page(request, status=500)


def _plain_page(request: HttpRequest, *, status: int) -> HttpResponse:
    """Return a page that needs neither database nor session, in the reader's language and theme."""
    return HttpResponse(render_to_string(f"{status}.html", school(request)), status=status)


def _busy(request: HttpRequest) -> HttpResponse:
    """Answer 503: the database is away, or had no room in time; nothing is half-written."""
    detail = _("Too many people want this at the moment. Try again shortly.")
    response: HttpResponse = (
        problem_response(status=503, code="busy", detail=detail)
        if request.path.startswith("/api/")
        else _plain_page(request, status=503)
    )
    response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response
