"""Reads on waiting lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from apps.courses import queries as courses_queries
from apps.courses.queries import CourseTerms
from apps.lectures.models import WAITS, WaitingListEntry, WaitingStatus
from apps.refusals import NotFound


@dataclass(frozen=True)
class WaitingPlace:
    """One student's place on the waiting list of a course, as its owner sees it."""

    id: int
    course: CourseTerms
    student_id: int
    status: str
    position: int | None
    """From 1, while waiting; None once the seat is offered or the waiting is over."""
    joined_at: datetime
    offered_at: datetime | None
    offered_until: datetime | None
    ended_at: datetime | None
    enrollment_id: int | None

    @property
    def is_offered(self) -> bool:
        return self.status == WaitingStatus.OFFERED


def visible_places(*, viewer_id: int, viewer_is_staff: bool) -> QuerySet[WaitingListEntry]:
    """Return the viewer's own places, or everybody's to staff, newest first, with positions."""
    entries = _with_position(WaitingListEntry.objects.order_by("-pk"))
    return entries if viewer_is_staff else entries.filter(student_id=viewer_id)


def get_place(*, entry_id: int, viewer_id: int, viewer_is_staff: bool = False) -> WaitingPlace:
    """Return one place in two queries. Raises NotFound, also for somebody else's."""
    visible = visible_places(viewer_id=viewer_id, viewer_is_staff=viewer_is_staff)
    places = describe_places(visible.filter(pk=entry_id))
    if not places:
        raise NotFound(_("There is no such place on a waiting list."))
    return places[0]


def find_live_place(*, student_id: int, course: CourseTerms) -> WaitingPlace | None:
    """Return where the student waits for the course or is offered a seat of it, in one query."""
    live = WaitingListEntry.objects.filter(
        student_id=student_id, course_id=course.id, status__in=WAITS
    )
    return next((_place(row, course) for row in _with_position(live)), None)


def describe_places(entries: Iterable[WaitingListEntry]) -> list[WaitingPlace]:
    """Return these ``visible_places``, in one further query however many they are."""
    rows = list(entries)
    courses = courses_queries.list_terms(course_ids=[row.course_id for row in rows])
    return [_place(row, courses[row.course_id]) for row in rows]


def _with_position(entries: QuerySet[WaitingListEntry]) -> QuerySet[WaitingListEntry]:
    ahead = WaitingListEntry.objects.filter(
        course_id=OuterRef("course_id"), status=WaitingStatus.WAITING, pk__lte=OuterRef("pk")
    )
    counted = ahead.order_by().values("course_id").annotate(count=Count("pk")).values("count")
    return entries.annotate(position=Subquery(counted))


def _place(row: WaitingListEntry, course: CourseTerms) -> WaitingPlace:
    return WaitingPlace(
        id=row.pk,
        course=course,
        student_id=row.student_id,
        status=row.status,
        position=getattr(row, "position", None) if row.status == WaitingStatus.WAITING else None,
        joined_at=row.joined_at,
        offered_at=row.offered_at,
        offered_until=row.offered_until,
        ended_at=row.ended_at,
        enrollment_id=row.enrollment_id,
    )
