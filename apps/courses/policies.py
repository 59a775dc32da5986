"""The rules of an offer, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def enrollment_has_opened(*, opens_at: datetime | None, now: datetime) -> bool:
    return opens_at is None or opens_at <= now


def enrollment_has_closed(*, closes_at: datetime | None, now: datetime) -> bool:
    return closes_at is not None and closes_at <= now


def course_can_be_sold(*, price_minor: int, payments_enabled: bool) -> bool:
    """A school that takes no payments offers free courses only."""
    return payments_enabled or price_minor == 0


def seat_is_available(*, capacity: int | None, seats_taken: int) -> bool:
    return capacity is None or seats_taken < capacity


def date_is_plausible(at: datetime) -> bool:
    """Years beyond these cannot be read back in every time zone."""
    return 1970 <= at.year <= 2999


def date_order_problems(
    *,
    enrollment_opens_at: datetime | None,
    enrollment_closes_at: datetime | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> Iterator[tuple[str, str | Promise]]:
    """Yield the field and the reason of each date that is far off, or before one it must follow."""
    for field, at in {
        "enrollment_opens_at": enrollment_opens_at,
        "enrollment_closes_at": enrollment_closes_at,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }.items():
        if at and not date_is_plausible(at):
            yield field, _("Choose a date from 1970 to 2999.")
    if enrollment_opens_at and enrollment_closes_at and enrollment_closes_at <= enrollment_opens_at:
        yield "enrollment_closes_at", _("Enrollment must close after it opens.")
    if ends_at and starts_at and ends_at <= starts_at:
        yield "ends_at", _("The course must end after it starts.")
    if ends_at and not starts_at:
        yield "starts_at", _("A course with an end needs a start.")
    if ends_at and enrollment_closes_at and enrollment_closes_at > ends_at:
        yield "enrollment_closes_at", _("Enrollment must close before the course ends.")
