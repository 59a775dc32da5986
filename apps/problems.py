"""Refusals of the API as the OpenAPI schema tells of them: in English, whatever is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

PROBLEM_TYPE = "application/problem+json"
STALE = {412: {"precondition_failed": "This has changed since you read it. Nothing was done."}}
"""Of operations that take If-Match."""
Responses = dict[tuple[int, str], OpenApiResponse]


class FieldErrorSerializer(serializers.Serializer):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="The name of the field, parameter or header.")
    message = serializers.CharField(help_text="What is wrong with it and what to do.")
    code = serializers.CharField(help_text="Stable word for programs, such as `required`.")


class ProblemSerializer(serializers.Serializer):
    """An error after RFC 9457. Programs go by `code`; people read `detail`."""

    type = serializers.CharField(help_text="Always `about:blank`: `code` tells the kinds apart.")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    code = serializers.CharField(help_text="Stable word for programs, such as `course_full`.")
    detail = serializers.CharField(
        help_text="What happened and what to do, in the language of `Accept-Language`."
    )
    instance = serializers.CharField(
        required=False,
        help_text="With `already_enrolled`: the address of the enrollment that is there already.",
    )
    lecture = serializers.IntegerField(
        required=False, help_text="With `already_enrolled`: the id of that enrollment."
    )
    errors = FieldErrorSerializer(  # type: ignore[assignment]  # the name is the RFC's
        many=True, required=False, help_text="With `400`: each field that cannot be taken."
    )
    decline_code = serializers.CharField(
        required=False, help_text="With `402`: why the gateway declined the card."
    )


def problems(refusals: Mapping[int, Mapping[str, str]]) -> Responses:
    """Return the responses that document ``{status: {code: detail}}``."""
    return {
        (status, PROBLEM_TYPE): OpenApiResponse(
            ProblemSerializer,
            description=HTTPStatus(status).phrase,
            examples=[_example(status, code, detail) for code, detail in details.items()],
        )
        for status, details in refusals.items()
    }


def problem_example(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return the body of a problem as the schema shows it."""
    head = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return {**head, "code": code, "detail": detail, **more}


def _example(status: int, code: str, detail: str) -> OpenApiExample:
    more = {"decline_code": code} if status == HTTPStatus.PAYMENT_REQUIRED else {}
    code = "payment_declined" if more else code
    return OpenApiExample(
        more.get("decline_code", code), value=problem_example(status, code, detail, **more)
    )
