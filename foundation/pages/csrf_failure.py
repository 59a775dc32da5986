"""The answer to a form whose CSRF token is no longer valid: a page that helps to send it again.

Tokens change at log-in, so a form left open in another tab is stale. That is no attack: the browser
says that it comes from this site. Only then are the typed values given back, ready to be sent.
"""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from foundation.pages.methods import accepts_get, split_url

CSRF_FIELD = "csrfmiddlewaretoken"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Lead on where the form has become pointless, else show it again or offer to resend it."""
    if request.path == resolve_url(settings.LOGIN_URL):
        return _show_log_in(request)
    fields = _typed_fields(request) if _comes_from_this_site(request) else []
    context = {
        "fields": fields,
        "action": request.get_full_path(),
        "has_files": bool(request.FILES) and bool(fields),
    }
    return render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)


def _show_log_in(request: HttpRequest) -> HttpResponseBase:
    """Lead on a user who logged in in another tab; give everybody else a form that works."""
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    message = _("This log-in form had expired. Enter your password once more.")
    messages.warning(request, message)
    typed = {"login": request.POST.get("login", "")}
    request.method = "GET"
    response = LoginView.as_view(initial=typed)(request)
    response.status_code = HTTPStatus.FORBIDDEN
    return response


def _next_page(request: HttpRequest) -> str:
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if is_ours and accepts_get(target) else resolve_url(settings.LOGIN_REDIRECT_URL)


def _comes_from_this_site(request: HttpRequest) -> bool:
    """Return whether the browser vouches for it; no other site can make it say so."""
    if fetch_site := request.headers.get("Sec-Fetch-Site"):
        return fetch_site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return split_url(origin).netloc == request.get_host()


def _typed_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what to send again; nothing where a password is among it, which no page repeats."""
    if any("password" in name for name in request.POST):
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != CSRF_FIELD
    ]
