"""The forms of a course and its lessons: what browsers send is checked here, rules elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.courses.models import Course, Lesson
from apps.uploads import drawn_anew, refuse_unlike_its_name
from foundation.desk.prices import PriceField, PriceWidget, minor_amount, typed_amount

COVER_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp"}
MAX_COVER_PIXELS = 40_000_000
AT_THE_END = 1_000_000
"""The place of a lesson that was given none: lessons are numbered anew after every change."""


class MarkdownWidget(UnfoldAdminTextareaWidget):
    """A text area with a preview that the server renders."""

    template_name = "admin/courses/markdown_widget.html"

    class Media:
        js = ["desk/markdown.js", "desk/lessons.js", "desk/preview.js"]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["preview_url"] = reverse_lazy("admin:courses_course_preview")
        return context


class CategoryWidget(UnfoldAdminTextInputWidget):
    """A text field that suggests the categories in use."""

    template_name = "admin/courses/category_widget.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, {**(attrs or {}), "list": "course-categories"})
        used = Course.objects.exclude(category="").order_by("category")
        context["widget"]["suggestions"] = used.values_list("category", flat=True).distinct()
        return context


class CourseForm(forms.ModelForm):
    refusal: str = ""
    """Why saving what was posted was refused; shown above it when the form comes back."""

    class Meta:
        model = Course
        fields: list[str] = []  # the admin's fieldsets say which
        field_classes = {"price_minor": PriceField}
        widgets = {
            "description": MarkdownWidget(),
            "category": CategoryWidget(),
            "price_minor": PriceWidget(),
        }
        help_texts = {
            "price_minor": _(
                "In the currency's own unit, such as 180,000 won or 89.00 dollars. 0 makes the"
                " course free."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["price_minor"] = typed_amount(
            self.instance.price_minor, self.instance.currency
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if {"price_minor", "currency"} <= cleaned.keys():
            try:
                cleaned["price_minor"] = minor_amount(cleaned["price_minor"], cleaned["currency"])
            except forms.ValidationError as error:
                self.add_error("price_minor", error)
        if self.refusal:
            self.add_error(None, self.refusal)
        return cleaned

    def clean_cover(self) -> Any:
        cover = self.cleaned_data["cover"]
        if isinstance(cover, UploadedFile):
            refuse_no_cover(cover)
            return drawn_anew(cover)
        return cover


class LessonForm(forms.ModelForm):
    position = forms.IntegerField(
        label=pgettext_lazy("lessons", "Order"),
        required=False,
        min_value=0,
        max_value=AT_THE_END,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Drag the lessons, or number them. Left empty, it becomes the last."),
    )

    class Meta:
        model = Lesson
        fields: list[str] = []
        widgets = {"content": MarkdownWidget()}

    def clean_position(self) -> int:
        position = self.cleaned_data["position"]
        return AT_THE_END if position is None else position

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            refuse_larger(file, settings.LESSON_FILE_MAX_BYTES)
            refuse_unlike_its_name(file)
        return file


def refuse_no_cover(cover: Any) -> None:
    """Take pictures only, by their content, which the suffix follows. Raises ValidationError."""
    refuse_larger(cover, settings.COVER_MAX_BYTES)
    picture = cover.image  # the form's field has opened it
    if picture.format not in COVER_SUFFIXES:
        raise forms.ValidationError(_("Choose a JPEG, PNG or WebP picture."))
    if picture.width * picture.height > MAX_COVER_PIXELS:
        raise forms.ValidationError(_("Choose a picture of at most 40 megapixels."))
    cover.name = "cover" + COVER_SUFFIXES[picture.format]


def refuse_larger(file: UploadedFile, max_bytes: int) -> None:
    """Raise ValidationError for a file above the limit."""
    if (file.size or 0) > max_bytes:
        message = _("Choose a file of at most %(limit)s.") % {"limit": filesizeformat(max_bytes)}
        raise forms.ValidationError(message)


def in_order(lessons: Iterable[Lesson], moves: dict[int, int]) -> list[Lesson]:
    """Return the lessons as they stand; ``moves`` holds how far each was moved by number.

    Of two lessons with one number, the one that was moved there takes the place.
    """

    def place(lesson: Lesson) -> tuple[int, int, float]:
        move = moves.get(lesson.pk, 0)
        return lesson.position, (move > 0) - (move < 0), lesson.pk or inf

    return sorted(lessons, key=place)


def number_lessons(*, course: Course, moves: dict[int, int]) -> None:
    """Number the lessons 1, 2, 3 … in their order."""
    lessons = in_order(course.lessons.all(), moves)
    for position, lesson in enumerate(lessons, start=1):
        lesson.position = position
    Lesson.objects.bulk_update(lessons, ["position"])
