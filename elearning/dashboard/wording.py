"""Numbers, changes and stretches of time in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from babel.numbers import format_compact_decimal
from django.utils import formats
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from apps.periods import Period

NOTHING = "–"
COMPACT_FROM = 10_000


def number(value: int) -> str:
    return formats.number_format(value, force_grouping=True)


def short_number(value: int) -> str:
    """Return the number as it fits on an axis: 12K, or 1.2만."""
    if abs(value) < COMPACT_FROM:
        return number(value)
    return format_compact_decimal(value, fraction_digits=1, locale=get_language() or "ko")


def share(part: int, whole: int) -> str:
    """Return the percentage, rounded down: 100 % only when it is all."""
    return f"{part * 100 // whole} %" if whole else NOTHING


def compared(now: int, before: int, written: Callable[[int], str]) -> str:
    """Say what there was before and by how much it changed."""
    facts = {"before": written(before), "change": _change(now, before)}
    return _("%(change)s · before: %(before)s") % facts


def _change(now: int, before: int) -> str:
    if now == before:
        return _("unchanged")
    if before <= 0:
        return _("more") if now > before else _("less")
    percent = round((now - before) * 100 / before)
    return f"{'+' if now > before else '−'}{number(abs(percent))} %"


def unit_names(period: Period, starts: list[datetime]) -> tuple[list[str], list[str]]:
    """Return what each unit is called, in full and as it fits on an axis."""
    shown = [max(start, period.starts_at) for start in starts]
    return [_name(period.unit, at) for at in shown], [_short_name(period.unit, at) for at in shown]


def _name(unit: str, at: datetime) -> str:
    if unit == "hour":
        return formats.date_format(at, "TIME_FORMAT")
    if unit == "month":
        return formats.date_format(at, "YEAR_MONTH_FORMAT")
    day = formats.date_format(at, "DATE_FORMAT")
    return _("from %(day)s") % {"day": day} if unit == "week" else day


def _short_name(unit: str, at: datetime) -> str:
    form = {
        "hour": "H:i",
        "month": pgettext("format of a month on an axis", "M y"),
    }.get(unit, pgettext("format of a day on an axis", "j M"))
    return formats.date_format(at, form)


def unit_label(unit: str) -> str:
    """Return what the first column of a table over these units is called."""
    return {"hour": _("Hour"), "day": _("Day"), "week": _("Week"), "month": _("Month")}[unit]


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Return the days from the first to the last, in words."""
    last = ends_at - timedelta(microseconds=1) if ends_at > starts_at else starts_at
    first_day, last_day = (formats.date_format(at, "DATE_FORMAT") for at in (starts_at, last))
    return first_day if first_day == last_day else f"{first_day} – {last_day}"
