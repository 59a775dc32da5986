"""The nine functions in one go, through the services."""

import pytest

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import LedgerEntry, Payment
from apps.students.models import HistoryEntry, TimelineEntry, WaitingPlace
from apps.students.services import find_history_differences, rebuild_history


def test_paid_enrollment_is_approved_completed_and_certified(
    alice, make_course, enroll, pay, learn, deliver_all
):
    enrollment_id = enroll(alice, make_course())

    outcome = pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    deliver_all()

    assert outcome.status == "approved"
    assert Enrollment.objects.get(pk=enrollment_id).status == "completed"
    certificate = Certificate.objects.get(lecture_id=enrollment_id)
    entry = HistoryEntry.objects.get(lecture_id=enrollment_id)
    assert (entry.status, entry.certificate_code) == ("completed", certificate.code)
    kinds = TimelineEntry.objects.filter(lecture_id=enrollment_id).order_by("event_id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "requested",
        "paid",
        "approved",
        "lesson_completed",
        "lesson_completed",
        "lesson_completed",
        "completed",
        "certified",
    ]


def test_cancellation_refunds_what_the_policy_gives(alice, make_course, enroll, pay, deliver_all):
    enrollment_id = enroll(alice, make_course(price_minor=50_000))
    pay(enrollment_id, alice)

    refund_minor = lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    deliver_all()

    payment = Payment.objects.get()
    assert refund_minor == 50_000
    assert (payment.status, payment.refunded_minor) == ("refunded", 50_000)
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert Course.objects.get().seats_taken == 0


def test_withdrawn_course_cancels_and_refunds_all_but_the_completed(
    alice, bob, mallory, make_course, enroll, pay, learn, deliver_all
):
    course_id = make_course()
    ids = {person.email[0]: enroll(person, course_id) for person in (alice, bob, mallory)}
    pay(ids["a"], alice)
    learn(ids["a"], alice)
    pay(ids["b"], bob)

    courses.withdraw_course(course_id=course_id)
    deliver_all()

    statuses = dict(Enrollment.objects.values_list("pk", "status"))
    assert statuses == {ids["a"]: "completed", ids["b"]: "cancelled", ids["m"]: "cancelled"}
    assert sorted(Payment.objects.values_list("status", flat=True)) == [
        "approved",
        "cancelled",
        "refunded",
    ]
    assert Course.objects.get().seats_taken == 1
    assert Certificate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_history_equals_a_rebuild(
    alice, bob, mallory, make_course, enroll, pay, learn, deliver_all
):
    first, second = make_course(), make_course(title="Second")
    pay(enroll(alice, first), alice)
    learn(Enrollment.objects.get().pk, alice)
    declined = enroll(bob, second)
    pay(declined, bob, "tok_declined")
    pay(declined, bob)
    lectures.cancel_enrollment(enrollment_id=declined, student_id=bob.pk)
    courses.withdraw_course(course_id=second)
    third = make_course(title="Third", capacity=1)
    seat = enroll(alice, third)
    for student in (bob, mallory):
        lectures.join_waiting_list(student_id=student.pk, course_id=third)
    lectures.cancel_enrollment(enrollment_id=seat, student_id=alice.pk)
    deliver_all()

    assert find_history_differences() == []
    assert sorted(WaitingPlace.objects.values_list("status", flat=True)) == ["offered", "waiting"]
    WaitingPlace.objects.filter(student_id=bob.pk).update(status="waiting")
    assert [row.table for row in find_history_differences()] == ["waiting"]
    rebuild_history()
    assert find_history_differences() == []
    HistoryEntry.objects.filter(lecture_id=declined).update(status="approved")
    assert [row.key for row in find_history_differences()] == [declined]
    rebuild_history()
    assert find_history_differences() == []
