"""How often one account may ask, by pages, desk and API together: more than people ever do.

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
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

MINUTE = 60


def count_call(*, user_id: int) -> int:
    """Count a call. Returns 0, or for how many seconds no more are taken."""
    minute, second = divmod(int(time.time()), MINUTE)
    counts, key = caches["calls"], f"{user_id}:{minute}"
    counts.add(key, 0, timeout=MINUTE)
    try:
        calls = counts.incr(key)
    except ValueError:  # dropped meanwhile, to make room
        return 0
    return MINUTE - second if calls > settings.CALLS_PER_MINUTE else 0


class CallsThrottle(BaseThrottle):
    """For the API, whoever asks by token or session; strangers only read what is public."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            self.seconds = count_call(user_id=request.user.pk)
        return not self.seconds

    def wait(self) -> int:
        return self.seconds


class TooManyCallsMiddleware:
    """For the pages and the desk; the API knows its callers by token, and counts them itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        seconds = count_call(user_id=request.user.pk)
        if not seconds:
            return self.get_response(request)
        until = timezone.now() + timedelta(seconds=seconds)
        response = render(request, "429.html", {"until": until, "is_flood": True}, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response
