"""What every event of an enrollment says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.courses import queries as courses_queries
from apps.lectures.models import Enrollment


def about(enrollment: Enrollment, now: datetime) -> dict[str, Any]:
    """Return the fields that every EnrollmentEvent shares. One query, for the course's title."""
    return {
        "enrollment_id": enrollment.pk,
        "student_id": enrollment.student_id,
        "course_id": enrollment.course_id,
        "course_title": courses_queries.get_terms(course_id=enrollment.course_id).title,
        "occurred_at": now.isoformat(),
    }
