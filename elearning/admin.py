"""What of the desk needs several contexts: what depends on a course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from apps.certification import queries as certification
from apps.courses import admin as courses_admin
from apps.desk import ReadOnlyAdmin, Text
from apps.lectures import queries as lectures
from apps.lectures.admin import STATUS_LABELS
from apps.money import format_money
from apps.payments import queries as payments
from elearning.audit.admin import AuditEntryAdmin
from elearning.invariants import INVARIANTS
from elearning.models import InvariantReport

__all__ = ["AuditEntryAdmin", "CourseAdmin", "InvariantReportAdmin"]


class CourseAdmin(courses_admin.CourseAdmin):
    """The course with its enrollments, payments and certificates counted."""

    def view_on_site(self, obj: Any) -> str | None:
        return reverse("courses:course", args=[obj.slug]) if obj.slug else None

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

    def consequences_of_withdrawal(self, course_ids: Sequence[int]) -> list[Text]:
        """Count what is cancelled, what is refunded and what stays, in five queries."""
        counts = lectures.count_by_status(course_ids=course_ids)
        references = lectures.references_to_cancel(course_ids=course_ids)
        refunds = payments.total_refundable_minor(references=references)
        return [
            _cancelled(counts),
            *(_refunded(amount_minor, currency) for currency, amount_minor in refunds.items()),
            *([] if refunds else [_("Nothing is refunded.")]),
            _kept(counts.get("completed", 0), self._count_certificates(course_ids)),
        ]

    def _count_certificates(self, course_ids: Sequence[int]) -> int:
        enrollments = lectures.visible_enrollments(viewer_id=0, viewer_is_staff=True)
        completed = enrollments.filter(course_id__in=course_ids, status="completed").order_by()
        return certification.count_certificates(
            lecture_ids=list(completed.values_list("pk", flat=True))
        )


def _in_words(by_status: dict[str, int]) -> str:
    return " · ".join(
        f"{label} {by_status[status]:,}"
        for status, label in STATUS_LABELS.items()
        if status in by_status
    )


def _cancelled(counts: dict[str, int]) -> Text:
    requested, approved = counts.get("requested", 0), counts.get("approved", 0)
    text = ngettext(
        "%(n)d enrollment is cancelled (requested: %(requested)d, learning: %(approved)d).",
        "%(n)d enrollments are cancelled (requested: %(requested)d, learning: %(approved)d).",
        requested + approved,
    )
    return text % {"n": requested + approved, "requested": requested, "approved": approved}


def _refunded(amount_minor: int, currency: str) -> Text:
    return _("%(amount)s is refunded in full.") % {"amount": format_money(amount_minor, currency)}


def _kept(completed: int, certificates: int) -> Text:
    text = ngettext(
        "%(n)d completed enrollment stays as it is (certificates: %(certificates)d).",
        "%(n)d completed enrollments stay as they are (certificates: %(certificates)d).",
        completed,
    )
    return text % {"n": completed, "certificates": certificates}


courses_admin.register(CourseAdmin)


@admin.register(InvariantReport)
class InvariantReportAdmin(ReadOnlyAdmin):
    """How what must always be true stood, at each check."""

    list_display = ["checked_at", "__str__"]
    list_filter = ["checked_at"]
    fields = ["checked_at", "findings"]
    readonly_fields = ["findings"]

    @display(description=_("invariants"))
    def findings(self, report: InvariantReport) -> str:
        return format_html_join(
            "",
            '<p>{} <strong>{}</strong></p><pre class="desk-payload">{}</pre>',
            (
                (
                    _("Broken:") if invariant.name in report.broken else _("Holds:"),
                    invariant.sentence,
                    "\n".join(str(row) for row in report.broken.get(invariant.name, [])),
                )
                for invariant in INVARIANTS
            ),
        )
