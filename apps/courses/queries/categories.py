"""The categories that the catalogue is filtered by."""

from __future__ import annotations

from apps.courses.models import Course, CourseStatus


def list_categories() -> list[str]:
    """Return the categories of the open courses, in alphabetical order."""
    rows = Course.objects.filter(status=CourseStatus.OPEN).exclude(category="")
    return list(rows.order_by("category").values_list("category", flat=True).distinct())
