"""Cancel and complete many enrollments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.desk import Text
from apps.lectures import queries as lectures_queries
from apps.lectures import services as lectures
from apps.money import format_money
from elearning.bulk.kinds import Facts, Outcome
from elearning.bulk.listing import agreed_for, by, counted, ids_of, in_list_of, left_alone

MODEL = "lectures.enrollment"


def _of_enrollment(row: Any) -> str:
    return f"#{row.pk} {row.student} · {row.course}"


def _cancel(facts: Facts) -> Outcome:
    refund_minor = lectures.cancel_enrollment(
        enrollment_id=facts["id"], student_id=None, agreed=agreed_for(facts, _read_refunds)
    )
    if not refund_minor:
        return Outcome(_("Cancelled. Nothing is refunded."))
    detail = lectures_queries.get_detail(
        enrollment_id=facts["id"], viewer_id=0, viewer_is_staff=True
    )
    refund = format_money(refund_minor, detail.currency)
    return Outcome(_("Cancelled. Refund: %(refund)s.") % {"refund": refund})


def _read_refunds(items: Sequence[Facts]) -> list[Any]:
    """Return what each cancellation would give back, in three queries."""
    facts = lectures_queries.list_cancellation_facts(enrollment_ids=ids_of(items))
    return [facts.get(enrollment_id) for enrollment_id in ids_of(items)]


def _warn_of_cancelling(items: Sequence[Facts]) -> list[Text]:
    summary = lectures_queries.sum_up_cancellation(enrollment_ids=ids_of(items))
    text = ngettext(
        "%(n)s enrollment is cancelled, and its seat becomes free.",
        "%(n)s enrollments are cancelled, and their seats become free.",
        summary.cancellable,
    )
    refunds = [
        _("%(amount)s is refunded, as the agreed policies say.")
        % {"amount": format_money(amount_minor, currency)}
        for currency, amount_minor in sorted(summary.refunds.items())
        if amount_minor
    ]
    return [
        counted(text, summary.cancellable),
        *(refunds or [_("Nothing is refunded.")]),
        *left_alone(len(items) - summary.cancellable),
    ]


def _warn_of_completing(items: Sequence[Facts]) -> list[Text]:
    count = lectures_queries.count_states(enrollment_ids=ids_of(items)).get("approved", 0)
    text = ngettext(
        "%(n)s enrollment is completed, whatever the progress. This is final.",
        "%(n)s enrollments are completed, whatever the progress. This is final.",
        count,
    )
    return [
        counted(text, count),
        _("Certificates follow by themselves; completed enrollments can no longer be cancelled."),
        *left_alone(len(items) - count),
    ]


def _enrollment_is(status: str) -> Callable[[Facts], bool]:
    def is_done(facts: Facts) -> bool:
        return status in lectures_queries.count_states(enrollment_ids=[facts["id"]])

    return is_done


LISTED = (
    in_list_of(
        MODEL,
        name="cancel_enrollments",
        label=gettext_lazy("Cancel the chosen enrollments"),
        run=_cancel,
        is_done=_enrollment_is("cancelled"),
        read=_read_refunds,
        warns=_warn_of_cancelling,
        is_danger=True,
        describe=_of_enrollment,
    ),
    in_list_of(
        MODEL,
        name="complete_enrollments",
        label=gettext_lazy("Complete the chosen enrollments"),
        run=by(
            lectures.complete_enrollment,
            "enrollment_id",
            gettext_lazy("Completed. The certificate follows."),
            read=_read_refunds,
        ),
        read=_read_refunds,
        is_done=_enrollment_is("completed"),
        warns=_warn_of_completing,
        describe=_of_enrollment,
    ),
)
