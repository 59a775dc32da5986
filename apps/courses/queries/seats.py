"""What the dashboard shows of seats."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from apps.courses.models import Course, CourseStatus


@dataclass(frozen=True)
class SeatTotals:
    """How many courses there are and are open, and the seats of the open ones.

    ``seats`` and ``taken`` are of the courses whose seats are limited, ``taken_unlimited`` of
    the others.
    """

    courses: int
    open_courses: int
    full_courses: int
    seats: int
    taken: int
    taken_unlimited: int


@dataclass(frozen=True)
class CourseSeats:
    """The seats of one course; ``capacity`` None is unlimited."""

    id: int
    title: str
    status: str
    capacity: int | None
    seats_taken: int

    @property
    def status_label(self) -> str:
        return str(CourseStatus(self.status).label)

    @property
    def percent(self) -> int | None:
        """How full it is, rounded down: 100 only when no seat is left."""
        return self.seats_taken * 100 // self.capacity if self.capacity else None


def count_seats() -> SeatTotals:
    """Return the totals over all courses, in one query."""
    is_open = Q(status=CourseStatus.OPEN)
    unlimited = is_open & Q(capacity__isnull=True)
    limited = is_open & Q(capacity__isnull=False)
    return SeatTotals(
        **Course.objects.aggregate(
            courses=Count("pk"),
            open_courses=Count("pk", filter=is_open),
            full_courses=Count("pk", filter=limited & Q(seats_taken__gte=F("capacity"))),
            seats=Sum("capacity", filter=limited, default=0),
            taken=Sum("seats_taken", filter=limited, default=0),
            taken_unlimited=Sum("seats_taken", filter=unlimited, default=0),
        )
    )


def list_seats(*, limit: int, open_only: bool = True) -> list[CourseSeats]:
    """Return the courses, the fullest first and those without a limit last, in one query."""
    courses = Course.objects.filter(status=CourseStatus.OPEN) if open_only else Course.objects
    fill = F("seats_taken") * 1.0 / F("capacity")
    rows = courses.order_by(fill.desc(nulls_last=True), "-seats_taken", "pk")
    names = list(CourseSeats.__dataclass_fields__)
    return [CourseSeats(**row) for row in rows.values(*names)[:limit]]
