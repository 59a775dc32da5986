"""Crowds before the real web server: its processes, its threads, its pool of connections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from knox.crypto import create_token_string, hash_token
from knox.models import AuthToken

from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, Refund
from apps.students.models import User
from tests.faults.afterwards import assert_all_holds, books_of_the_gateway, let_time_heal
from tests.faults.crowd import Call, count, send_at_once

pytestmark = pytest.mark.django_db(transaction=True)

STUDENTS = 500
SEATS = 10
PARALLEL = 50


def tokens_of(users: Iterable[User]) -> list[str]:
    """Log everybody in at once."""
    tokens = {create_token_string(): user for user in users}
    expiry = timezone.now() + timedelta(hours=1)
    AuthToken.objects.bulk_create(
        AuthToken(digest=hash_token(token), token_key=token[:8], user=user, expiry=expiry)
        for token, user in tokens.items()
    )
    return list(tokens)


@pytest.fixture
def students(transactional_db: None) -> list[User]:
    """500 students, made in bulk: how they sign up is not the point."""
    emails = [f"student{number}@example.com" for number in range(STUDENTS)]
    return User.objects.bulk_create(User(email=email, name=email) for email in emails)


@pytest.fixture
def alices_payment(alice, make_course, enroll) -> Payment:
    enroll(alice, make_course())
    return Payment.objects.get()


def enroll_in(course_id: int, token: str) -> Call:
    return Call(token, "POST", "/api/v1/lectures/", {"course": course_id})


def test_500_students_share_the_last_10_seats(port, students, make_course):
    course_id = make_course(capacity=SEATS)

    answers = send_at_once(port, [enroll_in(course_id, token) for token in tokens_of(students)])

    assert count(answers) == {(201, ""): SEATS, (409, "course_full"): STUDENTS - SEATS}
    assert Enrollment.objects.count() == Course.objects.get().seats_taken == SEATS
    assert_all_holds()


def test_parallel_tries_to_log_in_count_each(port, alice):
    body = {"email": alice.email, "password": "wrong-password"}
    guess = Call("", "POST", "/api/v1/auth/token/", body)

    answers = send_at_once(port, [guess] * PARALLEL)

    allowed, _seconds = settings.TRY_LIMITS["log_in"]
    assert count(answers) == {
        (401, "log_in_refused"): allowed,
        (429, "throttled"): PARALLEL - allowed,
    }


def test_parallel_charges_of_one_payment_capture_once(port, alice, alices_payment):
    path = f"/api/v1/payments/{alices_payment.pk}/charges/"
    charge = Call(tokens_of([alice])[0], "POST", path, {"token": "tok_approved"})

    answers = send_at_once(port, [charge] * PARALLEL)

    statuses = count(answers)
    assert statuses.pop((201, "")) == 1
    assert set(statuses) <= {(409, "payment_in_progress"), (409, "payment_already_paid")}
    assert list(books_of_the_gateway().values()) == [alices_payment.amount_minor]
    assert Enrollment.objects.get().status == "approved"
    assert_all_holds()


def test_parallel_cancels_of_one_enrollment_refund_once(port, alice, alices_payment, pay):
    enrollment = Enrollment.objects.get()
    pay(enrollment.pk, alice)
    path = f"/api/v1/lectures/{enrollment.pk}/"
    cancel = Call(tokens_of([alice])[0], "PATCH", path, {"status": "cancelled"})

    answers = send_at_once(port, [cancel] * PARALLEL)

    assert count(answers) == {(200, ""): 1, (409, "enrollment_state"): PARALLEL - 1}
    let_time_heal()
    assert_all_holds()
    assert Refund.objects.get().status == "succeeded"
    assert sum(books_of_the_gateway().values()) == Course.objects.get().seats_taken == 0


def test_two_staff_withdraw_once_while_students_enroll(port, students, carol, make_course):
    course_id = make_course()
    dora = User.objects.create(
        email="dora@example.com", name="Dora", is_staff=True, is_superuser=True
    )
    path = f"/api/v1/courses/{course_id}/"
    withdrawing = [Call(token, "DELETE", path) for token in tokens_of([carol, dora])]
    enrolling = [enroll_in(course_id, token) for token in tokens_of(students[: 2 * PARALLEL])]

    answers = send_at_once(port, [*enrolling[:PARALLEL], *withdrawing, *enrolling[PARALLEL:]])

    statuses = count(answers)
    assert (statuses.pop((204, "")), statuses.pop((409, "course_state"))) == (1, 1)
    assert set(statuses) <= {(201, ""), (409, "course_not_open")}
    let_time_heal()
    assert_all_holds()
    assert set(Enrollment.objects.values_list("status", flat=True)) <= {"cancelled"}
