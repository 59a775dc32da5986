"""Crowds on the real database: each thread has a connection of its own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from apps.courses.models import Course
from apps.courses.services import CourseFull
from apps.lectures import services
from apps.lectures.models import Enrollment
from apps.lectures.services import AlreadyEnrolled
from apps.payments import services as payments
from apps.payments.models import Payment, Refund, SandboxTransaction
from apps.refusals import Refusal
from tests.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12


def at_once(calls):
    """Run the calls in parallel and return their results or refusals, in order."""

    def run(call):
        try:
            return call()
        except Refusal as refused:
            return type(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def crowd(db):
    return [make_user(f"student{number}@example.com", f"Student {number}") for number in range(60)]


def test_last_seats_go_to_exactly_as_many(crowd, make_course):
    course_id = make_course(capacity=7)

    results = at_once(
        lambda student=student: services.request_enrollment(
            student_id=student.pk, course_id=course_id
        )
        for student in crowd
    )

    assert results.count(CourseFull) == len(crowd) - 7
    assert Enrollment.objects.count() == Course.objects.get().seats_taken == 7


def naive_take_seat(*, course_id):
    """The control: check, then write. It must oversell, or the test above shows nothing."""
    course = Course.objects.get(pk=course_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")
    if course.seats_taken < course.capacity:
        Course.objects.filter(pk=course_id).update(seats_taken=course.seats_taken + 1)


def test_naive_check_then_write_oversells(crowd, make_course, monkeypatch):
    course_id = make_course(capacity=7)
    monkeypatch.setattr("apps.lectures.services.enrolling.courses.take_seat", naive_take_seat)

    at_once(
        lambda student=student: services.request_enrollment(
            student_id=student.pk, course_id=course_id
        )
        for student in crowd
    )

    assert Enrollment.objects.count() > 7


def test_two_tabs_enroll_once(alice, make_course):
    course_id = make_course()

    results = at_once(
        [lambda: services.request_enrollment(student_id=alice.pk, course_id=course_id)] * 10
    )

    assert results.count(AlreadyEnrolled) == 9
    assert Enrollment.objects.count() == Course.objects.get().seats_taken == 1


def test_parallel_charges_capture_once(alice, make_course, enroll):
    enroll(alice, make_course())
    payment = Payment.objects.get()

    results = at_once(
        [
            lambda: (
                payments.charge_payment(
                    payment_id=payment.pk, payer_id=alice.pk, token="tok_approved"
                ).status
            )
        ]
        * 30
    )

    assert results.count("approved") == 1
    assert set(results) <= {
        "approved",
        payments.PaymentInProgress,
        payments.PaymentAlreadyPaid,
    }
    assert SandboxTransaction.objects.count() == 1


def test_parallel_cancels_refund_once(alice, make_course, enroll, pay, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)

    at_once(
        [lambda: services.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)] * 20
    )
    deliver_all()

    assert Refund.objects.count() == 1
    assert Payment.objects.get().status == "refunded"
    assert Course.objects.get().seats_taken == 0


def test_paying_and_cancelling_at_once_never_leaves_money_without_a_seat(
    crowd, make_course, deliver_all
):
    course_id = make_course()
    students = crowd[:20]
    ids = [services.request_enrollment(student_id=s.pk, course_id=course_id) for s in students]

    def pay_or_cancel(position):
        student, enrollment_id = students[position // 2], ids[position // 2]
        if position % 2:
            return services.cancel_enrollment(enrollment_id=enrollment_id, student_id=student.pk)
        return services.pay_enrollment(
            enrollment_id=enrollment_id, student_id=student.pk, token="tok_approved"
        ).status

    at_once([lambda position=position: pay_or_cancel(position) for position in range(40)])
    deliver_all()

    kept = SandboxTransaction.objects.filter(kind="charge").count()
    given_back = SandboxTransaction.objects.filter(kind="refund").count()
    assert Enrollment.objects.filter(status="cancelled").count() == 20
    assert kept == given_back
    assert Course.objects.get().seats_taken == 0
