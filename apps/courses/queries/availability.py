"""Whether one can enroll now, of a row and in a query."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Case, F, Q, Value, When

from apps.courses import policies
from apps.courses.models import Course, CourseStatus

if TYPE_CHECKING:
    from apps.courses.queries.offers import CourseTerms


def availability_case(now: datetime) -> Case:
    return Case(
        When(
            ~Q(status="open") | Q(enrollment_closes_at__lte=now) | _cannot_be_sold(),
            then=Value("closed"),
        ),
        When(enrollment_opens_at__gt=now, then=Value("upcoming")),
        When(capacity__isnull=False, seats_taken__gte=F("capacity"), then=Value("full")),
        default=Value("open"),
    )


def _cannot_be_sold() -> Q:
    return Q() if settings.PAYMENTS_ENABLED else Q(price_minor__gt=0)


def availability_of(course: CourseTerms | Course, *, now: datetime) -> str:
    if not course.can_be_sold:
        return "closed"
    if course.status != CourseStatus.OPEN or policies.enrollment_has_closed(
        closes_at=course.enrollment_closes_at, now=now
    ):
        return "closed"
    if not policies.enrollment_has_opened(opens_at=course.enrollment_opens_at, now=now):
        return "upcoming"
    if not policies.seat_is_available(capacity=course.capacity, seats_taken=course.seats_taken):
        return "full"
    return "open"
