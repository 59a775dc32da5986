"""All that lectures hold on one student, for the student to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from apps.courses import queries as courses_queries
from apps.held import Row, read_as, read_by
from apps.lectures.models import Enrollment, LessonProgress, Reminder, Review, WaitingListEntry


@dataclass(frozen=True)
class HeldLesson:
    lesson_id: int
    lesson_title: str
    opened_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class HeldReview:
    id: int
    rating: int
    text: str
    written_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True)
class HeldReminder:
    kind: str
    about_at: datetime
    reminded_at: datetime


@dataclass(frozen=True)
class HeldEnrollment:
    id: int
    course_id: int
    course_title: str
    status: str
    price_minor: int
    currency: str
    refund_policy: str
    starts_at: datetime | None
    ends_at: datetime | None
    progress_percent: int
    requested_at: datetime
    pay_by: datetime | None
    paid_at: datetime | None
    approved_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    expired_at: datetime | None
    lessons: tuple[HeldLesson, ...]
    reviews: tuple[HeldReview, ...]
    reminders: tuple[HeldReminder, ...]


@dataclass(frozen=True)
class HeldPlace:
    id: int
    course_id: int
    course_title: str
    status: str
    joined_at: datetime
    offered_at: datetime | None
    offered_until: datetime | None
    ended_at: datetime | None
    enrollment_id: int | None


@dataclass(frozen=True)
class HeldByLectures:
    enrollments: tuple[HeldEnrollment, ...]
    waiting_places: tuple[HeldPlace, ...]


def get_held(*, student_id: int) -> HeldByLectures:
    """Return all of the student's rows, in seven queries."""
    enrollments = Enrollment.objects.filter(student_id=student_id)
    places = WaitingListEntry.objects.filter(student_id=student_id)
    return HeldByLectures(
        enrollments=read_as(
            HeldEnrollment,
            enrollments.order_by("pk"),
            course_title=_title_of(enrollments),
            lessons=read_by(
                "enrollment_id",
                HeldLesson,
                LessonProgress.objects.filter(enrollment__in=enrollments).annotate(
                    lesson_title=F("lesson__title")
                ),
            ),
            reviews=read_by(
                "enrollment_id", HeldReview, Review.objects.filter(enrollment__in=enrollments)
            ),
            reminders=read_by(
                "enrollment_id", HeldReminder, Reminder.objects.filter(enrollment__in=enrollments)
            ),
        ),
        waiting_places=read_as(HeldPlace, places.order_by("pk"), course_title=_title_of(places)),
    )


def _title_of(rows: QuerySet[Any]) -> Callable[[Row], str]:
    ids = rows.order_by().values_list("course_id", flat=True)
    courses = courses_queries.list_terms(course_ids=ids)
    return lambda row: courses[row["course_id"]].title
