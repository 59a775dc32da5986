"""Deleting a course withdraws it: the row stays, and the page says beforehand what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.courses import services
from apps.courses.models import Course, CourseStatus
from apps.desk import DeskAdmin, Text
from apps.refusals import Refusal


class DeleteWithdraws(DeskAdmin):
    delete_confirmation_template = "admin/courses/delete_confirmation.html"

    def consequences_of_withdrawal(self, course_ids: Sequence[int]) -> list[Text]:
        """Say what follows beyond the course itself; the whole system knows, not courses."""
        return []

    def warnings_of_withdrawal(self, course_ids: Sequence[int]) -> list[Text]:
        return [
            _("The offer disappears for good: a withdrawn course cannot be opened or changed."),
            *self.consequences_of_withdrawal(course_ids),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_withdrawn(obj) and super().has_delete_permission(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """No row is deleted, so nothing is in the way."""
        courses = [str(course) for course in objs]
        return courses, {str(self.opts.verbose_name_plural): len(courses)}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        course = self.get_object(request, unquote(object_id))
        if _is_withdrawn(course) and self.may(request, "delete"):
            messages.warning(request, _("This course has been withdrawn already."))
            return HttpResponseRedirect(self.change_url(course.pk))
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:  # withdrawn since this page was shown
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self._list_url())

    def said_of_deletion(self, request: HttpRequest, row: Course) -> list[str]:
        return [str(warning) for warning in self.warnings_of_withdrawal([row.pk])]

    def delete_model(self, request: HttpRequest, obj: Course) -> None:
        agreed = self.agreement_to_delete(request, obj)
        services.withdraw_course(course_id=obj.pk, agreed=agreed)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        """Log what it is: a change of rows that stay."""
        for course in queryset:
            self.log_change(request, course, str(_("Withdraw the course")))

    def response_delete(
        self, request: HttpRequest, obj_display: str, obj_id: Any
    ) -> HttpResponseRedirect:
        message = _("“%(course)s” is withdrawn. Its enrollments are being cancelled.")
        messages.success(request, message % {"course": obj_display})
        return HttpResponseRedirect(self._list_url())

    def _list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:courses_course_changelist")


def _is_withdrawn(course: Any) -> bool:
    return isinstance(course, Course) and course.status == CourseStatus.WITHDRAWN
