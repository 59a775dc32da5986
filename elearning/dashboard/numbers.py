"""What the dashboard counts, put together from the contexts' queries by what the reader may see.

Its price in queries does not depend on how much the school holds: four for a period (three of
enrollments, one of money), and eight for how things stand now. Nothing is cached: what staff have
just done is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from apps.courses import queries as courses
from apps.courses.queries import CourseSeats, SeatTotals
from apps.events import queries as events
from apps.events.queries import Backlog
from apps.lectures import queries as lectures
from apps.lectures.queries import Intake
from apps.payments import queries as payments
from apps.payments.queries import Owed, RefundBacklog, Revenue
from apps.periods import Bucket, Period
from elearning.invariants import list_standing
from foundation.batches.services import count_open
from foundation.invariants.services import Finding

FULLEST = 8
T = TypeVar("T")


@dataclass(frozen=True)
class Rights:
    """What of the dashboard the reader may see."""

    courses: bool
    enrollments: bool
    payments: bool
    refunds: bool
    deliveries: bool
    failures: bool
    invariants: bool

    @property
    def any(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Learning:
    """Enrollments over a period, by the start of each unit; None is the stretch before."""

    intake: dict[Bucket, Intake]
    completed: dict[Bucket, int]
    cancelled: dict[Bucket, int]


@dataclass(frozen=True)
class Money:
    """Tuition over a period, by currency and then by unit."""

    revenue: dict[str, dict[Bucket, Revenue]]


@dataclass(frozen=True)
class Standing:
    """How things stand now; None is what the reader may not see."""

    seats: SeatTotals | None
    fullest: list[CourseSeats]
    requested: int | None
    deferred: dict[str, Owed] | None
    refunds: RefundBacklog | None
    backlog: Backlog | None
    failed_rows: int | None
    invariants: list[Finding] | None


def rights_of(user: Any) -> Rights:
    """Return what Django's permissions let the user see."""
    may = user.has_perm
    return Rights(
        courses=may("courses.view_course"),
        enrollments=may("lectures.view_enrollment"),
        payments=may("payments.view_payment"),
        refunds=may("payments.view_refund"),
        deliveries=may("events.view_delivery"),
        failures=may("batches.view_batchfailure"),
        invariants=may("invariants.view_invariantcheck"),
    )


def measure(rights: Rights, period: Period) -> tuple[Learning | None, Money | None]:
    """Return what the reader may see of the period, in four queries at most."""
    return (
        measure_learning(period) if rights.enrollments else None,
        measure_money(period) if rights.payments else None,
    )


def measure_learning(period: Period) -> Learning:
    """Return what happened to enrollments, in three queries."""
    return Learning(
        intake=lectures.count_intake(period=period),
        completed=lectures.count_completed(period=period),
        cancelled=lectures.count_cancelled(period=period),
    )


def measure_money(period: Period) -> Money:
    """Return what came in and went back, in one query."""
    revenue: dict[str, dict[Bucket, Revenue]] = {}
    for (bucket, currency), amounts in payments.list_revenue(period=period).items():
        revenue.setdefault(currency, {})[bucket] = amounts
    return Money(revenue=dict(sorted(revenue.items())))


def measure_standing(rights: Rights) -> Standing:
    """Return how things stand now, in eight queries at most."""
    return Standing(
        seats=courses.count_seats() if rights.courses else None,
        fullest=courses.list_seats(limit=FULLEST) if rights.courses else [],
        requested=lectures.count_requested() if rights.enrollments else None,
        deferred=payments.list_deferred() if rights.payments else None,
        refunds=payments.refund_backlog() if rights.refunds else None,
        backlog=events.get_backlog() if rights.deliveries else None,
        failed_rows=count_open() if rights.failures else None,
        invariants=list_standing() if rights.invariants else None,
    )


def total(amounts: Mapping[Bucket, T], *, nothing: T) -> tuple[T, T]:
    """Return the sum over the period, and what there was in the stretch before."""
    now = nothing
    for bucket, amount in amounts.items():
        if bucket is not None:
            now = now + amount  # type: ignore[operator]
    return now, amounts.get(None, nothing)


def series(amounts: Mapping[Bucket, T], starts: list[datetime], *, nothing: T) -> list[T]:
    """Return the amount of every unit, with ``nothing`` where nothing happened."""
    return [amounts.get(start, nothing) for start in starts]
