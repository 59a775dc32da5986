"""A form that is sent twice is one submission, whichever form it is."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from apps.certification.models import Certificate
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, LessonProgress, Review, WaitingListEntry
from apps.payments.models import Charge, LedgerEntry, Payment, Refund
from apps.payments.services import approve_payment_by_staff
from apps.students.models import User
from tests.forms import agreed_on


@pytest.fixture
def twice(client):
    """Send a form as the user two times over, as an impatient finger does."""

    def send(user, address, **values):
        if user is not None:
            client.force_login(user)
        agreed = agreed_on(client, address)
        answers = [client.post(address, {**agreed, **values}) for _ in range(2)]
        assert all(answer.status_code < 500 for answer in answers)

    return send


@pytest.fixture
def approved(alice, make_course, enroll, pay):
    enrollment_id = enroll(alice, make_course(refund_policy="full"))
    pay(enrollment_id, alice)
    return enrollment_id


@pytest.fixture
def completed(approved, alice, learn, deliver_all):
    learn(approved, alice)
    deliver_all()
    return approved


@pytest.fixture
def full(bob, make_course, enroll):
    course_id = make_course(capacity=1)
    enroll(bob, course_id)
    return course_id


def test_enrolling(twice, alice, make_course):
    twice(alice, reverse("lectures:enroll"), course=make_course())

    assert (Enrollment.objects.count(), Payment.objects.count()) == (1, 1)


def test_paying(twice, alice, make_course, enroll):
    address = reverse("lectures:payment", args=[enroll(alice, make_course())])

    twice(alice, address, token="tok_approved")

    assert Charge.objects.count() == 1


def test_cancelling(twice, alice, approved):
    twice(alice, reverse("lectures:cancellation", args=[approved]))

    assert Enrollment.objects.get().status == "cancelled"
    assert Refund.objects.count() == 1


def test_completing_a_lesson(twice, alice, approved):
    lesson_id = Enrollment.objects.get().course.lessons.first().pk

    twice(alice, reverse("lectures:lesson_completion", args=[approved, lesson_id]))

    assert LessonProgress.objects.count() == 1


def test_reviewing(twice, alice, completed):
    twice(alice, reverse("lectures:review", args=[completed]), rating=5, text="Good.")

    assert Review.objects.count() == 1
    course = Enrollment.objects.get().course
    assert (course.rating_count, course.rating_sum) == (1, 5)


def test_waiting_and_leaving(twice, alice, full):
    twice(alice, reverse("lectures:waiting_list"), course=full)
    entry = WaitingListEntry.objects.get()

    twice(alice, reverse("lectures:departure", args=[entry.pk]))

    assert WaitingListEntry.objects.get().status == "left"


def test_signing_up(twice, db):
    form = {"email": "new@example.com", "password1": "a-good-password", "name": "New"}

    twice(None, reverse("account_signup"), **form)

    assert User.objects.filter(email="new@example.com").count() == 1
    assert len(mail.outbox) <= 2


@pytest.mark.parametrize(
    ("button", "status", "refunds"),
    [("cancel_enrollment", "cancelled", 1), ("complete_enrollment", "completed", 0)],
)
def test_buttons_of_an_enrollment(twice, carol, approved, button, status, refunds, deliver_all):
    twice(carol, reverse(f"admin:lectures_enrollment_{button}", args=[approved]))
    deliver_all()

    assert Enrollment.objects.get().status == status
    assert Refund.objects.count() == refunds
    assert Certificate.objects.count() == (status == "completed")


def test_marking_as_paid(twice, carol, alice, make_course, enroll):
    enroll(alice, make_course())

    twice(carol, reverse("admin:payments_payment_mark_as_paid", args=[Payment.objects.get().pk]))

    assert Charge.objects.count() == 1


def test_reissuing_a_certificate(twice, carol, completed):
    first = Certificate.objects.get()
    address = reverse("admin:certification_certificate_reissue", args=[first.pk])

    twice(carol, address, student_name="Alice K.", reason="A new name.")

    assert Certificate.objects.filter(replaces=first).count() == 1
    assert Certificate.objects.filter(status="issued").count() == 1


def test_withdrawing_a_course(twice, carol, alice, approved, deliver_all):
    course_id = Enrollment.objects.get().course_id

    twice(carol, reverse("admin:courses_course_withdraw_course", args=[course_id]))
    deliver_all()

    assert Enrollment.objects.get().status == "cancelled"
    assert Refund.objects.count() == 1


def test_confirming_a_transfer(twice, carol, alice, make_course, enroll):
    enrollment_id = enroll(alice, make_course(refund_policy="full"))
    approve_payment_by_staff(payment_id=Payment.objects.get().pk)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    address = reverse("admin:payments_refund_confirm_transfer", args=[Refund.objects.get().pk])

    twice(carol, address, transfer_reference="B-1")

    assert Refund.objects.get().status == "succeeded"
    assert LedgerEntry.objects.filter(refund__isnull=False).count() == 2
