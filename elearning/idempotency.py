"""Idempotency-Key on every POST of the API: the same key and body give the first answer again.

After the IETF draft "The Idempotency-Key HTTP Header Field": another body under the same key is
422, a key whose first request is still under way is 409. Keys live IDEMPOTENCY_KEY_SECONDS.

What is kept tells a reader of the database nothing: answers hold tokens and bodies hold passwords,
so the fingerprint is keyed, and the answer is sealed under the request that it belongs to, where
nobody can alter it unseen.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta

from cryptography.fernet import MultiFernet
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from apps import sealing
from apps.crash_points import CrashPoint, reach
from apps.parsing import BodyTooLarge
from apps.strict import CLAIM
from elearning.models import IdempotentRequest
from elearning.problems import problem_response

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
KEPT_HEADERS = ("Cache-Control", "Location", "Retry-After")
KEY_PATTERN = "^[!-~]([ -~]{0,253}[!-~])?$"
"""1 to 255 printable ASCII characters, as in the draft; HTTP itself drops spaces around them."""
STALE_SECONDS = 60
"""A first request that has given no answer for so long died with its process: it is done again,
under the same claim, so that what it did before it died is found and not doubled."""
NOT_KEPT = {308, 401, 403, 429}
"""Answers about the address or the caller, not the request: the next try may differ."""

logger = logging.getLogger(__name__)


class IdempotencyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not re.fullmatch(KEY_PATTERN, key):
            return _refuse_key()
        try:
            fingerprints = _digests("fingerprint", request)
        except RequestDataTooBig:
            message = str(BodyTooLarge.default_detail)
            return problem_response(status=413, code=BodyTooLarge.default_code, detail=message)
        row, is_first = _claim(scope=_scope(request), key=key, fingerprints=fingerprints)
        if not is_first:
            return _answer_again(row, fingerprints, request)
        return self._answer_first(row, request)

    def _answer_first(self, row: IdempotentRequest, request: HttpRequest) -> HttpResponse:
        request.META[CLAIM] = row.pk
        try:
            response = self.get_response(request)
        except BaseException:
            row.delete()
            raise
        reach(CrashPoint.POST_DONE)
        if response.status_code >= 500 or response.status_code in NOT_KEPT:
            row.delete()
        else:
            _keep(row, response, request)
        return response


def _scope(request: HttpRequest) -> str:
    """Return who asks, so that nobody reads another's answers.

    Whoever cannot be told is nobody: all strangers share one scope, in which an answer is only got
    by sending the very request, with its password, that it was given to.
    """
    session_user = request.user
    authenticators = APIView().get_authenticators()
    try:
        user = Request(request, authenticators=authenticators).user
    except APIException:
        return "nobody"
    finally:
        request.user = session_user  # authenticating has changed it; the view does so once more
    return f"user {user.pk}" if user.is_authenticated else "nobody"


def _digests(purpose: str, request: HttpRequest) -> list[str]:
    """Return the request's digest under SECRET_KEY, and after it those under former ones."""
    content = request.get_full_path().encode() + b"\n" + request.body
    salt = f"elearning.idempotency.{purpose}"
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, content, key, algorithm="sha256").hexdigest() for key in keys]


def _claim(*, scope: str, key: str, fingerprints: list[str]) -> tuple[IdempotentRequest, bool]:
    now = timezone.now()
    rows = IdempotentRequest.objects.filter(scope=scope, key=key)
    rows.filter(created_at__lt=now - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS)).delete()
    dead = now - timedelta(seconds=STALE_SECONDS)
    died = rows.filter(fingerprint__in=fingerprints, status_code__isnull=True, created_at__lt=dead)
    try:
        row, is_first = IdempotentRequest.objects.get_or_create(
            scope=scope, key=key, defaults={"fingerprint": fingerprints[0]}
        )
        return row, is_first or died.update(created_at=now) == 1
    except IntegrityError:  # another was faster, and failed and gave the key back meanwhile
        return IdempotentRequest(scope=scope, key=key, fingerprint=fingerprints[0]), False


def _answer_again(
    row: IdempotentRequest, fingerprints: list[str], request: HttpRequest
) -> HttpResponse:
    if row.fingerprint not in fingerprints:
        message = _("This key was used for another request. Send a new key.")
        return problem_response(status=422, code="idempotency_key_reused", detail=message)
    if row.status_code is None:
        message = _("The first request under this key is still under way. Try again shortly.")
        response = problem_response(status=409, code="idempotency_key_in_flight", detail=message)
        response["Retry-After"] = "1"
        return response
    try:
        body = _seal_of(request).decrypt(bytes(row.body))
    except sealing.InvalidToken:
        logger.exception("The answer kept under a key cannot be opened: was it altered?")
        message = _("The first answer can no longer be read. Look up what it did.")
        return problem_response(status=409, code="idempotency_answer_lost", detail=message)
    headers = {**row.headers, REPLAYED_HEADER: "true"}
    return HttpResponse(
        body, status=row.status_code, content_type=row.content_type, headers=headers
    )


def _keep(row: IdempotentRequest, response: HttpResponse, request: HttpRequest) -> None:
    IdempotentRequest.objects.filter(pk=row.pk).update(
        status_code=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=_seal_of(request).encrypt(response.content),
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
    )


def _seal_of(request: HttpRequest) -> MultiFernet:
    """Return the seal that only the same request yields."""
    return sealing.under(_digests("seal", request), purpose="idempotency")


def _refuse_key() -> HttpResponse:
    message = _("Send a key of 1 to 255 printable ASCII characters.")
    errors = [{"field": HEADER, "message": message, "code": "invalid"}]
    return problem_response(status=400, code="invalid", detail=message, errors=errors)


def forget_keys_of(*, user_id: int) -> int:
    """Delete the keys of one user. Returns how many."""
    return IdempotentRequest.objects.filter(scope=f"user {user_id}").delete()[0]


def forget_old_keys() -> int:
    """Delete the keys whose time is over. Returns how many."""
    ends_at = timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS)
    return IdempotentRequest.objects.filter(created_at__lt=ends_at).delete()[0]
