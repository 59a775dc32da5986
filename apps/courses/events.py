"""The facts that courses publish."""

from __future__ import annotations

from dataclasses import dataclass

from apps.events.registry import Event, event


@event("courses.course_opened.v1")
@dataclass(frozen=True, kw_only=True)
class CourseOpened(Event):
    course_id: int
    title: str
    opened_at: str


@event("courses.course_closed.v1")
@dataclass(frozen=True, kw_only=True)
class CourseClosed(Event):
    course_id: int
    title: str
    closed_at: str


@event("courses.course_withdrawn.v1")
@dataclass(frozen=True, kw_only=True)
class CourseWithdrawn(Event):
    course_id: int
    title: str
    withdrawn_at: str


@event("courses.course_seats_added.v1")
@dataclass(frozen=True, kw_only=True)
class CourseSeatsAdded(Event):
    """Staff raised the number of seats; ``capacity`` None is unlimited."""

    course_id: int
    capacity: int | None
