"""The tables of the dashboard as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.courses import queries as courses
from apps.lectures.queries import Intake
from apps.money import major_amount
from apps.payments.queries import Revenue
from apps.periods import Period
from elearning.dashboard.choice import last_day, period_of, read_choice, starts_of_units
from elearning.dashboard.numbers import Learning, Money, Rights, measure, rights_of, series
from elearning.dashboard.wording import unit_label
from elearning.spreadsheet import csv_response
from foundation.limits.jobs import one_at_a_time

MOST_COURSES = 10_000


@one_at_a_time("export")
def export(request: HttpRequest, table: str) -> HttpResponseBase:
    """Send one table of the dashboard as CSV. Raises Http404 for what the reader may not see."""
    rights = rights_of(request.user)
    if table == "seats" and rights.courses:
        return csv_response("seats.csv", header=_seats_header(), rows=_seats_rows())
    if table == "period" and (rights.enrollments or rights.payments):
        form, name = read_choice(request.GET.dict())
        return _export_period(rights, period_of(form, name, now=timezone.now()))
    raise Http404


def _seats_header() -> list[str]:
    return [_("Course"), _("Status"), _("Seats"), _("Seats taken"), _("Percent")]


def _seats_rows() -> Iterator[list[Any]]:
    for row in courses.list_seats(limit=MOST_COURSES, open_only=False):
        yield [row.title, row.status_label, row.capacity, row.seats_taken, row.percent]


def _export_period(rights: Rights, period: Period) -> HttpResponseBase:
    fine = replace(period, unit="hour" if period.unit == "hour" else "day")
    starts = starts_of_units(fine)
    columns = _columns(*measure(rights, fine), starts)
    rows = (
        [_iso(start, fine.unit), *(values[at] for _label, values in columns)]
        for at, start in enumerate(starts)
    )
    header = [unit_label(fine.unit), *(label for label, _values in columns)]
    file_name = f"{fine.starts_at:%Y-%m-%d}_{last_day(fine):%Y-%m-%d}.csv"
    return csv_response(file_name, header=header, rows=rows)


def _iso(start: datetime, unit: str) -> str:
    return start.isoformat(timespec="minutes") if unit == "hour" else start.date().isoformat()


def _columns(
    learning: Learning | None, money: Money | None, starts: list[datetime]
) -> list[tuple[str, list[Any]]]:
    columns: list[tuple[str, list[Any]]] = []
    if learning:
        intake = series(learning.intake, starts, nothing=Intake())
        columns += [
            (_("Enrollments"), [it.requested for it in intake]),
            (_("Requested, with a price"), [it.payable for it in intake]),
            (_("Paid"), [it.paid for it in intake]),
            (_("Completions"), series(learning.completed, starts, nothing=0)),
            (_("Cancellations"), series(learning.cancelled, starts, nothing=0)),
        ]
    for currency, amounts in (money.revenue if money else {}).items():
        revenue = series(amounts, starts, nothing=Revenue())
        for label, field in ((_("Received"), "received_minor"), (_("Refunded"), "refunded_minor"),
                             (_("Net"), "net_minor")):  # fmt: skip
            values = [major_amount(getattr(it, field), currency) for it in revenue]
            columns.append((f"{label} ({currency})", values))
    return columns
