"""Small steps around every request."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from apps.live import asks_live
from apps.refusals import TooManyTries
from apps.students import services
from elearning.context_processors import school
from elearning.problems import problem_response
from foundation.limits.bodies import TOO_LARGE, BodyFault, content_length, find_body_fault
from foundation.limits.jobs import JobRunning

GetResponse = Callable[[HttpRequest], HttpResponse]

STRICT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; frame-src https:"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
ADMIN_POLICY = STRICT_POLICY.replace(
    "default-src 'self';",
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline';",
)
DOCS_POLICY = STRICT_POLICY.replace(
    "default-src 'self';", "default-src 'self'; style-src 'self' 'unsafe-inline';"
)
POLICIES = {"/admin/": ADMIN_POLICY, "/api/docs/": DOCS_POLICY}


class ContentSecurityPolicyMiddleware:
    """No inline script or style on our pages.

    Swagger writes inline styles. The admin's theme is Alpine, which evaluates what stands in its
    attributes: no nonce or hash helps there, so escaping is what guards the desk.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        relaxed = (POLICIES[start] for start in POLICIES if request.path.startswith(start))
        policy = next(relaxed, STRICT_POLICY)
        policy = policy.replace("img-src 'self'", f"img-src 'self' {settings.FILES_ORIGIN}".strip())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class FilesOriginMiddleware:
    """Where uploads have a host of their own, it serves nothing else, and no other serves them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.FILES_ORIGIN:
            on_files_host = settings.FILES_ORIGIN.endswith("://" + request.get_host())
            if on_files_host != request.path.startswith("/files/"):
                return HttpResponse(status=404)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """The cookie's language, else the browser's, else the school's; the API follows its header."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path.startswith("/admin/") and translation.get_language() is None:
            translation.activate(settings.LANGUAGE_CODE)


class PlainHttpMiddleware:
    """Refuse programs that speak plain HTTP to production; only pages are led on to HTTPS.

    A redirect would answer as if nothing had happened, while the token has travelled in clear.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_for_programs = request.path.startswith(("/api/v1/", "/webhooks/"))
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not is_for_programs:
            return self.get_response(request)
        message = _("Use https. What was sent could be read on its way: make a new token.")
        return problem_response(status=403, code="https_required", detail=message)


class BodyLimitMiddleware:
    """Refuse a body that is too large or compressed before anything of it is read.

    Whether a token is sent, a session holds or the address exists makes no difference.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = find_body_fault(request)
        if fault is None:
            return self.get_response(request)
        response = self._refuse(request, fault)
        if fault.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            response.headers["Accept-Encoding"] = "identity"  # RFC 9110, 12.5.3
        return response

    def _refuse(self, request: HttpRequest, fault: BodyFault) -> HttpResponse:
        if request.path.startswith(("/api/", "/webhooks/")):
            detail = str(fault.detail)
            return problem_response(status=fault.status, code=fault.code, detail=detail)
        page = school(request) | {"message": fault.detail, "code": fault.status.value}
        return HttpResponse(render_to_string("400.html", page), status=fault.status)


class StaffBodyMiddleware(BodyLimitMiddleware):
    """Hold anyone but staff to the limit of a page where only staff may send more.

    Comes after the log-in is known and before the CSRF check, which reads the body.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_large = content_length(request) > settings.BODY_LIMITS["/"]
        is_for_staff = is_large and request.path.startswith(settings.STAFF_BODY_PATHS)
        if is_for_staff and not (request.user.is_authenticated and request.user.is_staff):
            return self._refuse(request, TOO_LARGE)
        return self.get_response(request)


class SessionAgeMiddleware:
    """End a log-in of SESSION_MAX_AGE_SECONDS, however busy it was."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and services.is_too_old(request.session):
            logout(request)
        return self.get_response(request)


class TimeZoneMiddleware:
    """Pages speak in the reader's time zone; the desk and the API in the school's, whoever asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone_of_reader(request)):
            return self.get_response(request)


def _zone_of_reader(request: HttpRequest) -> ZoneInfo | None:
    """Return None, which means the school's zone, where nobody is logged in."""
    if request.path.startswith(("/admin/", "/api/")) or request.user.is_anonymous:
        return None
    return request.user.zone


class FormErrorsMiddleware:
    """Answer 400 where a form of the account pages comes back with errors; allauth says 200."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        is_account_form = request.method == "POST" and request.path.startswith("/accounts/")
        if is_account_form and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 400
        return response


class LiveLogInMiddleware:
    """Where a piece of a page is sent to the log-in, the whole page goes there instead."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leads_to = response.headers.get("Location", "")
        if asks_live(request) and leads_to.startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponseClientRefresh()
        return response


class TooManyTriesMiddleware:
    """Answer 429 on the pages where something was tried too often, or is being done already."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooManyTries | JobRunning):
            return None
        until = error.until if isinstance(error, TooManyTries) else None
        response = render(request, "429.html", {"until": until}, status=429)
        response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response
