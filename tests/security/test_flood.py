"""One account can ask only so often, by pages and API together; others do not notice."""

from __future__ import annotations

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client

from apps.students.models import User

pytestmark = pytest.mark.django_db
ME = "/api/v1/students/me/"
NOON = "2026-11-25T12:00:20+00:00"


@pytest.fixture(autouse=True)
def few_calls(settings):
    caches["calls"].clear()
    settings.CALLS_PER_MINUTE = 4
    yield
    caches["calls"].clear()


def test_calls_above_the_limit_are_a_429_until_the_minute_is_over(alice, client_of):
    api = client_of(alice)
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [api.get(ME) for _ in range(6)]
        clock.shift(41)
        later = api.get(ME)

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1]["Retry-After"] == "40"
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert answers[-1].json()["code"] == "throttled"
    assert later.status_code == 200


def test_pages_and_api_count_together(alice, client_of):
    page = Client()
    page.cookies["django_language"] = "en"
    page.force_login(alice)
    with time_machine.travel(NOON, tick=False):
        assert [page.get("/my/").status_code for _ in range(2)] == [200] * 2
        assert [client_of(alice).get(ME).status_code for _ in range(3)] == [200, 200, 429]
        flooded = page.get("/my/")

    assert (flooded.status_code, flooded["Retry-After"]) == (429, "40")
    assert "Too many calls" in flooded.text


def test_others_are_not_counted(alice, bob, client_of):
    with time_machine.travel(NOON, tick=False):
        for _ in range(5):
            client_of(alice).get(ME)
        assert client_of(bob).get(ME).status_code == 200


def test_call_that_is_refused_does_nothing(alice, client_of, make_course):
    with time_machine.travel(NOON, tick=False):
        course_id = make_course(price_minor=0)
        for _ in range(4):
            client_of(alice).get(ME)
        refused = client_of(alice).post("/api/v1/lectures/", {"course": course_id})

    assert refused.status_code == 429
    assert User.objects.get(pk=alice.pk).is_active
    assert client_of(alice).get("/api/v1/lectures/").json()["count"] == 0


def test_every_operation_behind_a_log_in_says_so(schema):
    silent = [
        (method, path)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if any(operation.get("security", [])) and "429" not in operation["responses"]
    ]

    assert silent == []
