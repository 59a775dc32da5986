"""What the list and the page of a course show beside its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from apps.courses.models import Course, CourseStatus
from apps.desk import DeskAdmin, Text
from apps.money import format_money

NOTHING = "–"


class CourseColumns(DeskAdmin):
    tones = {
        CourseStatus.DRAFT: "info",
        CourseStatus.OPEN: "success",
        CourseStatus.CLOSED: "warning",
        CourseStatus.WITHDRAWN: "danger",
    }

    def read_more(self, rows: list[Any]) -> None:
        counts = self.list_enrollment_counts([course.pk for course in rows])
        for course in rows:
            course.enrollment_counts = counts.get(course.pk, NOTHING)

    def list_enrollment_counts(self, course_ids: Sequence[int]) -> dict[int, Text]:
        """Return by course what to say of its enrollments; the whole system knows, not courses."""
        return {}

    @display(description=_("price"), ordering="price_minor")
    def price(self, course: Course) -> Text:
        if not course.price_minor:
            return pgettext_lazy("price", "Free")
        return format_money(course.price_minor, course.currency)

    @display(description=_("seats"), ordering="seats_taken")
    def seats(self, course: Course) -> str:
        if course.capacity is None:
            return str(_("%(taken)d taken, unlimited") % {"taken": course.seats_taken})
        return f"{course.seats_taken:,} / {course.capacity:,}"

    @display(description=_("enrollments"))
    def enrollments(self, course: Course) -> Text:
        if hasattr(course, "enrollment_counts"):
            return course.enrollment_counts
        return self.list_enrollment_counts([course.pk]).get(course.pk, NOTHING)

    @display(description=_("rating"))
    def rating(self, course: Course) -> str:
        if not course.rating_count:
            return NOTHING
        average = course.rating_sum / course.rating_count
        return f"★ {average:.1f} ({course.rating_count:,})"
