"""The timeline in words, in the active language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.money import format_money
from apps.students.models import TimelineEntry


@dataclass(frozen=True)
class TimelineItem:
    """One line as the timeline component takes it."""

    at: datetime
    title: str
    text: str
    tone: str


KINDS: dict[str, tuple[str | Promise, str]] = {
    "requested": (gettext_lazy("Enrollment requested"), "info"),
    "deferred": (gettext_lazy("Payment put off: pay later"), "warning"),
    "declined": (gettext_lazy("Payment declined"), "error"),
    "paid": (gettext_lazy("Paid"), "success"),
    "payment_cancelled": (gettext_lazy("Payment cancelled: nothing is owed"), "neutral"),
    "approved": (gettext_lazy("Enrollment approved"), "success"),
    "lesson_completed": (gettext_lazy("Lesson completed"), "info"),
    "completed": (gettext_lazy("Course completed"), "success"),
    "certified": (gettext_lazy("Certificate issued"), "accent"),
    "reissued": (gettext_lazy("Certificate issued again, with a new code"), "accent"),
    "certificate_revoked": (gettext_lazy("Certificate revoked"), "error"),
    "cancelled": (gettext_lazy("Enrollment cancelled"), "neutral"),
    "expired": (gettext_lazy("Enrollment expired"), "neutral"),
    "refund_requested": (gettext_lazy("Refund requested"), "info"),
    "refunded": (gettext_lazy("Refund made"), "success"),
}
"""Every kind of line that the projections write, with its title and tone."""

_DECLINE_REASONS = {
    "card_declined": gettext_lazy("The bank declined the card."),
    "insufficient_funds": gettext_lazy("There is not enough money on the card."),
    "invalid_card": gettext_lazy("The card is not known to the payment service."),
}
_UNKNOWN_REASON = gettext_lazy("The payment service declined the card.")


def decline_reason(code: str) -> str:
    """Return why a payment was declined, as far as the payment service says."""
    return str(_DECLINE_REASONS.get(code, _UNKNOWN_REASON))


_CAUSES = {
    "student": gettext_lazy("By yourself."),
    "staff": gettext_lazy("By the school."),
    "course_withdrawn": gettext_lazy("The school withdrew the course."),
}
_PURPOSES = {
    "cancellation": gettext_lazy("For the cancelled enrollment."),
    "surplus": gettext_lazy("Money that arrived without being owed."),
}
_DETAILS: dict[str, Callable[[str], str | Promise]] = {
    "declined": decline_reason,
    "deferred": lambda _none: _("The payment service gave no answer. Your seat is kept."),
    "paid": lambda gateway: _("Received by the school itself.") if gateway == "manual" else "",
    "cancelled": lambda cause: _CAUSES.get(cause, cause),
    "expired": lambda _none: _("It was not paid in time."),
    "refund_requested": lambda purpose: _PURPOSES.get(purpose, purpose),
    "refunded": lambda purpose: _PURPOSES.get(purpose, purpose),
    "certified": lambda code: _("Code: %(code)s") % {"code": code},
    "reissued": lambda code: _("Code: %(code)s") % {"code": code},
}
"""How a detail that is a code is said; other details are words already: a title, a reason."""


def in_words(line: TimelineEntry) -> TimelineItem:
    title, tone = KINDS[line.kind]
    detail = _DETAILS.get(line.kind, str)(line.detail)
    parts = (_amount(line), str(detail))
    return TimelineItem(
        at=line.occurred_at, title=str(title), text=" ".join(filter(None, parts)), tone=tone
    )


def _amount(line: TimelineEntry) -> str:
    """Return the amount; of a cancellation it is the refund, of which there may be none."""
    if line.amount_minor is None:
        return ""
    amount = format_money(line.amount_minor, line.currency)
    if line.kind == "cancelled":
        return _("Refund: %(amount)s.") % {"amount": amount} if line.amount_minor else ""
    if line.kind == "requested" and line.amount_minor == 0:
        return _("The course is free.")
    return _("Amount: %(amount)s.") % {"amount": amount}
