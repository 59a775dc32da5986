"""Register and change courses; open and close them by buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import IntegrityError, connection
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed
from unfold.enums import ActionVariant

from apps.courses import services
from apps.courses.admin.columns import CourseColumns
from apps.courses.admin.files import CourseFiles
from apps.courses.admin.forms import CourseForm, number_lessons
from apps.courses.admin.lessons import LessonInline, moves_of
from apps.courses.admin.opening import describe_sale
from apps.courses.admin.unsaved import UnsavedCourse
from apps.courses.admin.withdrawal import DeleteWithdraws
from apps.courses.models import Course, CourseStatus, Lesson
from apps.desk import DeskAdmin, Text, button
from apps.refusals import Refusal
from foundation.agreement import Agreement


class CourseAdmin(CourseColumns, DeleteWithdraws, CourseFiles, UnsavedCourse, DeskAdmin):
    form = CourseForm
    inlines = [LessonInline]
    list_display = [
        "title", "state", "category", "price", "seats", "enrollments", "starts_at",
    ]  # fmt: skip
    export_also = ("capacity", "slug")
    list_filter = ["status", "category", "language", "refund_policy"]
    search_fields = ["title", "summary", "category", "slug"]
    readonly_fields = [
        "state", "price", "seats", "enrollments", "rating", "created_at", "withdrawn_at",
    ]  # fmt: skip
    actions_detail = ["open_course", "close_course", "withdraw_course"]
    offer = [
        (None, {"fields": [
            "title", "summary", ("category", "language"), "cover", "description",
        ]}),
        (_("Price and seats"), {"fields": [
            ("price_minor", "currency"), "refund_policy", "capacity",
            "completion_threshold_percent",
        ]}),
        (_("Dates"), {"fields": [
            "enrollment_opens_at", "enrollment_closes_at", "starts_at", "ends_at",
        ]}),
        (_("Address"), {"fields": ["slug"], "classes": ["collapse"]}),
    ]  # fmt: skip
    standing = (
        _("State"),
        {"fields": [
            ("state", "seats"), "enrollments", ("rating", "created_at"), "withdrawn_at",
        ]},
    )  # fmt: skip

    @button(
        label=_("Open the course"),
        icon="play_circle",
        variant=ActionVariant.SUCCESS,
        offered=lambda course: can_proceed(course.open),
        warns=lambda admin, course: [
            _("The course appears in the catalogue, and this is what is sold:"),
            *describe_sale(course),
        ],
    )
    def open_course(self, course: Course, *, agreed: Agreement) -> Text:
        services.open_course(course_id=course.pk, agreed=agreed)
        return _("The course is open.")

    @button(
        label=_("Close the course"),
        icon="stop_circle",
        offered=lambda course: can_proceed(course.close),
        warns=lambda admin, course: [
            _("Nobody can enroll any more. The enrolled go on learning; you can open it again."),
            *admin.consequences_of_closing(course.pk),
        ],
    )
    def close_course(self, course: Course, *, agreed: Agreement) -> Text:
        services.close_course(course_id=course.pk, agreed=agreed)
        return _("The course is closed.")

    @button(
        label=_("Withdraw the course"),
        icon="delete_forever",
        variant=ActionVariant.DANGER,
        permission="delete",
        offered=lambda course: can_proceed(course.withdraw),
        warns=lambda admin, course: admin.warnings_of_withdrawal([course.pk]),
    )
    def withdraw_course(self, course: Course, *, agreed: Agreement) -> Text:
        services.withdraw_course(course_id=course.pk, agreed=agreed)
        return _("The course is withdrawn. Its enrollments are being cancelled.")

    def consequences_of_closing(self, course_id: int) -> list[Text]:
        """Say whom it concerns; the whole system knows, not courses."""
        return []

    def get_fieldsets(self, request: HttpRequest, obj: Course | None = None) -> list[Any]:
        if obj is None:
            return self.offer
        if self.has_change_permission(request, obj):
            return [self.standing, *self.offer]
        return [self.standing, *_with_shown_price(self.offer)]

    def get_form(
        self, request: HttpRequest, obj: Course | None = None, change: Any = None, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "course_refusal", "")
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        withdrawn = isinstance(obj, Course) and obj.status == CourseStatus.WITHDRAWN
        return not withdrawn and super().has_change_permission(request, obj)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Lock what is about to be saved, so that seats taken meanwhile are not written over."""
        course = super().get_object(request, object_id, from_field)
        if course is None or request.method != "POST" or not connection.in_atomic_block:
            return course
        return self.get_queryset(request).select_for_update(no_key=True).get(pk=course.pk)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what was refused, with all that was typed, as an error of the form."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refused:
            refusal = str(refused)
        except IntegrityError:
            refusal = str(_("Somebody saved this at the same moment. Look at it and try again."))
        request.course_refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Course, form: ModelForm, change: Any) -> None:
        services.save_course(course=obj)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Iterable[Any], change: Any
    ) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.model is Lesson and formset.has_changed():
                number_lessons(course=form.instance, moves=moves_of(formset))


def _with_shown_price(fieldsets: list[Any]) -> list[Any]:
    """Return the fieldsets with the price as it is read, for readers who cannot change it."""
    shown = {("price_minor", "currency"): "price"}
    return [
        (title, options | {"fields": [shown.get(field, field) for field in options["fields"]]})
        for title, options in fieldsets
    ]


def register(course_admin: type[CourseAdmin]) -> None:
    """Put courses on the desk, with what the whole system adds to them."""
    admin.site.register(Course, course_admin)
