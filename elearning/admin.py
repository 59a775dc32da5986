"""What of the desk needs several contexts: what depends on a course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from apps.courses import admin as courses_admin
from apps.desk import Text
from apps.lectures import queries as lectures
from apps.lectures.admin import STATUS_LABELS
from elearning import preview
from elearning.audit.admin import AuditEntryAdmin
from elearning.batch_failures import BatchFailureAdmin
from elearning.bulk.admin import BulkJobAdmin
from elearning.consequences import consequences_of_closing, consequences_of_withdrawal
from elearning.invariants.admin import InvariantCheckAdmin

__all__ = [
    "AuditEntryAdmin",
    "BatchFailureAdmin",
    "BulkJobAdmin",
    "CourseAdmin",
    "InvariantCheckAdmin",
]


class CourseAdmin(courses_admin.CourseAdmin):
    """The course with its enrollments counted, and as a student sees it."""

    change_form_before_template = "admin/courses/preview_links.html"

    def view_on_site(self, obj: Any) -> str | None:
        return reverse("courses:course", args=[obj.slug]) if obj.slug else None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.show_unsaved)
        return [
            path("add/as-student/", view, name="courses_course_unsaved_new"),
            path("<path:object_id>/change/as-student/", view, name="courses_course_unsaved"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def show_unsaved(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show what stands in the form as a student would see it."""
        return preview.show_unsaved(request, self.read_unsaved(request, object_id))

    def list_enrollment_counts(self, course_ids: Sequence[int]) -> dict[int, Text]:
        """Return by course how many enrollments are in each state, in one query."""
        enrollments = lectures.visible_enrollments(viewer_id=0, viewer_is_staff=True)
        rows = enrollments.filter(course_id__in=course_ids).order_by()
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        for course_id, status, count in rows.values_list("course_id", "status").annotate(
            Count("pk")
        ):
            counts[course_id][status] = count
        return {course_id: _in_words(by_status) for course_id, by_status in counts.items()}

    def consequences_of_closing(self, course_id: int) -> list[Text]:
        return consequences_of_closing(course_id)

    def consequences_of_withdrawal(self, course_ids: Sequence[int]) -> list[Text]:
        return consequences_of_withdrawal(course_ids)


def _in_words(by_status: dict[str, int]) -> str:
    return " · ".join(
        f"{label} {by_status[status]:,}"
        for status, label in STATUS_LABELS.items()
        if status in by_status
    )


courses_admin.register(CourseAdmin)
