"""Enrollments at the desk: looked at, completed or cancelled; no field is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import can_proceed
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from apps.desk import ReadOnlyAdmin, Text, button
from apps.lectures import queries, services
from apps.lectures.models import (
    Enrollment,
    EnrollmentStatus,
    Review,
    WaitingListEntry,
    WaitingStatus,
)
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.views.refund_words import refund_sentences
from apps.money import format_money
from foundation.agreement import Agreement

STATUS_LABELS = dict(EnrollmentStatus.choices)


def warn_of_cancellation(_admin: Any, enrollment: Enrollment) -> list[Text]:
    """Say what the frozen refund policy gives back now, and that the seat goes."""
    detail = _detail_of(enrollment)
    warnings: list[Text] = [_("The enrollment is cancelled, and its seat becomes free.")]
    if detail.payment is None or not detail.payment.is_settled:
        return [*warnings, _("Nothing has been paid, so nothing is refunded.")]
    amounts = {
        "paid": format_money(detail.payment.amount_minor, detail.currency),
        "refund": format_money(detail.refund_minor, detail.currency),
    }
    text = _("Of %(paid)s paid, %(refund)s is refunded, as the agreed policy says.")
    return [*warnings, text % amounts]


def _detail_of(enrollment: Enrollment) -> EnrollmentDetail:
    return queries.get_detail(enrollment_id=enrollment.pk, viewer_id=0, viewer_is_staff=True)


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnlyAdmin):
    tones = {
        EnrollmentStatus.REQUESTED: "warning",
        EnrollmentStatus.APPROVED: "info",
        EnrollmentStatus.COMPLETED: "success",
        EnrollmentStatus.CANCELLED: "danger",
    }
    list_display = [
        "__str__", "student", "course", "state", "progress", "price", "requested_at",
    ]  # fmt: skip
    list_select_related = ["student", "course"]
    list_filter = ["status", "requested_at", "completed_at", ("course", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_fields = ["student__email", "student__name", "student__latin_name", "course__title"]
    search_help_text = _("Student's name or e-mail address, course, or number")
    actions_detail = ["complete_enrollment", "cancel_enrollment"]
    change_form_after_template = "admin/lectures/enrollment.html"
    readonly_fields = ["state", "progress", "price"]
    fieldsets = [
        (None, {"fields": [("student", "course"), ("state", "progress"), "price"]}),
        (_("Times"), {"fields": [
            ("requested_at", "pay_by"), ("paid_at", "approved_at"),
            ("completed_at", "cancelled_at"), "expired_at", ("starts_at", "ends_at"),
        ]}),
    ]  # fmt: skip

    @button(
        label=_("Complete the enrollment"),
        icon="school",
        variant=ActionVariant.SUCCESS,
        offered=lambda enrollment: can_proceed(enrollment.complete),
        warns=lambda admin, enrollment: [
            _("The course counts as completed, whatever the progress. This is final."),
            _("The certificate follows by itself; the enrollment can no longer be cancelled."),
        ],
    )
    def complete_enrollment(self, enrollment: Enrollment, *, agreed: Agreement) -> Text:
        services.complete_enrollment(enrollment_id=enrollment.pk, agreed=agreed)
        return _("The enrollment is completed. Its certificate follows.")

    @button(
        label=_("Cancel the enrollment"),
        icon="cancel",
        variant=ActionVariant.DANGER,
        offered=lambda enrollment: can_proceed(enrollment.cancel),
        warns=warn_of_cancellation,
    )
    def cancel_enrollment(self, enrollment: Enrollment, *, agreed: Agreement) -> Text:
        refund_minor = services.cancel_enrollment(
            enrollment_id=enrollment.pk, student_id=None, agreed=agreed
        )
        refund = format_money(refund_minor, enrollment.currency)
        return _("The enrollment is cancelled. Refund: %(refund)s.") % {"refund": refund}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        enrollment = self.get_object(request, unquote(object_id))
        readout = _readout(enrollment) if enrollment else {}
        context = {**(extra_context or {}), **readout}
        return super().change_view(request, object_id, form_url, context)

    def describe(self, enrollment: Enrollment) -> str:
        return f"{enrollment.student} · {enrollment.course} · #{enrollment.pk}"

    @display(description=_("progress"), ordering="progress_percent")
    def progress(self, enrollment: Enrollment) -> str:
        return f"{enrollment.progress_percent} %"

    @display(description=_("price"), ordering="price_minor")
    def price(self, enrollment: Enrollment) -> Text:
        if not enrollment.price_minor:
            return pgettext_lazy("price", "Free")
        return format_money(enrollment.price_minor, enrollment.currency)


def _readout(enrollment: Enrollment) -> dict[str, Any]:
    """Return what the page shows below the fields: lessons, payment and refund terms."""
    detail = _detail_of(enrollment)
    return {
        "detail": detail,
        "lessons": queries.list_classroom(
            enrollment_id=enrollment.pk, course_id=enrollment.course_id
        ),
        "refund_terms": refund_sentences(detail.refund_terms, currency=detail.currency),
    }


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "course", "text", "written_at"]
    list_select_related = ["course"]
    list_filter = ["rating", "written_at"]
    search_fields = ["text", "course__title"]


@admin.register(WaitingListEntry)
class WaitingListAdmin(ReadOnlyAdmin):
    """Who waits for which course; places change by themselves and by their students only."""

    tones = {
        WaitingStatus.WAITING: "info",
        WaitingStatus.OFFERED: "warning",
        WaitingStatus.ACCEPTED: "success",
    }
    list_display = ["__str__", "course", "student", "state", "joined_at", "offered_until"]
    list_select_related = ["student", "course"]
    list_filter = ["status", "joined_at", ("course", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_numbers = ("pk", "enrollment_id")
    search_fields = ["student__email", "student__name", "student__latin_name", "course__title"]
    search_help_text = _("Student's name or e-mail address, course, or number")
    ordering = ["course", "pk"]
    readonly_fields = ["state"]
    fieldsets = [
        (None, {"fields": [("student", "course"), "state", "enrollment"]}),
        (_("Times"), {"fields": [("joined_at", "ended_at"), ("offered_at", "offered_until")]}),
    ]

    def describe(self, entry: WaitingListEntry) -> str:
        return f"{entry.student} · {entry.course} · #{entry.pk}"
