"""Each mutant is the mistake that the product might have been built with.

The variable MUTANT names one; it is applied in every process of the system under test.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.crash_points import CrashPoint, reach
from apps.events import registry
from apps.events import services as events
from apps.events.models import LoggedEvent
from apps.lectures import handlers as lectures_handlers
from apps.payments import services as payments
from apps.payments.events import PaymentApproved
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import SandboxTransaction
from apps.payments.services import charging, reconciling, settlement
from tests.faults.mutants.tasks import handle

ONE_CERTIFICATE = {
    "certification_certificate": [
        "certificate_one_original_per_lecture",
        "certificate_one_valid_per_lecture",
    ]
}
DROPPED: dict[str, dict[str, list[str]]] = {
    "refund_without_key": {"payments_refund": ["refund_once_per_charge_and_purpose"]},
    "certificate_if_not_exists": ONE_CERTIFICATE,
    "handler_without_idempotence": ONE_CERTIFICATE,
}
"""What of the database's own guards a mutant lacks: constraints, by table."""


def apply() -> None:
    if name := os.environ.get("MUTANT"):
        MUTANTS[name]()


def prepare_database() -> None:
    with connection.cursor() as cursor:
        for table, names in DROPPED.get(os.environ.get("MUTANT", ""), {}).items():
            for name in names:
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"')
                cursor.execute(f'DROP INDEX IF EXISTS "{name}"')


def no_key_at_gateway() -> None:
    """The gateway knows no keys: every call that gets there moves money."""
    SandboxGateway.charge = _keyless(SandboxGateway.charge)
    SandboxGateway.refund = _keyless(SandboxGateway.refund)


def refund_without_key() -> None:
    """A refund has no key of its own: whoever tries again gives back again."""
    SandboxGateway.refund = _keyless(SandboxGateway.refund)


def _keyless(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: SandboxGateway, *, idempotency_key: str, **rest: Any) -> Any:
        if SandboxTransaction.objects.filter(idempotency_key=idempotency_key).exists():
            idempotency_key = uuid4().hex
        return method(self, idempotency_key=idempotency_key, **rest)

    return call


def naive_seats() -> None:
    """Read how many seats are free, then write how many are taken."""

    def take_seat(*, course_id: int, count: int = 1) -> None:
        course = Course.objects.get(pk=course_id)
        if course.status != "open":
            raise courses.CourseNotOpen()
        taken = course.seats_taken + count
        if course.capacity is not None and taken > course.capacity:
            raise courses.CourseFull()
        Course.objects.filter(pk=course_id).update(seats_taken=taken)

    courses.take_seat = take_seat


def delay_instead_of_outbox() -> None:
    """No deliveries are written: a message after the commit is all there is."""

    def owe(
        published: tuple[registry.Event, ...], logged: list[LoggedEvent], now: datetime
    ) -> None:
        for event, row in zip(published, logged, strict=True):
            for subscription in registry.subscriptions_later(type(event)):
                arguments = (row.name, row.payload, row.pk, subscription.name)
                send = partial(handle.apply_async, arguments, queue=subscription.queue)
                transaction.on_commit(send, robust=True)

    events._owe_deliveries = owe


def approval_in_second_transaction() -> None:
    """The payment is booked and committed; then the enrollment is approved."""
    approve = lectures_handlers.approve_enrollment_of_payment
    of_this_thread = threading.local()

    def remember(event: PaymentApproved) -> None:
        of_this_thread.paid = [*getattr(of_this_thread, "paid", []), event]

    def then_approve(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            paid, of_this_thread.paid = getattr(of_this_thread, "paid", []), []
            for event in paid:
                with transaction.atomic():
                    approve(event)
            return result

        return call

    handlers = registry._together[PaymentApproved]
    handlers[handlers.index(approve)] = remember
    settlement._settle = then_approve(settlement._settle)
    reconciling._book_missing = then_approve(reconciling._book_missing)
    charging._outcome = then_approve(charging._outcome)
    payments.approve_payment_by_staff = then_approve(payments.approve_payment_by_staff)


def certificate_if_not_exists() -> None:
    """Look whether there is one, then write it."""
    _issue_with(lambda fields: Certificate.objects.filter(lecture_id=fields["lecture_id"]).exists())


def handler_without_idempotence() -> None:
    """Whoever is told twice that a course is completed certifies it twice."""
    _issue_with(lambda fields: False)


def _issue_with(is_certified: Callable[[dict[str, Any]], bool]) -> None:
    def issue_certificate(*, enrollment_id: int, **fields: Any) -> bool:
        fields |= {"lecture_id": enrollment_id, "code": certification.new_code()}
        with transaction.atomic():
            if is_certified(fields):
                return False
            certificate = Certificate.objects.create(**fields, issued_at=timezone.now())
            reach(CrashPoint.CERTIFICATE_WRITTEN)
            certification._announce_issue(certificate)
        return True

    certification.issue_certificate = issue_certificate


MUTANTS: dict[str, Callable[[], None]] = {
    mutant.__name__: mutant
    for mutant in (
        no_key_at_gateway,
        naive_seats,
        delay_instead_of_outbox,
        refund_without_key,
        approval_in_second_transaction,
        certificate_if_not_exists,
        handler_without_idempotence,
    )
}
