"""What the dashboard counts of enrollments."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from apps.lectures.models import Enrollment, EnrollmentStatus
from apps.periods import Bucket, Period


@dataclass(frozen=True)
class Intake:
    """How many enrollments were requested, how many of them cost something, how many got paid."""

    requested: int = 0
    payable: int = 0
    paid: int = 0

    def __add__(self, other: Intake) -> Intake:
        return Intake(
            requested=self.requested + other.requested,
            payable=self.payable + other.payable,
            paid=self.paid + other.paid,
        )


def count_intake(*, period: Period) -> dict[Bucket, Intake]:
    """Return by unit what was requested and what became of it so far, in one indexed query."""
    rows = (
        Enrollment.objects.filter(period.covers("requested_at"))
        .order_by()
        .values(bucket=period.bucket("requested_at"))
        .annotate(
            requested=Count("pk"),
            payable=Count("pk", filter=Q(price_minor__gt=0)),
            paid=Count("pk", filter=Q(paid_at__isnull=False)),
        )
    )
    return {
        row["bucket"]: Intake(
            requested=row["requested"], payable=row["payable"], paid=row["paid"]
        )
        for row in rows
    }  # fmt: skip


def count_completed(*, period: Period) -> dict[Bucket, int]:
    """Return by unit how many enrollments were completed, in one indexed query."""
    return _count("completed_at", period)


def count_cancelled(*, period: Period) -> dict[Bucket, int]:
    """Return by unit how many enrollments were cancelled, in one indexed query."""
    return _count("cancelled_at", period)


def _count(field: str, period: Period) -> dict[Bucket, int]:
    rows = Enrollment.objects.filter(period.covers(field)).order_by()
    return dict(rows.values_list(period.bucket(field)).annotate(count=Count("pk")))


def count_requested() -> int:
    """Return how many enrollments wait for their payment, in one indexed query."""
    return Enrollment.objects.filter(status=EnrollmentStatus.REQUESTED).count()
