"""The dashboard itself: what its template shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.lectures.queries import Intake
from apps.money import format_money, format_short_money
from apps.payments.queries import Revenue
from apps.periods import Bucket, Period
from elearning.dashboard.cards import cards_of_period, cards_of_standing
from elearning.dashboard.charts import Chart, Series, draw_bars
from elearning.dashboard.choice import (
    LABELS,
    PeriodForm,
    last_day,
    period_of,
    read_choice,
    starts_of_units,
)
from elearning.dashboard.numbers import (
    Learning,
    Money,
    Rights,
    measure,
    measure_standing,
    rights_of,
    series,
    total,
)
from elearning.dashboard.wording import (
    number,
    share,
    short_number,
    span,
    unit_label,
    unit_names,
)


def describe(request: HttpRequest) -> dict[str, Any]:
    """Return what the first page shows to this reader, over the period that the address names."""
    rights = rights_of(request.user)
    form, name = read_choice(request.GET.dict())
    now = timezone.now()
    period = period_of(form, name, now=now)
    learning, money = measure(rights, period)
    standing = measure_standing(rights)
    return {
        "title": _("Overview"),
        "may_see_something": rights.any,
        "is_new": standing.seats is not None and standing.seats.courses == 0,
        "may_register": request.user.has_perm("courses.add_course"),
        "today": [] if name == "today" else _cards_of_today(rights, form, now),
        "standing": cards_of_standing(standing),
        "cards": cards_of_period(period, learning, money, settings.DEFAULT_CURRENCY),
        "charts": _charts(period, learning, money),
        "funnel": _funnel(learning),
        "fullest": standing.fullest,
        "filter": _describe_filter(form, name, period),
        "exports": _exports(rights, name, form),
    }


def _cards_of_today(rights: Rights, form: PeriodForm, now: datetime) -> list[Any]:
    today = period_of(form, "today", now=now)
    return cards_of_period(today, *measure(rights, today), settings.DEFAULT_CURRENCY)


def _describe_filter(form: PeriodForm, name: str, period: Period) -> dict[str, Any]:
    return {
        "form": form,
        "choices": [
            {"label": label, "url": f"?period={key}", "is_chosen": key == name}
            for key, label in LABELS.items()
            if key != "own"
        ],
        "is_own": name == "own",
        "first": period.starts_at.date().isoformat(),
        "last": last_day(period).isoformat(),
        "span": span(period.starts_at, period.ends_at),
        "before": span(period.earlier_starts_at, period.earlier_ends_at),
    }


def _charts(period: Period, learning: Learning | None, money: Money | None) -> list[Chart]:
    starts = starts_of_units(period)
    names, short_names = unit_names(period, starts)
    draw = partial(
        draw_bars,
        unit_label=unit_label(period.unit),
        names=names,
        short_names=short_names,
    )
    charts = [_learning_chart(draw, learning, starts)] if learning else []
    for currency, amounts in (money.revenue if money else {}).items():
        charts.append(_revenue_chart(draw, currency, amounts, starts))
    return charts


def _learning_chart(
    draw: Callable[..., Chart], learning: Learning, starts: list[datetime]
) -> Chart:
    intake = series(learning.intake, starts, nothing=Intake())
    rows = [
        Series(_("Enrollments"), "primary", [it.requested for it in intake]),
        Series(_("Completions"), "success", series(learning.completed, starts, nothing=0)),
        Series(_("Cancellations"), "muted", series(learning.cancelled, starts, nothing=0)),
    ]
    facts = {str(row.label): number(sum(row.values)) for row in rows}
    return draw(
        title=_("Enrollments, completions and cancellations"),
        summary=", ".join(f"{label}: {count}" for label, count in facts.items()),
        series=rows,
        full=number,
        short=short_number,
        whole_steps=True,
    )


def _revenue_chart(
    draw: Callable[..., Chart],
    currency: str,
    amounts: dict[Bucket, Revenue],
    starts: list[datetime],
) -> Chart:
    revenue = series(amounts, starts, nothing=Revenue())
    title = _("Revenue in %(currency)s, refunds taken off") % {"currency": currency}
    net = Series(_("Net"), "primary", [it.net_minor for it in revenue])
    whole, _before = total(amounts, nothing=Revenue())
    facts = {
        "received": format_money(whole.received_minor, currency),
        "refunded": format_money(whole.refunded_minor, currency),
    }
    return draw(
        title=title,
        summary=_("Received: %(received)s, refunded: %(refunded)s") % facts,
        series=[net],
        full=partial(format_money, currency=currency),
        short=partial(format_short_money, currency=currency),
        whole_steps=False,
    )


def _funnel(learning: Learning | None) -> list[dict[str, Any]]:
    """Return the way from requested to paid as bars, the widest first."""
    if learning is None:
        return []
    now, _before = total(learning.intake, nothing=Intake())
    if not now.payable:
        return []
    steps = [(_("Requested, with a price"), now.payable), (_("Paid"), now.paid)]
    return [
        {
            "label": label,
            "value": number(count),
            "percent": count * 100 // now.payable,
            "share": share(count, now.payable),
        }
        for label, count in steps
    ]


def _exports(rights: Rights, name: str, form: PeriodForm) -> list[dict[str, str]]:
    query = {"period": name}
    if name == "own":
        query |= {key: form.cleaned_data[key].isoformat() for key in ("first", "last")}
    tables = []
    if rights.enrollments or rights.payments:
        tables.append(("period", _("These numbers by day")))
    if rights.courses:
        tables.append(("seats", _("Seats of all courses")))
    return [
        {"label": label, "url": f"{reverse('desk_export', args=[table])}?{urlencode(query)}"}
        for table, label in tables
    ]
