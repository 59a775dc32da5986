"""Which time the dashboard looks at, in the school's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.desk import Text
from apps.periods import Period

DAYS = {"today": 1, "7": 7, "30": 30, "90": 90}
LABELS: dict[str, Text] = {
    "today": _("Today"),
    "7": _("7 days"),
    "30": _("30 days"),
    "90": _("90 days"),
    "own": _("Own range"),
}
USUAL = "30"
MAX_DAYS = 3 * 366
LONGEST_IN_DAYS, LONGEST_IN_WEEKS = 62, 366


class PeriodForm(forms.Form):
    """The filter above the dashboard. ``period`` is a key of LABELS; days are inclusive."""

    period = forms.ChoiceField(choices=list(LABELS.items()), required=False)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, object]:
        values = self.cleaned_data
        if values.get("period") != "own" or self.errors:
            return values
        for name in ("first", "last"):
            if values.get(name) is None:
                self.add_error(name, _("Choose a day."))
        if not self.errors:
            self._check_range(values["first"], values["last"])
        return values

    def _check_range(self, first: date, last: date) -> None:
        if not 2000 <= first.year <= last.year <= 2199:
            self.add_error("last", _("Choose days between 2000 and 2199, the earlier one first."))
        elif last < first:
            self.add_error("last", _("Choose a day that is not before the first."))
        elif (last - first).days >= MAX_DAYS:
            message = _("Choose at most %(days)d days.") % {"days": MAX_DAYS}
            self.add_error("last", message)


def school_zone() -> ZoneInfo:
    """Return the time zone in which the school's days begin, whatever the reader's own is."""
    return ZoneInfo(settings.TIME_ZONE)


def read_choice(query: Mapping[str, str]) -> tuple[PeriodForm, str]:
    """Return the filter and the period it names; the usual one for what makes no sense."""
    form = PeriodForm({**query, "period": query.get("period") or USUAL})
    return form, form.cleaned_data["period"] if form.is_valid() else USUAL


def period_of(form: PeriodForm, name: str, *, now: datetime) -> Period:
    """Return the period of a choice; it ends now at the latest."""
    today = now.astimezone(school_zone()).date()
    if name == "own":
        return make_period(form.cleaned_data["first"], form.cleaned_data["last"], now=now)
    return make_period(today - timedelta(days=DAYS[name] - 1), today, now=now)


def make_period(first: date, last: date, *, now: datetime) -> Period:
    """Return the days from first to last, and as many before, up to the same time of the day."""
    days = (last - first).days + 1
    starts_at = _midnight(first)
    over_at = min(_midnight(last + timedelta(days=1)), now.astimezone(school_zone()))
    ends_at = max(over_at, starts_at)
    return Period(
        starts_at=starts_at,
        ends_at=ends_at,
        earlier_starts_at=_earlier(starts_at, days),
        earlier_ends_at=_earlier(ends_at, days),
        unit=_unit(days),
        zone=school_zone(),
    )


def starts_of_units(period: Period) -> list[datetime]:
    """Return when each unit of the period starts, up to its end."""
    at = _start_of_unit(period)
    starts: list[datetime] = []
    while at < period.ends_at or not starts:
        starts.append(at)
        at = _next(at, period.unit)
    return starts


def last_day(period: Period) -> date:
    """Return the day that the period ends on."""
    return max(period.ends_at - timedelta(microseconds=1), period.starts_at).date()


def _unit(days: int) -> str:
    if days == 1:
        return "hour"
    if days <= LONGEST_IN_DAYS:
        return "day"
    return "week" if days <= LONGEST_IN_WEEKS else "month"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), school_zone())


def _earlier(at: datetime, days: int) -> datetime:
    """Return the same time of the day so many days before: zones change their clocks."""
    return at - timedelta(days=days)  # of the wall clock, as Python subtracts within one zone


def _start_of_unit(period: Period) -> datetime:
    start = period.starts_at
    if period.unit == "week":
        return start - timedelta(days=start.weekday())
    return start.replace(day=1) if period.unit == "month" else start


def _next(at: datetime, unit: str) -> datetime:
    """Return the next start by the wall clock, as the database cuts the units."""
    if unit == "month":
        return (at.replace(day=1) + timedelta(days=32)).replace(day=1)
    return at + {"hour": timedelta(hours=1), "day": timedelta(days=1)}.get(unit, timedelta(days=7))
