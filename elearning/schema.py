"""What is true of every operation of the API, added to the OpenAPI schema in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apps.problems import PROBLEM_TYPE, problem_example
from elearning.idempotency import HEADER, KEY_PATTERN, REPLAYED_HEADER
from elearning.pagination import Pagination
from foundation.api.preconditions import IF_MATCH, describe_preconditions

Operation = dict[str, Any]

DESCRIPTION = """\
Everything that an integration does with the school. The nouns are those of the pages: an enrollment
is one student's taking of one course and lives at `/lectures/`.

**Who asks.** `Authorization: Token …` with a token from `POST /api/v1/auth/token/`, or the session
of the pages together with `X-CSRFToken`. What is not yours is a `404`. "Staff" means staff with the
right to do it, which is the same as at the desk.

**Money** is an integer in the currency's smallest unit (`50000` with `KRW` is ₩50,000; `5000` with
`USD` is $50.00). **Times** are ISO 8601; one that is sent without an offset is meant in the
school's time zone.

**Input is strict.** A field that does not exist, cannot be set, or is sent twice is a `400` that
names it. Integers are JSON integers: `"10"`, `10.0` and `true` are refused.

**Errors** are problem details (RFC 9457). Programs go by `code`, which stays; people read `detail`,
in the language of `Accept-Language` (`ko` or `en`).

**Lists** come in pages: follow `next`.

**Doing it once.** Every POST, PATCH and DELETE takes an `Idempotency-Key`: the same key with the
same request gives the first answer again, for 24 hours; with another one it is a `422`. The same
JSON in another order or spacing is the same request. A refusal that a later try may not meet, such
as `course_full` or `payment_in_progress`, is not kept: send the same key again. Without a log-in,
only a log-in or sign-up that succeeded is kept, and a log-in's answer as long as its token lives.

**Changing what you have read.** What is shown by itself has an `ETag`. Sent as `If-Match` with a
PATCH or DELETE, it is compared in the same transaction: if anything that you could see has changed
since, such as the refund, nothing is done and the answer is a `412`. Without it, the last one wins.

**Too much.** One account may ask 600 times a minute, far more than people do, and one network
address 1,200 times without a log-in; then comes a `429` with `Retry-After`. What is guessed, such
as a password, has narrower limits of its own. A body has at most 16 kB (256 kB for a course), an
object at most 64 members; of many errors the first 20 are named.

`GET /verify/{code}/` with `Accept: application/json` verifies a certificate, without log-in;
`GET /healthz` and `GET /readyz` tell how the system is.
"""

TAGS = {
    "Log-in and students": "Tokens, sign-up, and who I am.",
    "Courses": "The catalogue for everyone, and its care for staff.",
    "Enrollments": "Enroll or wait for a seat, learn, cancel.",
    "Payments": "Pay, or pay later.",
    "Certificates": "The proof of completion.",
    "History": "What a student looks back on.",
}

IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A word of your own for this request, such as a UUID: sent again with the same "
    "request it gets the first answer again.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
REPLAYED = {
    "description": "`true` when this is the first answer again.",
    "schema": {"type": "string", "enum": ["true"]},
}
RETRY_AFTER = {
    "description": "Seconds until another try makes sense.",
    "schema": {"type": "integer"},
}
WWW_AUTHENTICATE = {"description": "`Token`.", "schema": {"type": "string"}}
SLUG = r"^[-\w]+$"
"""Python's; in a schema it would mean ASCII letters only, and slugs are Korean."""
HEADERS = {
    401: {"WWW-Authenticate": WWW_AUTHENTICATE},
    429: {"Retry-After": RETRY_AFTER},
    503: {"Retry-After": RETRY_AFTER},
}


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    detail: str


INVALID = Refusal(400, "invalid", "Some fields cannot be taken as they are; errors names them.")
NOT_JSON = Refusal(400, "parse_error", "The body is not valid JSON: … Correct it.")
NO_LOG_IN = Refusal(401, "not_authenticated", "Nobody is logged in. Send Authorization: Token …")
NO_SECOND_FACTOR = Refusal(403, "second_factor_required", "Staff need the second factor. …")
NO_CSRF = Refusal(403, "csrf_failed", "Send the CSRF token in the X-CSRFToken header, …")
UNKNOWN = Refusal(404, "not_found", "There is no such thing, or it is not yours.")
NOT_JSON_WANTED = Refusal(406, "not_acceptable", "Could not satisfy the request Accept header.")
IN_FLIGHT = Refusal(409, "idempotency_key_in_flight", "The first request is still under way.")
TOO_LARGE = Refusal(413, "too_large", "The body is too large. Send less at once.")
COMPRESSED = Refusal(415, "unsupported_content_encoding", "Send the body as it is, without …")
NO_JSON_TYPE = Refusal(415, "unsupported_media_type", 'Unsupported media type "text/plain".')
LOST = Refusal(409, "idempotency_answer_lost", "The first answer can no longer be read. …")
REUSED = Refusal(422, "idempotency_key_reused", "This key was used for another request.")
FLOOD = Refusal(429, "throttled", "Request was throttled. Expected available in 30 seconds.")
FAULT = Refusal(500, "error", "Something went wrong on our side. Please try again later.")
BUSY = Refusal(503, "busy", "Too many people want this at the moment. Try again shortly.")


