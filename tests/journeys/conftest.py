"""People and courses of a journey's own, made over the API of the running system."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.running import Api, System


@pytest.fixture
def carol(system: System) -> Api:
    return system.api.log_in("carol@example.com")


@pytest.fixture
def student(system: System, request: pytest.FixtureRequest) -> Api:
    """A student of the test's own, so that no journey trips over another."""
    name = re.sub(r"[^a-z]+", "-", request.node.name)
    return system.api.sign_up(f"{name[-50:].strip('-')}@example.com")


@pytest.fixture
def open_course(carol: Api) -> Callable[..., int]:
    def register(**fields: Any) -> int:
        offer = {"title": "A journey", "price_minor": 30_000, "currency": "KRW", **fields}
        course = carol("POST", "/api/v1/courses/", offer)
        assert course.status == 201, course.body
        opened = carol("PATCH", f"/api/v1/courses/{course.body['id']}/", {"status": "open"})
        assert opened.status == 200, opened.body
        return int(course.body["id"])

    return register


@pytest.fixture
def enrolled(carol: Api, open_course: Callable[..., int]) -> Callable[[Api], int]:
    """Enroll a student in a paid course of the test's own and pay; returns the lecture's id."""

    def enroll(student: Api) -> int:
        lecture = student("POST", "/api/v1/lectures/", {"course": open_course()}).body
        charges = f"/api/v1/payments/{lecture['payment']['id']}/charges/"
        assert student("POST", charges, {"token": "tok_approved"}).status == 201
        return int(lecture["id"])

    return enroll
