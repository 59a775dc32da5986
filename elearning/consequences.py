"""What withdrawing courses would do to everything that depends on them, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.certification import queries as certification
from apps.desk import Text
from apps.lectures import queries as lectures
from apps.money import format_money
from apps.payments import queries as payments


def consequences_of_withdrawal(course_ids: Sequence[int]) -> list[Text]:
    """Count what is cancelled, what is refunded and what stays, in five queries."""
    counts = lectures.count_by_status(course_ids=course_ids)
    references = lectures.references_to_cancel(course_ids=course_ids)
    refunds = payments.total_refundable_minor(references=references)
    return [
        _cancelled(counts),
        *(_refunded(amount_minor, currency) for currency, amount_minor in refunds.items()),
        *([] if refunds else [_("Nothing is refunded.")]),
        _kept(counts.get("completed", 0), _count_certificates(course_ids)),
    ]


def count_dependents(*, course_id: int) -> dict[str, dict[str, int]]:
    """Return what a withdrawal of the course would end, as plain numbers, in three queries."""
    references = lectures.references_to_cancel(course_ids=[course_id])
    return {
        "enrollments": lectures.count_by_status(course_ids=[course_id]),
        "refunds": payments.total_refundable_minor(references=references),
    }


def consequences_of_closing(course_id: int) -> list[Text]:
    """Count for whom nothing changes, in one query."""
    counts = lectures.count_by_status(course_ids=[course_id])
    text = _(
        "Nothing changes for those who are learning: %(learning)d, or have yet to pay: %(owing)d."
    )
    return [
        text % {"learning": counts.get("approved", 0), "owing": counts.get("requested", 0)},
    ]


def _count_certificates(course_ids: Sequence[int]) -> int:
    enrollments = lectures.visible_enrollments(viewer_id=0, viewer_is_staff=True)
    completed = enrollments.filter(course_id__in=course_ids, status="completed").order_by()
    return certification.count_certificates(
        lecture_ids=list(completed.values_list("pk", flat=True))
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