def complete(result: dict[str, Any], *context: Any, **more: Any) -> dict[str, Any]:
    """Add what every operation shares: drf-spectacular's postprocessing hook."""
    result["info"]["description"] = DESCRIPTION
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    result["components"]["parameters"] = {
        "IdempotencyKey": IDEMPOTENCY_KEY,
        "IfMatch": IF_MATCH,
    }
    for name, component in result["components"]["schemas"].items():
        _tidy(name, component)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _add_pages(operation)
            if method in {"post", "patch", "delete"}:
                _add_idempotency(operation)
            for refusal in _refusals(path, method, operation):
                _add_refusal(operation, refusal)
            _finish(operation)
        describe_preconditions(operations)
        _link_to_what_is_made(path, operations, result["paths"])
    return result


def _tidy(name: str, component: dict[str, Any]) -> None:
    """Drop the translated labels, and say of bodies that they take no other fields."""
    for field in component.get("properties", {}).values():
        field.pop("title", None)
        for kind in field.get("oneOf", []):
            if kind.get("pattern") == SLUG and not name.endswith("Request"):
                del kind["pattern"]
    if name.endswith("Request"):
        component["additionalProperties"] = False
    if name.startswith("Paginated"):
        component["properties"]["results"]["description"] = "The entries of this page."


def _add_pages(operation: Operation) -> None:
    """Say of every list in pages how to turn them, whatever filters it names itself."""
    content = operation["responses"].get("200", {}).get("content", {})
    answer = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    parameters = operation.setdefault("parameters", [])
    if "/Paginated" in answer and not any(one.get("name") == "page" for one in parameters):
        parameters += Pagination().get_schema_operation_parameters(view=None)


def _add_idempotency(operation: Operation) -> None:
    operation.setdefault("parameters", []).append(
        {"$ref": "#/components/parameters/IdempotencyKey"}
    )
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {})[REPLAYED_HEADER] = REPLAYED


def _refusals(path: str, method: str, operation: Operation) -> Iterator[Refusal]:
    query = {one.get("name") for one in operation.get("parameters", []) if one.get("in") == "query"}
    if query or "requestBody" in operation or method in {"post", "delete"}:
        yield INVALID
    if method in {"post", "patch"}:
        yield from (NOT_JSON, TOO_LARGE, NO_JSON_TYPE, COMPRESSED)
    if method in {"post", "patch", "delete"}:
        yield from (IN_FLIGHT, LOST, REUSED)
    if any(operation.get("security", [])):
        yield from (NO_LOG_IN, NO_SECOND_FACTOR)
        if method != "get":
            yield NO_CSRF
    if "{" in path or "page" in query:
        yield UNKNOWN
    yield from (NOT_JSON_WANTED, FLOOD, FAULT, BUSY)


def _add_refusal(operation: Operation, refusal: Refusal) -> None:
    more: dict[str, Any] = {}
    if refusal is INVALID:
        more["errors"] = [
            {"field": "name", "message": "This field is required.", "code": "required"}
        ]
    response = operation["responses"].setdefault(
        str(refusal.status), {"description": HTTPStatus(refusal.status).phrase}
    )
    content = response.setdefault("content", {}).setdefault(
        PROBLEM_TYPE, {"schema": {"$ref": "#/components/schemas/Problem"}}
    )
    value = problem_example(refusal.status, refusal.code, refusal.detail, **more)
    content.setdefault("examples", {})[refusal.code] = {"value": value}


def _link_to_what_is_made(path: str, operations: Operation, paths: dict[str, Operation]) -> None:
    """Say of what is made where it is: the operations on it, by the ``id`` of the answer."""
    made = operations.get("post", {}).get("responses", {}).get("201")
    for item, offered in paths.items():
        named = re.fullmatch(re.escape(path) + r"{(\w+)}/", item)
        if made and named:
            made["links"] = {
                operation["operationId"]: {
                    "operationId": operation["operationId"],
                    "parameters": {named.group(1): "$response.body#/id"},
                }
                for operation in offered.values()
            }


def _finish(operation: Operation) -> None:
    responses = operation["responses"]
    for status, headers in HEADERS.items():
        if str(status) in responses:
            responses[str(status)].setdefault("headers", {}).update(headers)
    for status, response in responses.items():
        response["description"] = response["description"] or HTTPStatus(int(status)).phrase
    operation["responses"] = dict(sorted(responses.items()))
