"""The OpenAPI schema is valid, complete and served without any outside host."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate

METHODS_WITH_BODY = {"post", "put", "patch"}


@pytest.fixture(scope="session")
def operations(schema):
    return {
        f"{method.upper()} {path}": operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    }


def test_schema_is_valid(schema):
    validate(schema)


def test_schema_names_the_calls_of_the_design(operations):
    assert set(operations) == {
        "POST /api/v1/auth/token/",
        "GET /api/v1/auth/tokens/",
        "DELETE /api/v1/auth/tokens/{token_id}/",
        "POST /api/v1/students/",
        "GET /api/v1/students/me/",
        "GET /api/v1/history/",
        "GET /api/v1/courses/",
        "POST /api/v1/courses/",
        "GET /api/v1/courses/{course_id}/",
        "PATCH /api/v1/courses/{course_id}/",
        "DELETE /api/v1/courses/{course_id}/",
        "GET /api/v1/courses/{course_id}/lessons/",
        "GET /api/v1/lectures/",
        "POST /api/v1/lectures/",
        "GET /api/v1/lectures/{enrollment_id}/",
        "PATCH /api/v1/lectures/{enrollment_id}/",
        "POST /api/v1/lectures/{enrollment_id}/lessons/{lesson_id}/completion/",
        "GET /api/v1/waiting-list/",
        "POST /api/v1/waiting-list/",
        "GET /api/v1/waiting-list/{entry_id}/",
        "DELETE /api/v1/waiting-list/{entry_id}/",
        "GET /api/v1/payments/{payment_id}/",
        "PATCH /api/v1/payments/{payment_id}/",
        "POST /api/v1/payments/{payment_id}/charges/",
        "GET /api/v1/certificates/",
        "GET /api/v1/certificates/{certificate_id}/",
    }


def test_every_operation_is_told(operations):
    for name, operation in operations.items():
        for part in ("operationId", "summary", "description", "tags"):
            assert operation.get(part), f"{name} has no {part}"
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or "$ref" in parameter, f"{name}: {parameter}"


def test_every_field_is_described(schema):
    for name, component in schema["components"]["schemas"].items():
        if not name.endswith("Enum"):
            assert component.get("description"), name
        for field, value in component.get("properties", {}).items():
            described = value.get("description") or field == "results"
            assert described, f"{name}.{field}"


def test_every_operation_has_examples(operations):
    for name, operation in operations.items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content.get("examples"), f"{name}: body"
        for status, response in operation["responses"].items():
            assert response["description"], f"{name}: {status}"
            for content in response.get("content", {}).values():
                assert content.get("examples"), f"{name}: {status}"


def test_every_example_fits_its_schema(operations, complaints):
    wrong = []
    for name, operation in operations.items():
        contents = [*operation.get("requestBody", {}).get("content", {}).values()]
        for response in operation["responses"].values():
            contents += response.get("content", {}).values()
        for content in contents:
            for title, example in content["examples"].items():
                found = complaints(example["value"], content["schema"])
                wrong += [f"{name} {title}: {complaint}" for complaint in found]

    assert wrong == []


def test_every_operation_tells_of_its_refusals(operations):
    for name, operation in operations.items():
        method = name.split()[0].lower()
        expected = {"406", "500", "503"}
        if method in METHODS_WITH_BODY:
            expected |= {"400", "413", "415"}
        if method == "post":
            expected |= {"409", "422"}
        if "auth/token" not in name and not name.endswith("students/"):
            expected |= {"401"}
        assert expected <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert set(response["content"]) == {"application/problem+json"}


def test_bodies_take_no_other_fields(schema):
    bodies = [name for name in schema["components"]["schemas"] if name.endswith("Request")]

    assert bodies
    for name in bodies:
        assert schema["components"]["schemas"][name]["additionalProperties"] is False


def test_schema_is_english_whatever_is_asked_for(client_of, db):
    answers = [
        client_of(HTTP_ACCEPT_LANGUAGE=language).get("/api/schema/?format=json").content
        for language in ("ko", "en")
    ]

    assert answers[0] == answers[1]
    assert not re.search("[가-힣]", answers[0].decode().replace("한국어", ""))


def test_swagger_page_names_no_outside_host(client_of, db):
    response = client_of(HTTP_ACCEPT="text/html").get("/api/docs/")

    assert response.status_code == 200
    hosts = set(re.findall(r"(?:https?:)?//([\w.-]+)", response.content.decode()))
    assert hosts <= {"testserver"}
    assert "default-src 'self'" in response["Content-Security-Policy"]
