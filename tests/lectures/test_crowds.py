"""Crowds on the real database: each thread has a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, connections, transaction

from apps.courses.models import Course
from apps.courses.services import CourseFull
from apps.events.models import LoggedEvent
from apps.lectures import services
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.lectures.services import AlreadyEnrolled, AlreadyWaiting
from apps.payments import services as payments
from apps.payments.models import Payment, Refund, SandboxTransaction
from apps.refusals import Refusal
from elearning.invariants import check_invariants
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


def join(student, course_id):
    return services.join_waiting_list(student_id=student.pk, course_id=course_id)


def test_two_tabs_join_once(alice, bob, make_course, enroll):
    course_id = make_course(capacity=1)
    enroll(alice, course_id)

    results = at_once([lambda: join(bob, course_id)] * 10)

    assert results.count(AlreadyWaiting) == 9
    assert WaitingListEntry.objects.count() == 1


def test_two_tabs_accept_once(alice, bob, make_course, enroll):
    course_id = make_course(capacity=1)
    enrollment_id = enroll(alice, course_id)
    join(bob, course_id)
    services.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    results = at_once([lambda: enroll(bob, course_id)] * 10)

    refusals = [result for result in results if not isinstance(result, int)]
    assert len(refusals) == 9
    assert set(refusals) <= {AlreadyEnrolled, CourseFull}
    assert WaitingListEntry.objects.get().status == "accepted"
    assert Course.objects.get().seats_taken == 1


def broken_about_seats():
    return [
        (finding.name, finding.rows)
        for finding in check_invariants()
        if finding.name.startswith(("seats", "offers")) and not finding.holds
    ]


def test_crowd_that_joins_while_seats_are_freed_gets_each_seat_once(crowd, make_course):
    """Ten leave, thirty join, ten try to slip in, all at once."""
    course_id = make_course(capacity=10)
    ids = [services.request_enrollment(student_id=s.pk, course_id=course_id) for s in crowd[:10]]
    for student in crowd[10:20]:
        join(student, course_id)

    leaving = [
        lambda pk=pk: services.cancel_enrollment(enrollment_id=pk, student_id=None) for pk in ids
    ]
    joining = [lambda student=student: join(student, course_id) for student in crowd[20:50]]
    passing = [
        lambda student=student: services.request_enrollment(
            student_id=student.pk, course_id=course_id
        )
        for student in crowd[50:]
    ]
    mixed = [
        call for calls in zip(leaving, passing, *[iter(joining)] * 3, strict=True) for call in calls
    ]
    results = at_once(mixed)

    refusals = [result for result in results if isinstance(result, type)]
    assert refusals == [CourseFull] * 10
    offered = WaitingListEntry.objects.filter(status="offered")
    assert set(offered.values_list("student_id", flat=True)) == {s.pk for s in crowd[10:20]}
    assert Course.objects.get().seats_taken == 10
    assert broken_about_seats() == []


def test_offers_taken_given_up_and_lapsed_at_once_are_each_given_once(
    crowd, make_course, deliver_all
):
    """Whoever is offered a seat takes it or leaves, while the periodic task runs and more join."""
    course_id = make_course(capacity=12)
    ids = [services.request_enrollment(student_id=s.pk, course_id=course_id) for s in crowd[:12]]
    entries = {student: join(student, course_id) for student in crowd[12:40]}
    at_once(
        lambda pk=pk: services.cancel_enrollment(enrollment_id=pk, student_id=None) for pk in ids
    )

    def decide(number, student):
        if number % 4 == 3:
            return services.keep_waiting_lists()
        if number % 2:
            return services.leave_waiting_list(entry_id=entries[student], student_id=student.pk)
        return services.request_enrollment(student_id=student.pk, course_id=course_id)

    calls = [
        lambda number=number, student=student: decide(number, student)
        for number, student in enumerate(entries)
    ]
    more = [lambda student=student: join(student, course_id) for student in crowd[40:]]
    at_once([call for pair in zip(calls, more, strict=False) for call in pair] + calls)
    deliver_all()

    given = LoggedEvent.objects.filter(name="lectures.seat_offered.v1")
    told = [row.payload["entry_id"] for row in given]
    assert len(told) == len(set(told))
    assert Course.objects.get().seats_taken == 12
    accepted = WaitingListEntry.objects.filter(status="accepted").count()
    assert accepted == Enrollment.objects.filter(status="requested").count() > 0
    assert broken_about_seats() == []


def test_offer_after_the_commit_lets_somebody_slip_in(crowd, make_course, monkeypatch):
    """The control: freed first, offered a moment later, and nobody turned away meanwhile."""
    course_id = make_course(capacity=1)
    held = services.request_enrollment(student_id=crowd[0].pk, course_id=course_id)
    join(crowd[1], course_id)
    freed = Event()
    monkeypatch.setattr(
        "apps.lectures.services.offering.offer_seats",
        lambda **_: transaction.on_commit(freed.set),
    )
    monkeypatch.setattr("apps.lectures.services.enrolling._refuse_without_seat", lambda *_: None)

    def slip_in():
        freed.wait(timeout=10)
        return services.request_enrollment(student_id=crowd[2].pk, course_id=course_id)

    results = at_once(
        [slip_in, lambda: services.cancel_enrollment(enrollment_id=held, student_id=None)]
    )

    assert isinstance(results[0], int)
    assert WaitingListEntry.objects.get().status == "waiting"
