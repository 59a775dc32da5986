"""Compare the history with the log, in chunks: memory does not grow with the school.

All of it, or what has changed since a place in the log. A chunk is compared in one snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.events.queries import (
    greatest_key,
    last_id_before,
    list_events,
    read_events_about,
    read_log_since,
)
from apps.students.events import StudentRemoved
from apps.students.models import HistoryEntry, TimelineEntry, WaitingPlace
from apps.students.projections import BEGINNING, EVENT_TYPES, OF_A_COURSE, PLACE_EVENT_TYPES
from apps.students.services.history import Fold
from apps.students.services.waiting import fold_place_events, removed_students

CHUNK_KEYS = 500
MAX_EVENTS = 20_000
SETTLED_AFTER = timedelta(minutes=10)
"""No transaction runs for so long: what was published before it is in the log by now."""
Row = HistoryEntry | TimelineEntry | WaitingPlace


@dataclass(frozen=True)
class Difference:
    """A row of the history that a rebuild would make otherwise; None where a row is missing."""

    table: str
    key: int
    stored: dict[str, Any] | None
    rebuilt: dict[str, Any] | None
    about: int
    """The enrollment, or the place on a waiting list."""


@dataclass(frozen=True)
class Changed:
    """What events since a place in the log are about, and the place to go on from."""

    lecture_ids: list[int]
    entry_ids: list[int]
    position: int


def find_history_differences() -> list[Difference]:
    """Return all differences. For small schools and commands: read ``iter_differences``."""
    return list(iter_differences())


def iter_differences(*, first: int = 1) -> Iterator[Difference]:
    """Yield all differences from the enrollment on, in chunks of ids."""
    for keys in list_chunks(first=first):
        yield from differences_of(lecture_ids=keys, entry_ids=keys)


def list_chunks(*, first: int = 1) -> Iterator[range]:
    """Yield the ranges of ids that cover every enrollment and every place."""
    last = max(
        greatest_key(field="enrollment_id"),
        greatest_key(field="entry_id"),
        _greatest(HistoryEntry, "lecture_id"),
        _greatest(TimelineEntry, "lecture_id"),
        _greatest(WaitingPlace, "entry_id"),
    )
    for start in range(first, last + 1, CHUNK_KEYS):
        yield range(start, min(start + CHUNK_KEYS, last + 1))


def _greatest(model: type[Row], field: str) -> int:
    return int(model._default_manager.aggregate(last=Max(field))["last"] or 0)


def find_changed(*, position: int) -> Changed:
    """Return what the events after the position are about, of MAX_EVENTS of them at most.

    The next position is one that no transaction under way can come before.
    """
    types = {*EVENT_TYPES, *PLACE_EVENT_TYPES, StudentRemoved}
    events: list[Any] = read_log_since(*types, after_id=position, limit=MAX_EVENTS)
    settled = last_id_before(moment=timezone.now() - SETTLED_AFTER)
    reached = events[-1].log_id if len(events) == MAX_EVENTS else settled
    found = {
        name: {value for event in events if (value := getattr(event, name, None))}
        for name in ("enrollment_id", "payment_id", "entry_id")
    }
    with _snapshot():
        lectures = found["enrollment_id"] | _lectures_of_payments(found["payment_id"])
    withdrawn = {event.course_id for event in events if isinstance(event, OF_A_COURSE)}
    removed = {event.student_id for event in events if isinstance(event, StudentRemoved)}
    for stored in (
        HistoryEntry.objects.filter(course_id__in=withdrawn),
        HistoryEntry.objects.filter(student_id__in=removed),
    ):
        lectures |= set(stored.values_list("lecture_id", flat=True))
    places = WaitingPlace.objects.filter(student_id__in=removed)
    entries = found["entry_id"] | set(places.values_list("entry_id", flat=True))
    return Changed(sorted(lectures), sorted(entries), max(position, min(reached, settled)))


def _lectures_of_payments(payment_ids: set[int]) -> set[int]:
    requested: list[Any] = read_events_about(
        BEGINNING, field="payment_id", keys=sorted(payment_ids)
    )
    return {event.enrollment_id for event in requested}


def differences_of(*, lecture_ids: Sequence[int], entry_ids: Sequence[int]) -> Iterator[Difference]:
    """Yield where these enrollments and places differ from the log, chunk by chunk."""
    for keys in _chunked(lecture_ids):
        with _snapshot():
            found = list(_differences_of_lectures(keys))
        yield from found
    for keys in _chunked(entry_ids):
        with _snapshot():
            found = list(_differences_of_places(keys))
        yield from found


def _chunked(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), CHUNK_KEYS):
        yield keys[start : start + CHUNK_KEYS]


@contextmanager
def _snapshot() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            # Few events are about one enrollment, and PostgreSQL guesses that half of the log is.
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield


def _differences_of_lectures(lecture_ids: Sequence[int]) -> Iterator[Difference]:
    fold = Fold(removed_students())
    folded = list(fold.lines(_events_of(lecture_ids)))
    lines = {line.event_id: _values(line) for line in folded}
    entries = {key: _values(HistoryEntry(**values)) for key, values in fold.entries.items()}
    stored = HistoryEntry.objects.filter(lecture_id__in=lecture_ids)
    yield from _compare("history", stored, entries, "lecture_id")
    stored_lines = TimelineEntry.objects.filter(lecture_id__in=lecture_ids)
    yield from _compare("timeline", stored_lines, lines, "lecture_id")


def _events_of(lecture_ids: Sequence[int]) -> list[Any]:
    """Return the events of the enrollments, of their payments and of their withdrawn courses."""
    own: list[Any] = read_events_about(*EVENT_TYPES, field="enrollment_id", keys=lecture_ids)
    requested = [event for event in own if isinstance(event, BEGINNING)]
    payments = {event.payment_id for event in requested if event.payment_id}
    others = [kind for kind in EVENT_TYPES if kind is not BEGINNING]
    paid: list[Any] = read_events_about(*others, field="payment_id", keys=sorted(payments))
    courses = {event.course_id for event in requested}
    withdrawn: list[Any] = list_events(OF_A_COURSE)
    ended = [event for event in withdrawn if event.course_id in courses]
    return sorted([*own, *paid, *ended], key=lambda event: event.log_id)


def _differences_of_places(entry_ids: Sequence[int]) -> Iterator[Difference]:
    events = read_events_about(*PLACE_EVENT_TYPES, field="entry_id", keys=entry_ids)
    folded = fold_place_events(events, removed_students())
    places = {key: _values(place) for key, place in folded.items()}
    stored = WaitingPlace.objects.filter(entry_id__in=entry_ids)
    yield from _compare("waiting", stored, places, "entry_id")


def _compare(
    table: str, stored: Iterable[Row], rebuilt: dict[int, dict[str, Any]], about: str
) -> Iterator[Difference]:
    for row in stored:
        values, expected = _values(row), rebuilt.pop(row.pk, None)
        if values != expected:
            yield Difference(table, row.pk, values, expected, values[about])
    for key, expected in rebuilt.items():
        yield Difference(table, key, None, expected, expected[about])


def _values(row: Row) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
