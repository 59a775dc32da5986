"""The rules of an enrollment, as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class RefundTerms:
    """What decides a refund: the frozen terms and how far the course has gone."""

    policy: str
    price_minor: int
    starts_at: datetime | None
    ends_at: datetime | None
    progress_percent: int


def threshold_is_reached(*, progress_percent: int, threshold_percent: int) -> bool:
    return progress_percent >= threshold_percent


def progress_percent(*, completed_lessons: int, lessons: int) -> int:
    """Return the completed share, rounded down: 100 only when every lesson is done."""
    return completed_lessons * 100 // lessons if lessons else 0


def offer_ends_at(*, now: datetime, offer_seconds: int, closes_at: datetime | None) -> datetime:
    """Return until when a seat is offered: never longer than enrollment is open."""
    until = now + timedelta(seconds=offer_seconds)
    return until if closes_at is None else min(until, closes_at)


def refund_amount(terms: RefundTerms, *, now: datetime) -> int:
    """Return what a cancellation gives back, in minor units, rounded down.

    ``tuition_law`` follows table 4 of the Enforcement Decree of the Korean Academies Act
    (학원의 설립·운영 및 과외교습에 관한 법률 시행령 별표 4): all before the start, two thirds
    before a third of the course, half before its half, nothing after. A self-paced course is
    measured by progress.
    """
    if terms.policy == "full":
        return terms.price_minor
    if terms.policy == "until_start":
        return terms.price_minor if _elapsed_share(terms, now) <= 0 else 0
    if terms.policy == "tuition_law":
        return _by_elapsed_share(terms.price_minor, _elapsed_share(terms, now))
    return 0


def _by_elapsed_share(price_minor: int, elapsed: float) -> int:
    if elapsed <= 0:
        return price_minor
    if elapsed < 1 / 3:
        return price_minor * 2 // 3
    if elapsed < 1 / 2:
        return price_minor // 2
    return 0


def _elapsed_share(terms: RefundTerms, now: datetime) -> float:
    """Return how much of the course is over, from 0 (not started) to 1."""
    if terms.starts_at is None:
        return terms.progress_percent / 100
    if now < terms.starts_at:
        return 0.0
    if terms.ends_at is None:
        return max(terms.progress_percent / 100, 0.001)
    elapsed = (now - terms.starts_at) / (terms.ends_at - terms.starts_at)
    return min(max(elapsed, 0.001), 1.0)


def course_starts_soon(*, starts_at: datetime | None, now: datetime, from_hour: int) -> bool:
    """Return whether the start is today or tomorrow by the calendar of ``now``'s time zone.

    It is announced on the day before, from this hour on; whoever is approved later still hears.
    """
    if starts_at is None or starts_at <= now:
        return False
    days_ahead = (starts_at.astimezone(now.tzinfo).date() - now.date()).days
    return days_ahead == 0 or (days_ahead == 1 and now.hour >= from_hour)


def pause_week(
    *, paused_since: datetime, now: datetime, after_days: int, weeks: int
) -> datetime | None:
    """Return the start of the week of the pause that a reminder now is about, None for no reminder.

    The first week begins ``after_days`` into the pause; after ``weeks`` of them it is left alone.
    """
    first = paused_since + timedelta(days=after_days)
    week = (now - first) // timedelta(weeks=1)
    return first + timedelta(weeks=week) if 0 <= week < weeks else None
