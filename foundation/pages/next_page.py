"""Lead on from a log-in to a page that a browser can open."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlunsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse

from foundation.pages.methods import accepts_get, split_url

GetResponse = Callable[[HttpRequest], HttpResponse]


class NextPageMiddleware:
    """Keep redirects around a log-in away from URLs that only take POST.

    A POST without a log-in is sent to the log-in with its own URL as ``next``; following that
    later is a GET, which such a URL answers with 405. The page with the form is ``next`` instead.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        location = response.headers.get("Location", "")
        parts = split_url(location)
        if not location or parts.netloc not in ("", request.get_host()):
            return response
        if parts.path in (resolve_url(settings.LOGIN_URL), reverse("admin:login")):
            response.headers["Location"] = _with_openable_next(location, request)
        elif request.path.startswith("/accounts/") and not accepts_get(location):
            response.headers["Location"] = resolve_url(settings.LOGIN_REDIRECT_URL)
        return response


def _with_openable_next(location: str, request: HttpRequest) -> str:
    parts = split_url(location)
    query = parse_qs(parts.query, keep_blank_values=True)
    target = query.pop(REDIRECT_FIELD_NAME, [""])[0]
    if not target or accepts_get(target):
        return location
    desk = reverse("admin:index")
    page = _page_with_the_form(request) or (desk if request.path.startswith(desk) else "")
    if page:
        query[REDIRECT_FIELD_NAME] = [page]
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


def _page_with_the_form(request: HttpRequest) -> str:
    """Return the path of the page of this site that the request came from, or nothing."""
    parts = split_url(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    page = urlunsplit(("", "", parts.path, parts.query, ""))
    return page if accepts_get(page) else ""
