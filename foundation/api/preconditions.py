"""``ETag`` and ``If-Match`` (RFC 9110, section 13): change what was read, or nothing.

The tag is that of the representation, so that whatever a reader could see has changed counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.agreement import Agreement, Outdated, require, token_of

STRONG_TAG = re.compile(r'(?<!W/)"([^"]*)"')


class PreconditionFailed(Outdated, APIException):
    """What is stored is not what the client has read. Nothing was done."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = _(
        "This has changed since you read it, so nothing was done. Read it again, and then decide."
    )


TAG_HEADER = {
    "description": "The tag of this representation; send it as `If-Match` to change just this.",
    "schema": {"type": "string"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the representation that was read: if it has changed since, "
    "nothing is done and the answer is a `412`.",
    "schema": {"type": "string"},
}


def describe_preconditions(operations: dict[str, dict[str, Any]]) -> None:
    """Add both headers to the operations of one address, in the OpenAPI schema."""
    for operation in operations.values():
        if str(HTTPStatus.PRECONDITION_FAILED.value) in operation["responses"]:
            parameters = operation.setdefault("parameters", [])
            parameters.append({"$ref": "#/components/parameters/IfMatch"})
            shown = operations.get("get", {}).get("responses", {}).get("200", {})
            shown.setdefault("headers", {})["ETag"] = TAG_HEADER


def tagged(data: Any) -> Response:
    """Return the representation with its tag."""
    return Response(data, headers={"ETag": f'"{token_of(data)}"'})


def precondition(request: Request, read: Callable[[], Any]) -> Agreement | None:
    """Return what ``If-Match`` asks for, to be handed to the service; None where it asks nothing.

    ``read`` returns the representation as it is. Raises PreconditionFailed where it has changed.
    """
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return None
    agreed = Agreement(tuple(STRONG_TAG.findall(header)), read, PreconditionFailed)
    require(agreed)
    return agreed
