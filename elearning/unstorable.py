"""Text that cannot be stored is refused by name, wherever it comes in."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from elearning.context_processors import school
from elearning.problems import problem_response
from foundation.storable import is_unstorable, printable

GetResponse = Callable[[HttpRequest], HttpResponse]


class UnstorableTextMiddleware:
    """Refuse by name the text that PostgreSQL cannot store: null bytes, halves of surrogate pairs.

    Bodies of the API are checked by its parser. Forms check their own fields and keep what was
    typed beside the error; what no form has checked is refused here when it cannot be stored.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_unstorable(request.path):
            return self._refuse(request, "path")
        field = _find_unstorable_header(request) or _find_unstorable(request.GET)
        return self._refuse(request, field) if field else self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Refuse a form that no field has refused by itself: nothing of it has been stored."""
        if not isinstance(error, ValueError | DataError) or request.path.startswith("/api/"):
            return None
        field = _find_unstorable(request.POST)
        return self._refuse(request, field) if field else None

    def _refuse(self, request: HttpRequest, field: str) -> HttpResponse:
        message = _("“%(name)s” holds a character that cannot be stored. Remove it and try again.")
        message %= {"name": field}
        if request.path.startswith("/api/"):
            errors = [{"field": field, "message": message, "code": "null_bytes"}]
            return problem_response(status=400, code="invalid", detail=message, errors=errors)
        page = render_to_string("400.html", {**school(request), "message": message})
        return HttpResponse(page, status=400)


def _find_unstorable(fields: QueryDict) -> str | None:
    """Return the printable name of the first field whose name or text cannot be stored."""
    for name, values in fields.lists():
        if any(is_unstorable(text) for text in (name, *values)):
            return printable(name) or "?"
    return None


def _find_unstorable_header(request: HttpRequest) -> str | None:
    for name, text in request.META.items():
        if name.startswith("HTTP_") and isinstance(text, str) and is_unstorable(text):
            return printable(name.removeprefix("HTTP_").replace("_", "-").title())
    cookies = request.COOKIES.items()  # quoted ones may hold escaped null bytes
    return "Cookie" if any(is_unstorable(text) for cookie in cookies for text in cookie) else None
