"""Clients of the API for the cast, and the schema that every answer is held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient

from apps.students.models import User


@pytest.fixture
def client_of() -> Callable[..., APIClient]:
    """Return a client that sends the user's token; without a user, a stranger's."""

    def make(user: User | None = None, **options: Any) -> APIClient:
        client = APIClient(**{"HTTP_ACCEPT_LANGUAGE": "en"} | options)
        if user is not None:
            _, token = AuthToken.objects.create(user=user)
            client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return client

    return make


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="session")
def complaints(schema: dict[str, Any]) -> Callable[[Any, dict[str, Any]], list[str]]:
    """Return what the OpenAPI schema finds wrong with a value."""
    resource = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry: Registry = Registry().with_resource("urn:schema", resource)

    def check(value: Any, wanted: dict[str, Any]) -> list[str]:
        there = {"$ref": wanted["$ref"].replace("#", "urn:schema#")}
        validator = OAS31Validator(there, registry=registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    return check
