"""Enrollment, payment, refund, certificate, seat and waiting list, against a model of a few lines.

Hypothesis draws histories of commands, outages and waiting times. Every answer must be the model's;
the states and seats are compared at every step, money, certificates and invariants at the end.
MODEL_EXAMPLES=1000 looks further than `make test` does, at other histories each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course, Lesson
from apps.events.services import sweep
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.payments import gate
from apps.payments import services as payments
from apps.payments.gateways.sandbox import TOKENS
from apps.payments.models import Charge, Payment, Refund, SandboxTransaction
from apps.refusals import Refusal
from tests.conftest import make_user
from tests.faults import school_model
from tests.faults.afterwards import LATER_SECONDS, assert_all_holds, run_periodic_tasks

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
STARTED_BEFORE = timedelta(days=90)  # the invariants' limits are by the database's own clock
OFFERS = [(1, 50_000, "full"), (2, 30_001, "tuition_law"), (1, 0, "full")]
FREE = 2
SECONDS = [1, 20, 70, 600, 13 * 3600, 25 * 3600]
picks = st.integers(0, 7)


def outcome_of(command: Callable[[], Any]) -> str:
    try:
        result = command()
    except Refusal as refused:
        return refused.code
    return result.status if isinstance(result, payments.ChargeOutcome) else "ok"


def empty_database() -> None:
    """Forget the example before: it may have failed halfway."""
    tables = [model._meta.db_table for model in apps.get_models() if "apps." in model.__module__]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


class SchoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        empty_database()
        self.clock = time_machine.travel(timezone.now() - STARTED_BEFORE, tick=False)
        self.traveller = self.clock.start()
        gate.breaker.cache_clear()
        names = ("alice", "bob", "mallory")
        self.students = [make_user(f"{name}@example.com", name).pk for name in names]
        offers = [school_model.Offer(*terms) for terms in OFFERS]
        self.model = school_model.School(timezone.now(), offers)
        self.courses = [self._register(offer) for offer in offers]
        self.ids: list[int] = []
        self.place_ids: list[int] = []

    def _register(self, offer: school_model.Offer) -> int:
        course_id = courses.register_course(
            fields={
                "title": "A course",
                "currency": "KRW",
                "capacity": offer.capacity,
                "price_minor": offer.price_minor,
                "refund_policy": offer.refund_policy,
                "completion_threshold_percent": school_model.THRESHOLD_PERCENT,
            }
        )
        for number in range(school_model.LESSONS):
            fields = {"title": f"{number}", "content": "Text.", "duration_minutes": 1}
            courses.add_lesson(course_id=course_id, fields=fields)
        courses.open_course(course_id=course_id)
        return course_id

    def _pick(self, pick: int) -> tuple[school_model.Taking, int, int]:
        """Return one enrollment: the model's, the real id, and the student's."""
        position = pick % len(self.ids)
        taking = self.model.takings[position]
        return taking, self.ids[position], self.students[taking.student]

    @initialize()
    def fill_a_course(self) -> None:
        """A free course of one seat is full, and two wait: so that every history has a queue."""
        self.request(0, FREE)
        self.join_waiting_list(1, FREE)
        self.join_waiting_list(2, FREE)

    # --- commands -----------------------------------------------------------------------------

    @rule(student=st.integers(0, 2), course=st.integers(0, 2))
    def request(self, student: int, course: int) -> None:
        def command() -> None:
            self.ids.append(
                lectures.request_enrollment(
                    student_id=self.students[student], course_id=self.courses[course]
                )
            )

        assert outcome_of(command) == self.model.request(student, self.model.offers[course])

    @precondition(lambda self: self.ids)
    @rule(pick=picks, token=st.sampled_from(TOKENS))
    def pay(self, pick: int, token: str) -> None:
        taking, enrollment_id, student_id = self._pick(pick)
        expected = self.model.pay(
            taking, "tok_declined" if token == "tok_insufficient_funds" else token
        )
        assert expected == outcome_of(
            lambda: lectures.pay_enrollment(
                enrollment_id=enrollment_id, student_id=student_id, token=token
            )
        )

    @precondition(lambda self: self.ids)
    @rule(pick=picks)
    def approve_by_staff(self, pick: int) -> None:
        taking, enrollment_id, _student_id = self._pick(pick)
        payment = Payment.objects.filter(reference=f"lecture-{enrollment_id}").first()
        if payment is not None:
            assert self.model.approve_by_staff(taking) == outcome_of(
                lambda: payments.approve_payment_by_staff(payment_id=payment.pk)
            )

    @precondition(lambda self: self.ids)
    @rule(pick=picks, by_staff=st.booleans())
    def cancel(self, pick: int, by_staff: bool) -> None:
        taking, enrollment_id, student_id = self._pick(pick)
        assert self.model.cancel(taking) == outcome_of(
            lambda: lectures.cancel_enrollment(
                enrollment_id=enrollment_id, student_id=None if by_staff else student_id
            )
        )

    @precondition(lambda self: self.ids)
    @rule(pick=picks, lesson=st.integers(0, school_model.LESSONS - 1))
    def learn(self, pick: int, lesson: int) -> None:
        taking, enrollment_id, student_id = self._pick(pick)
        course_id = self.courses[self.model.offers.index(taking.offer)]
        lesson_id = Lesson.objects.get(course_id=course_id, position=lesson + 1).pk
        assert self.model.learn(taking, lesson) == outcome_of(
            lambda: lectures.complete_lesson(
                enrollment_id=enrollment_id, student_id=student_id, lesson_id=lesson_id
            )
        )

    @precondition(lambda self: self.ids)
    @rule(pick=picks)
    def complete(self, pick: int) -> None:
        taking, enrollment_id, _student_id = self._pick(pick)
        assert self.model.complete(taking) == outcome_of(
            lambda: lectures.complete_enrollment(enrollment_id=enrollment_id)
        )

    @rule(course=st.integers(0, 2))
    def withdraw(self, course: int) -> None:
        assert self.model.withdraw(self.model.offers[course]) == outcome_of(
            lambda: courses.withdraw_course(course_id=self.courses[course])
        )

    @rule(student=st.integers(0, 2), course=st.integers(0, 2))
    def join_waiting_list(self, student: int, course: int) -> None:
        def command() -> None:
            self.place_ids.append(
                lectures.join_waiting_list(
                    student_id=self.students[student], course_id=self.courses[course]
                )
            )

        assert outcome_of(command) == self.model.join(student, self.model.offers[course])

    @precondition(lambda self: self.place_ids)
    @rule(pick=picks)
    def leave_waiting_list(self, pick: int) -> None:
        position = pick % len(self.place_ids)
        place = self.model.places[position]
        assert self.model.leave(place) == outcome_of(
            lambda: lectures.leave_waiting_list(
                entry_id=self.place_ids[position], student_id=self.students[place.student]
            )
        )

    @precondition(lambda self: self.place_ids)
    @rule(pick=picks, late=st.booleans())
    def take_offered_seat(self, pick: int, late: bool) -> None:
        if late:
            self.wait(SECONDS[-1])
        place = self.model.places[pick % len(self.place_ids)]
        self.request(place.student, self.model.offers.index(place.offer))

    # --- the world around ---------------------------------------------------------------------

    @rule(behaviour=st.sampled_from(["working", "working", "slow", "failing", "down"]))
    def switch_gateway(self, behaviour: str) -> None:
        self.model.gateway = behaviour
        delay = 60_000 if behaviour == "slow" else 0
        payments.set_sandbox_behaviour(behaviour=behaviour, delay_milliseconds=delay)

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        self.model.now += timedelta(seconds=seconds)
        self.traveller.move_to(self.model.now, tick=False)

    @rule()
    def expire(self) -> None:
        lectures.expire_enrollments()
        self.model.expire()

    @rule()
    def keep_waiting_lists(self) -> None:
        lectures.keep_waiting_lists()
        self.model.keep_waiting_lists()

    @rule()
    def settle(self) -> None:
        payments.settle_unknown_charges()
        self.model.settle()

    @rule()
    def retry_refunds(self) -> None:
        payments.retry_refunds()

    @rule(queue=st.sampled_from(["default", "certification"]))
    def deliver(self, queue: str) -> None:
        sweep(queue=queue)
        if queue == "default":
            self.model.deliver()

    # --- what must be true --------------------------------------------------------------------

    @invariant()
    def states_and_seats_are_the_models(self) -> None:
        real = dict(Enrollment.objects.values_list("pk", "status"))
        takings = self.model.takings
        assert real == {key: each.status for key, each in zip(self.ids, takings, strict=True)}
        seats = dict(Course.objects.values_list("pk", "seats_taken"))
        for course_id, offer in zip(self.courses, self.model.offers, strict=True):
            free = self.model.free_seats(offer)
            assert seats[course_id] == offer.capacity - free <= offer.capacity

    @invariant()
    def places_and_offers_are_the_models(self) -> None:
        """A seat is offered to one at a time, whose place and time are those of the model."""
        rows = WaitingListEntry.objects.values_list("pk", "status", "offered_until")
        expected = {
            (key, place.status, place.until)
            for key, place in zip(self.place_ids, self.model.places, strict=True)
        }
        assert set(rows) == expected

    @invariant()
    def unknown_charges_are_the_models(self) -> None:
        real = Charge.objects.filter(status="processing").values_list("payment__reference")
        expected = {
            f"lecture-{enrollment_id}"
            for enrollment_id, taking in zip(self.ids, self.model.takings, strict=True)
            if taking.unknown
        }
        assert {reference for (reference,) in real} == expected

    def teardown(self) -> None:
        try:
            self._let_time_heal()
            self._assert_money_and_certificates()
            self._let_offers_lapse()
        finally:
            self.clock.stop()
        run_periodic_tasks()  # today: what was held meanwhile has ended
        assert_all_holds()  # every limit of the invariants is over

    def _let_time_heal(self) -> None:
        self.switch_gateway("working")
        for seconds in LATER_SECONDS:
            self.wait(seconds)
            run_periodic_tasks()
            self.model.deliver()
            self.model.expire()
            self.model.keep_waiting_lists()
            self.model.settle()
        self.places_and_offers_are_the_models()
        self.states_and_seats_are_the_models()
        self.unknown_charges_are_the_models()
        for refund in Refund.objects.filter(charge__gateway="manual"):
            payments.confirm_manual_refund(refund_id=refund.pk, transfer_reference="by hand")
        sweep(queue="default")

    def _let_offers_lapse(self) -> None:
        """From one to the next, until nobody waits."""
        for _place in self.place_ids:
            self.wait(SECONDS[-1])
            self.keep_waiting_lists()
            sweep(queue="default")
        self.places_and_offers_are_the_models()

    def _assert_money_and_certificates(self) -> None:
        certified = sorted(Certificate.objects.values_list("lecture_id", flat=True))
        completed = [
            enrollment_id
            for enrollment_id, taking in zip(self.ids, self.model.takings, strict=True)
            if taking.status == "completed"
        ]
        assert certified == sorted(completed)
        for enrollment_id, taking in zip(self.ids, self.model.takings, strict=True):
            if payment := Payment.objects.filter(reference=f"lecture-{enrollment_id}").first():
                assert kept_at_gateway(payment) == taking.kept_at_gateway_minor
                unpaid = payment.status in ("pending", "declined", "deferred")
                assert ("unpaid" if unpaid else payment.status) == taking.payment_status


def kept_at_gateway(payment: Payment) -> int:
    """Return what the gateway's own books keep of the payment, captured less given back."""
    charges = SandboxTransaction.objects.filter(
        kind="charge",
        decline_code="",
        idempotency_key__in=payment.charges.values("idempotency_key"),
    )
    refunds = SandboxTransaction.objects.filter(
        kind="refund", charge_reference__in=charges.values("reference")
    )
    return sum(row.amount_minor for row in charges) - sum(row.amount_minor for row in refunds)


@pytest.fixture
def impatient(settings) -> None:
    """No real waiting, one try each, so that unknown outcomes are common; no breaker (see gate)."""
    settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.001
    settings.PAYMENT_MAX_ATTEMPTS = 1
    settings.PAYMENT_BREAKER_MIN_CALLS = 10**6
    settings.SANDBOX_SLOW_TOKEN_SECONDS = 0
    settings.OPEN_HOLDS_PER_STUDENT = 1000
    settings.HOLD_PAUSE_SECONDS = 0


def test_school_is_as_its_model_says(transactional_db, impatient):
    run_state_machine_as_test(
        SchoolMachine,
        settings=settings(
            max_examples=EXAMPLES or 40,
            stateful_step_count=40,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            print_blob=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
