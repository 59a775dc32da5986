"""Error pages, and problem details for the same errors under ``/api/``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from elearning.problems import api_error_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=400) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=403) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_page(request, status=404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return api_error_page(request, status=500) or defaults.server_error(request)
