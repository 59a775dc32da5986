"""Lists: pages, filters, order, and what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

AUTHENTICATION_QUERIES = 1


def titles(response):
    return [course["title"] for course in response.json()["results"]]


@pytest.fixture
def catalogue(make_course):
    make_course(title="파이썬 입문", category="개발", language="ko", price_minor=0)
    make_course(
        title="SQL", category="Data", language="en", price_minor=9_000,
        starts_at="2030-01-01T00:00:00Z",
    )  # fmt: skip
    make_course(
        title="Drawing", category="Art", language="en", price_minor=5_000,
        summary="From sql to sketch", enrollment_opens_at="2100-01-01T00:00:00Z",
    )  # fmt: skip
    make_course(title="Draft", opened=False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=파이썬", ["파이썬 입문"]),
        ("search=SQL&order=price", ["Drawing", "SQL"]),
        ("search=", ["SQL", "Drawing", "파이썬 입문"]),
        ("search=%25", []),
        ("category=Data", ["SQL"]),
        ("language=ko", ["파이썬 입문"]),
        ("price=free", ["파이썬 입문"]),
        ("price=paid&order=-price", ["SQL", "Drawing"]),
        ("availability=upcoming", ["Drawing"]),
        ("availability=open&language=en", ["SQL"]),
        ("order=newest", ["Drawing", "SQL", "파이썬 입문"]),
        ("order=rating", ["Drawing", "SQL", "파이썬 입문"]),
    ],
)
def test_catalogue_is_searched_filtered_and_ordered(catalogue, client_of, query, found):
    assert titles(client_of().get(f"/api/v1/courses/?{query}")) == found


def test_staff_filter_by_state(catalogue, carol, client_of):
    assert titles(client_of(carol).get("/api/v1/courses/?status=draft")) == ["Draft"]
    assert client_of(carol).get("/api/v1/courses/").json()["count"] == 4


def test_course_tells_what_integrations_rely_on(client_of, make_course):
    course = client_of().get(f"/api/v1/courses/{make_course(capacity=10)}/").json()

    assert {
        *("title", "slug", "summary", "description", "category", "price_minor", "currency"),
        *("capacity", "seats_taken", "enrollment_opens_at", "enrollment_closes_at", "starts_at"),
        *("ends_at", "completion_threshold_percent", "refund_policy", "status"),
    } <= set(course)
    assert (course["capacity"], course["seats_left"], course["lesson_count"]) == (10, 10, 3)


def test_enrollments_are_filtered(alice, bob, carol, client_of, make_course, enroll, pay):
    first, second = make_course(), make_course(title="Second")
    pay(enroll(alice, first), alice)
    enroll(alice, second)
    enroll(bob, first)

    def count(person, query):
        return client_of(person).get(f"/api/v1/lectures/?{query}").json()["count"]

    assert count(alice, "") == 2
    assert count(alice, f"student={alice.pk}") == 2
    assert count(alice, "status=approved") == 1
    assert count(alice, f"course={second}&status=requested") == 1
    assert count(carol, f"course={first}") == 2
    assert count(carol, f"student={bob.pk}") == 1


def test_pages_follow_each_other(client_of, make_course):
    for number in range(5):
        make_course(title=f"Course {number}")

    first = client_of().get("/api/v1/courses/?page_size=2&order=newest").json()
    second = client_of().get(first["next"]).json()
    third = client_of().get(second["next"]).json()

    assert first["count"] == 5
    assert (first["previous"], third["next"]) == (None, None)
    pages = (first, second, third)
    seen = [course["title"] for page in pages for course in page["results"]]
    assert seen == [f"Course {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("enrollments", [1, 25])
def test_history_costs_three_queries(alice, client_of, make_course, enroll, enrollments, settings):
    settings.OPEN_HOLDS_PER_STUDENT = enrollments
    for number in range(enrollments):
        enroll(alice, make_course(title=f"Course {number}", lessons=0))
    client = client_of(alice)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get("/api/v1/history/?page_size=100").json()

    assert len(queries) == AUTHENTICATION_QUERIES + 3
    assert page["count"] == len(page["results"]) == enrollments
    assert all(entry["timeline"] for entry in page["results"])


@pytest.mark.parametrize("enrollments", [1, 10])
def test_enrollments_cost_four_queries(
    alice, client_of, make_course, enroll, enrollments, settings
):
    settings.OPEN_HOLDS_PER_STUDENT = enrollments
    for number in range(enrollments):
        enroll(alice, make_course(title=f"Course {number}", lessons=0))
    client = client_of(alice)

    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/lectures/")

    assert len(queries) == AUTHENTICATION_QUERIES + 4


@pytest.mark.parametrize("courses", [1, 10])
def test_catalogue_costs_two_queries(client_of, make_course, courses):
    for number in range(courses):
        make_course(title=f"Course {number}")
    client = client_of()

    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/courses/")

    assert len(queries) == 2


def test_history_is_read_from_the_read_model_alone(alice, client_of, make_course, enroll):
    enroll(alice, make_course())
    client = client_of(alice)

    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/history/")

    tables = " ".join(query["sql"] for query in queries.captured_queries)
    assert "students_historyentry" in tables
    for foreign in ("lectures_", "payments_", "courses_", "certification_"):
        assert foreign not in tables
