"""The numbers at the top of the dashboard, each with what it leads to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.courses.queries import SeatTotals
from apps.events.queries import Backlog
from apps.lectures.queries import Intake
from apps.money import format_money
from apps.payments.queries import Owed, RefundBacklog, Revenue
from apps.periods import Period
from elearning.dashboard.numbers import Learning, Money, Standing, total
from elearning.dashboard.wording import compared, number, share
from foundation.invariants.models import CheckState
from foundation.invariants.services import Finding


@dataclass(frozen=True)
class Card:
    """One number; ``tone`` is ``neutral``, ``warning`` or ``danger``."""

    label: str
    value: str
    url: str = ""
    note: str = ""
    tone: str = "neutral"


def cards_of_period(
    period: Period, learning: Learning | None, money: Money | None, currency: str
) -> list[Card]:
    """Return what happened in the period beside what happened before it."""
    cards = _learning(period, learning) if learning else []
    return [*cards, *(_revenue(period, money, currency) if money else [])]


def _learning(period: Period, learning: Learning) -> list[Card]:
    now, before = total(learning.intake, nothing=Intake())
    completed = total(learning.completed, nothing=0)
    return [
        Card(
            label=_("Enrollments"),
            value=number(now.requested),
            note=compared(now.requested, before.requested, number),
            url=_list("lectures_enrollment", **_since("requested_at", period)),
        ),
        Card(
            label=_("Requested to paid"),
            value=share(now.paid, now.payable),
            note=_conversion(now, before),
        ),
        Card(
            label=_("Completions"),
            value=number(completed[0]),
            note=compared(*completed, number),
            url=_list("lectures_enrollment", **_since("completed_at", period)),
        ),
    ]


def _conversion(now: Intake, before: Intake) -> str:
    return _("%(paid)s of %(payable)s paid · before: %(before)s") % {
        "paid": number(now.paid),
        "payable": number(now.payable),
        "before": share(before.paid, before.payable),
    }


def _revenue(period: Period, money: Money, currency: str) -> list[Card]:
    """Return a card for each currency, the school's own where nothing came in."""
    cards = []
    for code, amounts in (money.revenue or {currency: {}}).items():
        now, before = total(amounts, nothing=Revenue())
        card = Card(
            label=_("Revenue, refunds taken off") if not money.revenue else
            _("Revenue in %(currency)s, refunds taken off") % {"currency": code},
            value=format_money(now.net_minor, code),
            note=compared(now.net_minor, before.net_minor, partial(format_money, currency=code)),
            url=_list("payments_payment", currency__exact=code, **_since("paid_at", period)),
        )  # fmt: skip
        cards.append(card)
    return cards


def cards_of_standing(standing: Standing) -> list[Card]:
    """Return how things stand now: seats, what waits for money, what waits for a worker."""
    cards = [_seats(standing.seats)] if standing.seats else []
    if standing.requested is not None:
        cards.append(_waiting_for_money(standing.requested))
    if standing.deferred is not None:
        cards.append(_deferred(standing.deferred))
    if standing.refunds is not None:
        cards.append(_refunds(standing.refunds))
    cards += _deliveries(standing.backlog) if standing.backlog else []
    if standing.failed_rows is not None:
        cards.append(_failed_rows(standing.failed_rows))
    return [*cards, *([_invariants(standing.invariants)] if standing.invariants else [])]


def _seats(seats: SeatTotals) -> Card:
    text = ngettext("%(n)s open course", "%(n)s open courses", seats.open_courses)
    limited = _("%(taken)s / %(capacity)s") % {
        "taken": number(seats.taken),
        "capacity": number(seats.seats),
    }
    notes = [text % {"n": number(seats.open_courses)}]
    if seats.full_courses:
        notes.append(_("full: %(n)s") % {"n": number(seats.full_courses)})
    if seats.taken_unlimited:
        notes.append(_("without a limit: %(n)s") % {"n": number(seats.taken_unlimited)})
    return Card(
        label=_("Seats taken"),
        value=limited if seats.seats else number(seats.taken_unlimited),
        note=" · ".join(notes),
        url=_list("courses_course", status__exact="open"),
    )


def _waiting_for_money(requested: int) -> Card:
    return Card(
        label=_("Enrollments not yet paid"),
        value=number(requested),
        url=_list("lectures_enrollment", status__exact="requested"),
    )


def _deferred(deferred: dict[str, Owed]) -> Card:
    count = sum(owed.count for owed in deferred.values())
    amounts = [format_money(owed.amount_minor, code) for code, owed in sorted(deferred.items())]
    return Card(
        label=_("Payments to be made later"),
        value=number(count),
        note=" · ".join(amounts),
        url=_list("payments_payment", status__exact="deferred"),
        tone="warning" if count else "neutral",
    )


def _refunds(refunds: RefundBacklog) -> Card:
    failing = _("failing: %(n)s") % {"n": number(refunds.failing)}
    return Card(
        label=_("Refunds not yet made"),
        value=number(refunds.waiting),
        note=failing if refunds.failing else "",
        url=_list("payments_refund", status__in="requested,failing"),
        tone="danger" if refunds.failing else "neutral",
    )


def _deliveries(backlog: Backlog) -> list[Card]:
    oldest = backlog.oldest_pending_at
    waited = _("the oldest for %(time)s") % {"time": timesince(oldest)} if oldest else ""
    return [
        Card(
            label=_("Deliveries pending"),
            value=number(backlog.pending),
            note=waited,
            url=_list("events_delivery", status__exact="pending"),
        ),
        Card(
            label=_("Deliveries put aside"),
            value=number(backlog.dead),
            url=_list("events_delivery", status__exact="dead"),
            tone="danger" if backlog.dead else "neutral",
        ),
    ]


def _failed_rows(count: int) -> Card:
    return Card(
        label=_("Failed rows"),
        value=number(count),
        url=_list("batches_batchfailure", open="yes"),
        tone="danger" if count else "neutral",
    )


def _invariants(findings: list[Finding]) -> Card:
    """Return how many do not hold or are not known to, and how old the oldest check is."""
    open_ones = [finding for finding in findings if not finding.holds]
    ages = [finding.checked_at for finding in findings if finding.checked_at]
    counts = Counter(CheckState(finding.state).label for finding in open_ones)
    notes = [f"{label}: {number(count)}" for label, count in counts.items()]
    if ages:
        notes.append(_("the oldest check %(time)s ago") % {"time": timesince(min(ages))})
    return Card(
        label=_("Invariants that hold"),
        value=f"{number(len(findings) - len(open_ones))} / {number(len(findings))}",
        note=" · ".join(map(str, notes)),
        url=reverse("admin:invariants_invariantcheck_changelist"),
        tone="danger" if open_ones else "neutral",
    )


def _since(field: str, period: Period) -> dict[str, str]:
    return {
        f"{field}__gte": period.starts_at.isoformat(),
        f"{field}__lt": period.ends_at.isoformat(),
    }


def _list(route: str, **filters: str) -> str:
    return reverse(f"admin:{route}_changelist") + "?" + urlencode(filters)
