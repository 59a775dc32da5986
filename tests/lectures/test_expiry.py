"""Holds end on time, whoever is down; money that comes too late goes back, and people are told."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone

from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.payments import services as payments
from apps.payments.models import Charge, Payment, Refund
from apps.refusals import Refusal
from apps.students.models import HistoryEntry
from tests.faults.afterwards import run_periodic_tasks

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
HOLD = timedelta(seconds=settings.ENROLLMENT_HOLD_SECONDS)
OUTAGE = timedelta(hours=7)


@pytest.fixture
def after():
    """Go to a moment after ``pay_by`` of what has been requested; nothing ran meanwhile."""
    travellers = []

    def travel(delta):
        pay_by = Enrollment.objects.order_by("requested_at").last().requested_at + HOLD
        travellers.append(time_machine.travel(pay_by + delta, tick=False))
        travellers[-1].start()

    yield travel
    for traveller in travellers:
        traveller.stop()


def test_hold_lasts_to_its_second(alice, make_course, enroll, after):
    enroll(alice, make_course())

    after(-SECOND)
    assert lectures.expire_enrollments() == 0
    after(timedelta())
    assert lectures.expire_enrollments() == 1


def test_no_money_is_taken_after_the_hold_though_nothing_has_expired_it_yet(
    alice, make_course, enroll, pay, after
):
    enrollment_id = enroll(alice, make_course())
    after(SECOND)

    with pytest.raises(Refusal) as refusal:
        pay(enrollment_id, alice)

    assert refusal.value.code == "payment_expired"
    assert not Charge.objects.exists()


@pytest.mark.django_db(transaction=True)  # the periodic tasks check the invariants
def test_all_that_came_due_in_an_outage_of_beat_expires_at_once(
    alice, bob, mallory, make_course, enroll, pay, after
):
    full = make_course(title="Full", capacity=2)
    enroll(alice, full)
    paid = enroll(bob, full)
    pay(paid, bob)
    lectures.join_waiting_list(student_id=mallory.pk, course_id=full)
    for number in range(3):
        enroll(bob, make_course(title=f"Course {number}"))

    after(OUTAGE)
    run_periodic_tasks()

    statuses = list(Enrollment.objects.values_list("status", flat=True))
    assert (statuses.count("expired"), statuses.count("approved")) == (4, 1)
    assert not Payment.objects.exclude(status__in=["cancelled", "approved"]).exists()
    assert WaitingListEntry.objects.get().status == "offered"
    assert Course.objects.get(pk=full).seats_taken == 2  # Bob's, and the one that is offered
    assert HistoryEntry.objects.filter(status="expired").count() == 4


def test_more_than_a_batch_goes_on_in_the_next_run(alice, make_course, enroll, after):
    for number in range(3):
        enroll(alice, make_course(title=f"Course {number}"))
    after(OUTAGE)

    assert [lectures.expire_enrollments(limit=2) for _run in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_money_that_arrives_too_late_goes_back_in_full_and_the_student_is_told(
    alice, make_course, enroll, pay, deliver_all, after, end, settings
):
    """The gateway had captured it, but its answer was lost and it was away until now."""
    enrollment_id = enroll(alice, make_course())
    settings.PAYMENT_MAX_ATTEMPTS = 1
    assert pay(enrollment_id, alice, "tok_timeout_after_capture").status == "deferred"
    payments.set_sandbox_behaviour(behaviour="down")
    after(OUTAGE if end == "expired" else -timedelta(hours=1))
    if end == "cancelled":
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    lectures.expire_enrollments()
    assert Enrollment.objects.get().status == end
    mail.outbox.clear()

    payments.set_sandbox_behaviour(behaviour="working")
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        for _round in range(3):
            payments.settle_unknown_charges()
            payments.retry_refunds()
            deliver_all()

    refund = Refund.objects.get()
    assert (refund.status, refund.amount_minor) == ("succeeded", 50_000)
    assert Enrollment.objects.get().status == end
    assert any("50,000" in message.body for message in mail.outbox)
