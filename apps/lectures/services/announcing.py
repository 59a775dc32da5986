"""What every event of an enrollment, and of a place in the queue, says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.courses import queries as courses_queries
from apps.courses.queries import CourseTerms
from apps.lectures.models import Enrollment, WaitingListEntry


def about(enrollment: Enrollment, now: datetime) -> dict[str, Any]:
    """Return the fields that every EnrollmentEvent shares. One query, for the course's title."""
    return about_in(enrollment, courses_queries.get_terms(course_id=enrollment.course_id), now)


def about_in(enrollment: Enrollment, terms: CourseTerms, now: datetime) -> dict[str, Any]:
    """Return the fields that every EnrollmentEvent shares, without a query."""
    return {
        "enrollment_id": enrollment.pk,
        "student_id": enrollment.student_id,
        "course_id": enrollment.course_id,
        "course_title": terms.title,
        "occurred_at": now.isoformat(),
    }


def about_waiting(entry: WaitingListEntry, terms: CourseTerms, now: datetime) -> dict[str, Any]:
    """Return the fields that every WaitingListEvent shares, without a query."""
    return {
        "entry_id": entry.pk,
        "student_id": entry.student_id,
        "course_id": entry.course_id,
        "course_title": terms.title,
        "course_slug": terms.slug,
        "occurred_at": now.isoformat(),
    }
