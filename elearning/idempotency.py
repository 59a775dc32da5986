"""Idempotency-Key on every POST of the API: the same key and body give the first answer again.

After the IETF draft "The Idempotency-Key HTTP Header Field": another body under the same key is
422, a key whose first request is still under way is 409. Keys live IDEMPOTENCY_KEY_SECONDS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from elearning.models import IdempotentRequest
from elearning.problems import problem_response

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
KEPT_HEADERS = ("Location", "Retry-After")
MAX_KEY_LENGTH = 255
STALE_SECONDS = 60
"""A first request that has given no answer for so long died with its process."""
NOT_KEPT = {401, 403, 429}
"""Answers about the caller, not about the request: the next try may differ."""


class IdempotencyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isprintable():
            return _refuse(400, "invalid", _("Send a key of 1 to 255 printable characters."))
        row, is_first = _claim(scope=_scope(request), key=key, fingerprint=_fingerprint(request))
        if not is_first:
            return _answer_again(row, _fingerprint(request))
        try:
            response = self.get_response(request)
        except BaseException:
            row.delete()
            raise
        _keep(row, response)
        return response


def _scope(request: HttpRequest) -> str:
    """Return a digest of who asks, so that nobody reads another's answers."""
    credential = request.headers.get("Authorization") or request.COOKIES.get(
        settings.SESSION_COOKIE_NAME, ""
    )
    return hashlib.sha256(credential.encode()).hexdigest()


def _fingerprint(request: HttpRequest) -> str:
    return hashlib.sha256(request.get_full_path().encode() + b"\n" + request.body).hexdigest()


def _claim(*, scope: str, key: str, fingerprint: str) -> tuple[IdempotentRequest, bool]:
    now = timezone.now()
    rows = IdempotentRequest.objects.filter(scope=scope, key=key)
    rows.filter(created_at__lt=now - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS)).delete()
    rows.filter(
        status_code__isnull=True, created_at__lt=now - timedelta(seconds=STALE_SECONDS)
    ).delete()
    return IdempotentRequest.objects.get_or_create(
        scope=scope, key=key, defaults={"fingerprint": fingerprint}
    )


def _answer_again(row: IdempotentRequest, fingerprint: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        message = _("This key was used for another request. Send a new key.")
        return _refuse(422, "idempotency_key_reused", message)
    if row.status_code is None:
        message = _("The first request under this key is still under way. Try again shortly.")
        return _refuse(409, "idempotency_key_in_flight", message)
    headers = {**row.headers, REPLAYED_HEADER: "true"}
    return HttpResponse(
        bytes(row.body), status=row.status_code, content_type=row.content_type, headers=headers
    )


def _keep(row: IdempotentRequest, response: HttpResponse) -> None:
    if response.status_code >= 500 or response.status_code in NOT_KEPT:
        row.delete()
        return
    row.status_code = response.status_code
    row.content_type = response.headers.get("Content-Type", "")
    row.body = response.content
    row.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    row.save(update_fields=["status_code", "content_type", "body", "headers"])


def _refuse(status: int, code: str, message: str) -> HttpResponse:
    return problem_response(status=status, code=code, detail=message)


def forget_old_keys() -> int:
    """Delete the keys whose time is over. Returns how many."""
    ends_at = timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS)
    return IdempotentRequest.objects.filter(created_at__lt=ends_at).delete()[0]
