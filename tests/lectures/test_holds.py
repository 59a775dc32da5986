"""What one student may hold unpaid: so many seats, and not the same seat again and again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.lectures import services
from apps.lectures.models import Enrollment
from apps.lectures.services.refusals import (
    AlreadyEnrolled,
    HoldPaused,
    TooManyHolds,
    TooManyPlaces,
)

LECTURES = "/api/v1/lectures/"


@pytest.fixture
def two_holds(settings):
    settings.OPEN_HOLDS_PER_STUDENT = 2


@pytest.fixture
def later(monkeypatch):
    def move(**by):
        moved = timezone.now() + timedelta(**by)
        monkeypatch.setattr(timezone, "now", lambda: moved)

    return move


def test_student_holds_so_many_seats_and_no_more(two_holds, alice, bob, make_course, enroll):
    courses = [make_course() for _ in range(3)]
    for course in courses[:2]:
        enroll(alice, course)

    with pytest.raises(TooManyHolds, match="2") as refused:
        enroll(alice, courses[2])

    assert refused.value.detail == {"limit": 2}
    assert Enrollment.objects.filter(student=alice).count() == 2
    assert enroll(bob, courses[2])


def test_paid_seat_and_free_course_are_no_holds(two_holds, alice, make_course, enroll, pay):
    pay(enroll(alice, make_course()), alice)
    for _ in range(3):
        enroll(alice, make_course(price_minor=0))

    for _ in range(2):
        enroll(alice, make_course())
    assert enroll(alice, make_course(price_minor=0))


def test_staff_hold_more_for_a_student(two_holds, alice, carol, client_of, make_course):
    staff = client_of(carol)

    answers = [
        staff.post(LECTURES, {"course": make_course(), "student": alice.pk}) for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [201] * 3


def test_staff_who_enroll_themselves_are_students(two_holds, carol, client_of, make_course):
    answers = [client_of(carol).post(LECTURES, {"course": make_course()}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]


def test_cancelling_a_hold_makes_room_for_another_course(two_holds, alice, make_course, enroll):
    first, _second = (enroll(alice, make_course()) for _ in range(2))
    services.cancel_enrollment(enrollment_id=first, student_id=alice.pk)

    assert enroll(alice, make_course())


def test_seat_given_up_unpaid_is_not_held_again_at_once(alice, bob, make_course, enroll, later):
    course = make_course(capacity=1)
    services.cancel_enrollment(enrollment_id=enroll(alice, course), student_id=alice.pk)

    with pytest.raises(HoldPaused) as refused:
        enroll(alice, course)

    assert "again_at" in refused.value.detail
    services.cancel_enrollment(enrollment_id=enroll(bob, course), student_id=None)
    later(hours=6, seconds=1)
    assert enroll(alice, course)


def test_expired_hold_is_not_renewed_at_once(alice, make_course, enroll, later):
    course = make_course()
    enroll(alice, course)
    later(hours=24, seconds=1)
    assert services.expire_enrollments() == 1

    with pytest.raises(HoldPaused):
        enroll(alice, course)
    later(hours=6, seconds=1)
    assert enroll(alice, course)


def test_seat_that_was_paid_or_that_staff_cancelled_can_be_taken_again(
    alice, make_course, enroll, pay
):
    paid, unpaid = make_course(), make_course()
    enrollment = enroll(alice, paid)
    pay(enrollment, alice)
    services.cancel_enrollment(enrollment_id=enrollment, student_id=alice.pk)
    services.cancel_enrollment(enrollment_id=enroll(alice, unpaid), student_id=None)

    assert enroll(alice, paid)
    assert enroll(alice, unpaid)


def test_enrolling_again_says_so_before_all_else(two_holds, alice, make_course, enroll):
    courses = [make_course() for _ in range(2)]
    for course in courses:
        enroll(alice, course)

    with pytest.raises(AlreadyEnrolled):
        enroll(alice, courses[0])


def test_offered_seat_counts_as_a_hold_once_it_is_taken(
    two_holds, alice, bob, make_course, enroll, client_of
):
    full = make_course(capacity=1)
    held = enroll(bob, full)
    services.join_waiting_list(student_id=alice.pk, course_id=full)
    others = [enroll(alice, make_course()) for _ in range(2)]
    services.cancel_enrollment(enrollment_id=held, student_id=bob.pk)

    refused = client_of(alice).post(LECTURES, {"course": full})
    services.cancel_enrollment(enrollment_id=others[0], student_id=alice.pk)
    taken = client_of(alice).post(LECTURES, {"course": full})

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_holds")
    assert taken.status_code == 201


def test_student_waits_in_so_many_lists(settings, alice, bob, make_course, enroll):
    settings.WAITING_PLACES_PER_STUDENT = 1
    full = [make_course(capacity=1) for _ in range(2)]
    for course in full:
        enroll(bob, course)
    services.join_waiting_list(student_id=alice.pk, course_id=full[0])

    with pytest.raises(TooManyPlaces):
        services.join_waiting_list(student_id=alice.pk, course_id=full[1])


@pytest.mark.parametrize(("language", "words"), [("en", "My courses"), ("ko", "내 강의")])
def test_page_says_what_to_do(two_holds, alice, client, make_course, enroll, language, words):
    for _ in range(2):
        enroll(alice, make_course())
    client.force_login(alice)
    client.cookies["django_language"] = language

    page = client.post("/lectures/", {"course": make_course()})

    assert page.status_code == 409
    assert words in page.text


def test_limit_costs_two_statements(alice, bob, make_course, enroll):
    course, free = make_course(), make_course(price_minor=0)
    with CaptureQueriesContext(connection) as by_staff:
        services.request_enrollment(student_id=alice.pk, course_id=course, by_staff=True)
    with CaptureQueriesContext(connection) as by_student:
        services.request_enrollment(student_id=bob.pk, course_id=course)

    assert len(by_student) - len(by_staff) == 2
    assert enroll(alice, free)


@pytest.mark.django_db(transaction=True)
def test_holds_asked_for_at_once_count_each_other(two_holds, alice, make_course):
    courses = [make_course() for _ in range(6)]
    together = Barrier(6)

    def hold(course):
        together.wait()
        try:
            return services.request_enrollment(student_id=alice.pk, course_id=course)
        except TooManyHolds:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        held = [each for each in pool.map(hold, courses) if each]

    assert len(held) == 2
