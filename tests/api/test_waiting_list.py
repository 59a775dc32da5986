"""Waiting lists over HTTP: join, look, leave, and enroll with the seat that was offered."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.courses.models import Course
from apps.lectures import services
from apps.lectures.models import WaitingListEntry

WAITING_LIST = "/api/v1/waiting-list/"
HUGE = 10**30


@pytest.fixture
def full(alice, make_course, enroll):
    """A course whose only seat Alice holds: the course's id and her enrollment's."""
    course_id = make_course(capacity=1)
    return course_id, enroll(alice, course_id)


def test_student_joins_is_offered_the_seat_and_takes_it(full, bob, mallory, client_of):
    his, hers = client_of(bob), client_of(mallory)

    joined = his.post(WAITING_LIST, {"course": full[0]})
    hers.post(WAITING_LIST, {"course": full[0]})

    assert joined.status_code == 201, joined.content
    place = his.get(joined["Location"]).json()
    assert place == joined.json()
    assert (place["status"], place["position"], place["offered_until"]) == ("waiting", 1, None)
    assert hers.get(WAITING_LIST).json()["results"][0]["position"] == 2
    services.cancel_enrollment(enrollment_id=full[1], student_id=None)
    offered = his.get(joined["Location"]).json()
    assert (offered["status"], offered["position"]) == ("offered", None)
    assert offered["offered_until"]
    assert hers.post("/api/v1/lectures/", {"course": full[0]}).json()["code"] == "course_full"
    lecture = his.post("/api/v1/lectures/", {"course": full[0]})
    assert lecture.status_code == 201
    accepted = his.get(joined["Location"]).json()
    assert (accepted["status"], accepted["lecture"]) == ("accepted", lecture.json()["id"])
    assert hers.get(WAITING_LIST).json()["results"][0]["position"] == 1


def test_student_leaves_once(full, bob, client_of):
    client = client_of(bob)
    address = client.post(WAITING_LIST, {"course": full[0]})["Location"]

    assert client.delete(address).status_code == 204
    again = client.delete(address)

    assert (again.status_code, again.json()["code"]) == (409, "not_waiting")
    assert client.get(address).json()["status"] == "left"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "course", "required"),
        ({"course": "1"}, "course", "invalid"),
        ({"course": True}, "course", "invalid"),
        ({"course": None}, "course", "null"),
        ({"course": -1}, "course", "min_value"),
        ({"course": HUGE}, "course", "max_value"),
        ({"course": 999_999_999}, "course", "invalid"),
        ({"course": "real", "student": 1}, "student", "read_only"),
        ({"course": "real", "status": "offered"}, "status", "read_only"),
        ({"course": "real", "position": 1}, "position", "read_only"),
        ({"course": "real", "offered_until": "2030-01-01T00:00:00Z"}, "offered_until", "read_only"),
        ({"course": "real", "priority": 1}, "priority", "unknown_field"),
    ],
)
def test_joining_is_refused_by_field(full, bob, client_of, body, field, code):
    body = body | ({"course": full[0]} if body.get("course") == "real" else {})

    response = client_of(bob).post(WAITING_LIST, body)

    assert response.status_code == 400, response.content
    errors = {error["field"]: error["code"] for error in response.json()["errors"]}
    assert errors[field] == code
    assert not WaitingListEntry.objects.exists()


def test_joining_for_nothing_is_a_conflict_that_says_what_to_do(
    full, alice, bob, client_of, make_course
):
    client = client_of(bob)

    free = client.post(WAITING_LIST, {"course": make_course(title="Free seats")})
    client.post(WAITING_LIST, {"course": full[0]})
    twice = client.post(WAITING_LIST, {"course": full[0]})
    enrolled = client_of(alice).post(WAITING_LIST, {"course": full[0]})

    answers = [(answer.status_code, answer.json()["code"]) for answer in (free, twice, enrolled)]
    assert answers == [(409, "seat_is_free"), (409, "already_waiting"), (409, "already_enrolled")]
    assert "Enroll instead" in free.json()["detail"]


def test_same_key_joins_once(full, bob, client_of):
    client = client_of(bob)
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}

    first = client.post(WAITING_LIST, {"course": full[0]}, **key)
    again = client.post(WAITING_LIST, {"course": full[0]}, **key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again["Location"]) == (first.content, first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert WaitingListEntry.objects.count() == 1


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_place_cannot_be_changed_otherwise(full, bob, client_of, method):
    client = client_of(bob)
    address = client.post(WAITING_LIST, {"course": full[0]})["Location"]

    assert getattr(client, method)(address, {"status": "offered"}).status_code == 405


def test_places_are_filtered(full, alice, bob, carol, client_of, make_course, enroll):
    other = make_course(title="Other", capacity=1)
    enroll(alice, other)
    for course_id in (full[0], other):
        client_of(bob).post(WAITING_LIST, {"course": course_id})

    def count(query):
        return client_of(carol).get(f"{WAITING_LIST}?{query}").json().get("count")

    assert [count(""), count(f"course={other}"), count("status=offered")] == [2, 1, 0]
    assert client_of(carol).get(f"{WAITING_LIST}?states=offered").status_code == 400


@pytest.mark.parametrize("places", [1, 8])
def test_places_cost_three_queries(alice, bob, client_of, make_course, enroll, places, settings):
    settings.OPEN_HOLDS_PER_STUDENT = places
    for number in range(places):
        course_id = make_course(title=f"Course {number}", lessons=0, capacity=1)
        enroll(alice, course_id)
        services.join_waiting_list(student_id=bob.pk, course_id=course_id)
    client = client_of(bob)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(WAITING_LIST).json()

    assert len(queries) == 1 + 3
    assert [place["position"] for place in page["results"]] == [1] * places


def test_offer_that_ended_with_the_course_is_a_conflict(full, bob, client_of):
    client = client_of(bob)
    client.post(WAITING_LIST, {"course": full[0]})
    services.cancel_enrollment(enrollment_id=full[1], student_id=None)
    Course.objects.update(enrollment_closes_at="2020-01-01T00:00:00Z")

    response = client.post("/api/v1/lectures/", {"course": full[0]})

    assert (response.status_code, response.json()["code"]) == (409, "enrollment_closed")
