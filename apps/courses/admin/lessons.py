"""The lessons on the page of their course."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from unfold.admin import StackedInline

from apps.courses.admin.forms import LessonForm
from apps.courses.models import Course, CourseStatus, Lesson

MAX_LESSONS = 300


class LessonInline(StackedInline):
    model = Lesson
    form = LessonForm
    extra = 0
    ordering_field = "position"
    collapsible = True
    max_num = MAX_LESSONS
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fields = [
        "title", "position", "duration_minutes", "is_preview", "content", "video_url", "file",
    ]  # fmt: skip

    def get_formset(
        self, request: HttpRequest, obj: Course | None = None, **kwargs: Any
    ) -> type[Any]:
        """Take no more forms than lessons are allowed, whatever number the browser sends."""
        return super().get_formset(request, obj, **{"absolute_max": MAX_LESSONS + 1, **kwargs})

    def has_add_permission(self, request: HttpRequest, obj: Course | None = None) -> bool:
        return _may_change(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Course | None = None) -> bool:
        return _may_change(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Course | None = None) -> bool:
        return _may_change(obj) and super().has_delete_permission(request, obj)


def _may_change(course: Course | None) -> bool:
    return course is None or course.status != CourseStatus.WITHDRAWN


def moves_of(formset: Any) -> dict[int, int]:
    """Return by lesson id how far its number was moved in the form."""
    return {
        form.instance.pk: form.cleaned_data["position"] - (form.initial["position"] or 0)
        for form in formset.initial_forms
        if form.instance.pk and form.cleaned_data.get("position") is not None
    }
