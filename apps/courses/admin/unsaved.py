"""The page that a course would have with what stands in the form, of which nothing is written."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest
from django.utils.text import capfirst

from apps.courses import queries
from apps.courses.admin.forms import in_order
from apps.courses.admin.lessons import moves_of
from apps.courses.models import Course, Lesson
from apps.courses.queries import CoursePage
from apps.desk import DeskAdmin


@dataclass(frozen=True)
class Unsaved:
    """The page, or what has to be mended in the form first."""

    page: CoursePage | None
    errors: list[str]


class UnsavedCourse(DeskAdmin):
    def read_unsaved(self, request: HttpRequest, object_id: str | None) -> Unsaved:
        """Check what was posted as saving would. Raises Http404, PermissionDenied."""
        course = self._find(request, object_id)
        form = self.get_form(request, course, change=course is not None)(
            request.POST, request.FILES, instance=course
        )
        form.is_valid()
        formsets, _inlines = self._create_formsets(
            request, form.instance, change=course is not None
        )
        errors = [*_errors_of(form), *(text for each in formsets for text in _errors_within(each))]
        return Unsaved(None if errors else _page_of(form.instance, form, formsets), errors)

    def _find(self, request: HttpRequest, object_id: str | None) -> Course | None:
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        course: Course | None = self.get_object(request, unquote(object_id))
        if course is None:
            raise Http404
        if not self.has_change_permission(request, course):
            raise PermissionDenied
        return course


def _errors_of(form: Any) -> Iterator[str]:
    for name, messages in form.errors.items():
        label = capfirst(form.fields[name].label) if name in form.fields else ""
        yield from (f"{label}: {message}" if label else str(message) for message in messages)


def _errors_within(formset: Any) -> Iterator[str]:
    """Name the lesson by its title, as it was posted."""
    formset.is_valid()
    yield from map(str, formset.non_form_errors())
    for form in formset.forms:
        yield from (f"{form['title'].value() or '–'} · {text}" for text in _errors_of(form))


def _page_of(course: Course, form: Any, formsets: list[Any]) -> CoursePage:
    lessons: list[Lesson] = []
    for formset in formsets:
        kept = (
            each.instance
            for each in formset.forms
            if each not in formset.deleted_forms and (each.instance.pk or each.has_changed())
        )
        lessons = in_order(kept, moves_of(formset))
    return queries.make_unsaved_page(course=course, lessons=lessons, cover_url=_picture(form))


def _picture(form: Any) -> str:
    """Return a cover that was just chosen as an address that holds it; empty without one."""
    cover = form.cleaned_data.get("cover")
    if not isinstance(cover, UploadedFile):
        return ""
    cover.seek(0)
    return f"data:image/*;base64,{b64encode(cover.read()).decode()}"
