"""Deleting a course withdraws it: the row stays, and the page says beforehand what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.courses import services
from apps.courses.models import Course, CourseStatus
from apps.desk import DeskAdmin, Text
from apps.refusals import Refusal


class DeleteWithdraws(DeskAdmin):
    actions = ["delete_selected"]
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
        warnings = [] if course is None else self.warnings_of_withdrawal([course.pk])
        try:
            return super().delete_view(
                request, object_id, {**(extra_context or {}), "warnings": warnings}
            )
        except Refusal as refusal:  # withdrawn since this page was shown
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self._list_url())

    def delete_model(self, request: HttpRequest, obj: Course) -> None:
        services.withdraw_course(course_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        self._withdraw_all(request, queryset)

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

    @admin.action(permissions=["delete"], description=_("Withdraw (delete) the chosen courses"))
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Course]
    ) -> HttpResponse | None:
        if request.POST.get("post"):
            self._withdraw_all(request, queryset)
            return None
        live = list(queryset.exclude(status=CourseStatus.WITHDRAWN))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Withdraw courses"),
            "opts": self.opts,
            "queryset": queryset,
            "courses": live,
            "withdrawn_count": queryset.count() - len(live),
            "warnings": self.warnings_of_withdrawal([course.pk for course in live]),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "back_url": self._list_url(),
        }
        return TemplateResponse(request, "admin/courses/delete_selected.html", context)

    def _withdraw_all(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        done = skipped = 0
        for course in queryset:
            try:
                services.withdraw_course(course_id=course.pk)
            except Refusal:
                skipped += 1
                continue
            self.log_change(request, course, str(_("Withdraw the course")))
            done += 1
        if done:
            text = ngettext("%(n)d course is withdrawn.", "%(n)d courses are withdrawn.", done)
            messages.success(request, text % {"n": done})
        if skipped:
            text = ngettext(
                "%(n)d course had been withdrawn already and was skipped.",
                "%(n)d courses had been withdrawn already and were skipped.",
                skipped,
            )
            messages.warning(request, text % {"n": skipped})

    def _list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:courses_course_changelist")


def _is_withdrawn(course: Any) -> bool:
    return isinstance(course, Course) and course.status == CourseStatus.WITHDRAWN
