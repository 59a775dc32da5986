"""The steps of an enrollment, drawn from all that is known of it: payment, refund, certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from elearning.templatetags.certificates import certificate_state

register = template.Library()
DONE, CURRENT, STOPPED, OPEN = "done", "current", "stopped", ""
ENDED = ("cancelled", "expired")


@dataclass(frozen=True)
class Step:
    label: str
    state: str = OPEN


@dataclass(frozen=True)
class Situation:
    """What the steps depend on. ``certificate`` is ``issued``, ``revoked`` or empty."""

    status: str
    is_free: bool = False
    is_paid: bool = False
    refund: str = ""
    """``requested``, ``refunded`` or empty."""
    certificate: str = ""


def list_steps(situation: Situation) -> list[Step]:
    """Return the steps in order: those behind, the one that is due or has ended it, those ahead."""
    requested = Step(pgettext("step", "Requested"), DONE)
    if situation.status in ENDED:
        return [requested, *_ended(situation)]
    reached = {"requested": 0, "approved": 1, "completed": 3}[situation.status]
    paid = pgettext("step", "Free") if situation.is_free else pgettext("step", "Paid")
    labels = [paid, pgettext("step", "Learning"), pgettext("step", "Completed")]
    steps = [
        Step(label, DONE if number < reached else CURRENT if number == reached else OPEN)
        for number, label in enumerate(labels)
    ]
    return [requested, *steps, _certified(situation)]


def _ended(situation: Situation) -> list[Step]:
    paid = [Step(pgettext("step", "Paid"), DONE)] if situation.is_paid else []
    refunds = {
        "requested": [Step(pgettext("step", "Refund"), CURRENT)],
        "refunded": [Step(pgettext("step", "Refunded"), DONE)],
    }
    if situation.status == "expired":
        ended = Step(pgettext("step", "Expired"), STOPPED)
    else:
        ended = Step(pgettext("step", "Cancelled"), STOPPED)
    return [*paid, ended, *refunds.get(situation.refund, [])]


def _certified(situation: Situation) -> Step:
    if situation.certificate == "revoked":
        return Step(pgettext("step", "Certificate revoked"), STOPPED)
    if situation.certificate == "issued":
        return Step(pgettext("step", "Certified"), DONE)
    is_due = situation.status == "completed"
    return Step(pgettext("step", "Certified"), CURRENT if is_due else OPEN)


def sum_up(situation: Situation) -> str:
    """Return in one line where it stands, for where there is no room for the names of all steps."""
    if situation.certificate == "issued":
        return _("<strong>Certified</strong>")
    if situation.certificate == "revoked":
        return _("<strong>Certificate revoked</strong>")
    lines = {
        "requested": _("Next: <strong>payment</strong>"),
        "approved": _("Now: <strong>learning</strong>"),
        "completed": _("Next: <strong>certificate</strong>"),
    }
    return lines.get(situation.status, "")


@register.inclusion_tag("components/stepper.html")
def enrollment_steps(enrollment: Any) -> dict[str, Any]:
    """``{% enrollment_steps enrollment %}``: of an EnrollmentDetail; one query when completed."""
    return _context(situation_of_enrollment(enrollment))


@register.inclusion_tag("components/stepper.html")
def history_steps(entry: Any) -> dict[str, Any]:
    """``{% history_steps entry %}``: of an entry of the history, from the read model alone."""
    return _context(situation_of_entry(entry))


@register.inclusion_tag("components/stepper.html")
def example_steps(situation: Situation) -> dict[str, Any]:
    return _context(situation)


def _context(situation: Situation) -> dict[str, Any]:
    return {
        "steps": list_steps(situation),
        "now": sum_up(situation),
        "is_ended": situation.status in ENDED,
    }


def situation_of_enrollment(enrollment: Any) -> Situation:
    payment, certificate = enrollment.payment, ""
    if enrollment.status == "completed":
        certificate = certificate_state(enrollment.id, enrollment.student_id)["status"]
    return Situation(
        status=enrollment.status,
        is_free=enrollment.price_minor == 0,
        is_paid=payment is not None and payment.paid_at is not None,
        refund="refunded" if payment is not None and payment.refunded_minor else "",
        certificate=certificate,
    )


def situation_of_entry(entry: Any) -> Situation:
    wanted, made = entry.refund_requested_minor, entry.refunded_minor
    certificate = "issued" if entry.certified_at else "revoked" if entry.certificate_code else ""
    return Situation(
        status=entry.status,
        is_free=entry.price_minor == 0,
        is_paid=bool(entry.paid_minor),
        refund="refunded" if made and made >= wanted else "requested" if wanted else "",
        certificate=certificate,
    )
