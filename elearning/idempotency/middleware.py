"""Answer a request under a key once, and its repetitions with the first answer."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from apps import sealing
from apps.crash_points import CrashPoint, reach
from apps.strict import CLAIM
from apps.students import services as students
from elearning.idempotency.claims import claim, give_back
from elearning.idempotency.digests import HEADER, KEY_PATTERN, KeyedRequest
from elearning.models import IdempotentRequest
from elearning.problems import problem_response

METHODS = {"POST", "PATCH", "DELETE"}
REPLAYED_HEADER = "Idempotent-Replayed"
KEPT_HEADERS = ("Cache-Control", "Content-Language", "ETag", "Location", "Retry-After")
KEPT_REFUSALS = {400, 402}
"""About the request itself (400), or after a try with money (402). Every other refusal is about the
moment, the caller or the address, and a later try may not meet it."""
LOG_IN, SIGN_UP = "api-token", "api-students"
STRANGER = "nobody"
"""All strangers share one scope, in which an answer is only got by sending the very request, with
its password, that it was given to."""

logger = logging.getLogger(__name__)


class IdempotencyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if request.method not in METHODS or key is None or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not re.fullmatch(KEY_PATTERN, key):
            return _refuse_key()
        name, scope = _name_of(request), _scope(request)
        if name is None or (scope == STRANGER and name not in {LOG_IN, SIGN_UP}):
            return self.get_response(request)  # a 404 or a 401, of which nothing is kept
        asked = KeyedRequest.of(request)
        row, is_first = claim(scope=scope, key=key, fingerprints=asked.fingerprints)
        if not is_first and _has_ended(row, name, asked):
            give_back(row)
            row, is_first = claim(scope=scope, key=key, fingerprints=asked.fingerprints)
        return self._answer_first(row, request, asked) if is_first else _answer_again(row, asked)

    def _answer_first(
        self, row: IdempotentRequest, request: HttpRequest, asked: KeyedRequest
    ) -> HttpResponse:
        request.META[CLAIM] = row.pk
        try:
            response = self.get_response(request)
        except BaseException:
            give_back(row)
            raise
        reach(CrashPoint.POST_DONE)
        done = 200 <= response.status_code < 300
        if done or (response.status_code in KEPT_REFUSALS and row.scope != STRANGER):
            _keep(row, response, asked)
        else:
            give_back(row)
        return response


def _name_of(request: HttpRequest) -> str | None:
    """Return the name of what is at the address, or None for nothing."""
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return None


def _scope(request: HttpRequest) -> str:
    """Return who asks, so that nobody reads another's answers."""
    session_user = request.user
    authenticators = APIView().get_authenticators()
    try:
        user = Request(request, authenticators=authenticators).user
    except APIException:
        return STRANGER
    finally:
        request.user = session_user  # authenticating has changed it; the view does so once more
    return f"user {user.pk}" if user.is_authenticated else STRANGER


def _has_ended(row: IdempotentRequest, name: str, asked: KeyedRequest) -> bool:
    """Return whether the answer is a token that no longer lets anybody in: log in anew then."""
    if name != LOG_IN or row.status_code != 200 or row.fingerprint not in asked.fingerprints:
        return False
    try:
        answer = json.loads(asked.fernet.decrypt(bytes(row.body)))
    except sealing.InvalidToken:
        return False
    return not students.token_is_live(token=answer["token"])


def _answer_again(row: IdempotentRequest, asked: KeyedRequest) -> HttpResponse:
    if row.fingerprint not in asked.fingerprints:
        message = _("This key was used for another request. Send a new key.")
        return problem_response(status=422, code="idempotency_key_reused", detail=message)
    if row.status_code is None:
        message = _("The first request under this key is still under way. Try again shortly.")
        response = problem_response(status=409, code="idempotency_key_in_flight", detail=message)
        response["Retry-After"] = "1"
        return response
    try:
        body = asked.fernet.decrypt(bytes(row.body))
    except sealing.InvalidToken:
        logger.warning("The answer kept under a key cannot be read: too large, or altered?")
        message = _("The first answer can no longer be read. Look up what it did.")
        return problem_response(status=409, code="idempotency_answer_lost", detail=message)
    headers = {"Content-Type": row.content_type, **row.headers, REPLAYED_HEADER: "true"}
    first = HttpResponse(body, status=row.status_code, headers=headers)
    if not row.content_type:
        del first["Content-Type"]
    return first


def _keep(row: IdempotentRequest, response: HttpResponse, asked: KeyedRequest) -> None:
    """Keep the answer; of one that is too large only that it was given."""
    fits = len(response.content) <= settings.IDEMPOTENCY_MAX_ANSWER_BYTES
    IdempotentRequest.objects.filter(pk=row.pk).update(
        status_code=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=asked.fernet.encrypt(response.content) if fits else b"",
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
    )


def _refuse_key() -> HttpResponse:
    message = _("Send a key of 1 to 255 printable ASCII characters.")
    errors = [{"field": HEADER, "message": message, "code": "invalid"}]
    return problem_response(status=400, code="invalid", detail=message, errors=errors)
