"""What a log-in of staff must have, before any page is shown to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.students import services

GetResponse = Callable[[HttpRequest], HttpResponse]

SEEN_AT = "staff_seen_at"
NOTED_EVERY_SECONDS = 60
OPEN = ("/accounts/", "/static/", "/i18n/", "/healthz", "/readyz", "/api/")
"""What a log-in without its second factor may ask for; the API looks by itself."""


class IdleStaffMiddleware:
    """Log staff out who have done nothing for STAFF_IDLE_SECONDS: screens are left open."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.is_staff:
            now = int(time.time())
            seen_at = request.session.get(SEEN_AT, now)
            if now - seen_at > settings.STAFF_IDLE_SECONDS:
                logout(request)
            elif now - seen_at > NOTED_EVERY_SECONDS or SEEN_AT not in request.session:
                request.session[SEEN_AT] = now
        return self.get_response(request)


class SecondFactorMiddleware:
    """Lead staff to the second factor, and nowhere else, until their log-in has it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_open = request.path.startswith(OPEN)
        if is_open or not services.session_lacks_second_factor(request=request, user=request.user):
            return self.get_response(request)
        if services.has_second_factor(user_id=request.user.pk or 0):
            here = request.get_full_path() if request.method == "GET" else request.path
            return redirect(reverse("mfa_reauthenticate", query={"next": here}))
        return redirect("mfa_activate_totp")
