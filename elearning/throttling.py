"""How often one account, or one network address without a log-in, may ask.

By pages, desk and API together: more than people ever do, and for an address more than a school
behind it does.

Counted by minutes in the process's own memory: no call waits for the count, and the most that a
flood may do is the limit times the processes. What is guessed, as passwords are, is counted exactly
in the database (decision 0011).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.students.address import client_address
from apps.students.api.authentication import TokenAuthentication
from elearning.problems import problem_response

MINUTE = 60
PROBES = {"/healthz", "/readyz"}


def count_call(*, user_id: int) -> int:
    """Count an account's call. Returns 0, or for how many seconds no more are taken."""
    return _count("calls", str(user_id), limit=settings.CALLS_PER_MINUTE)


def count_stranger(request: HttpRequest) -> int:
    """Count a call without a log-in by its network address, as ``count_call`` does."""
    address = client_address(request)
    return _count("strangers", address, limit=settings.STRANGER_CALLS_PER_MINUTE)


def _count(cache: str, caller: str, *, limit: int) -> int:
    minute, second = divmod(int(time.time()), MINUTE)
    counts, key = caches[cache], f"{caller.replace('/', '-')}:{minute}"
    counts.add(key, 0, timeout=MINUTE)
    try:
        calls = counts.incr(key)
    except ValueError:  # dropped meanwhile, to make room
        return 0
    return MINUTE - second if calls > limit else 0


class CallsThrottle(BaseThrottle):
    """For the API, whoever asks by token or session; the middleware counts strangers."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            self.seconds = count_call(user_id=request.user.pk)
        return not self.seconds

    def wait(self) -> int:
        return self.seconds


class TooManyCallsMiddleware:
    """For the pages and the desk, and for strangers everywhere; the API counts its accounts itself.

    A token that lets nobody in is a stranger's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seconds = 0 if request.path in PROBES else _count_caller(request)
        return _refuse(request, seconds) if seconds else self.get_response(request)


def _count_caller(request: HttpRequest) -> int:
    is_api = request.path.startswith("/api/")
    if request.user.is_authenticated:
        return 0 if is_api else count_call(user_id=request.user.pk)
    return 0 if is_api and _has_token(request) else count_stranger(request)


def _has_token(request: HttpRequest) -> bool:
    """Return whether a token lets somebody in; the view is not asked for it once more."""
    try:
        return TokenAuthentication().authenticate(Request(request)) is not None
    except APIException:
        return False


def _refuse(request: HttpRequest, seconds: int) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith(("/api/", "/webhooks/")):
        message = _("Too many calls. Nothing was changed. Go on in %(seconds)d seconds.")
        detail = message % {"seconds": seconds}
        response = problem_response(status=429, code="throttled", detail=detail)
    else:
        until = timezone.now() + timedelta(seconds=seconds)
        response = render(request, "429.html", {"until": until, "is_flood": True}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
