"""Keep the read model: event by event as they happen, or all of it from the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction

from apps.events.queries import read_log
from apps.events.registry import Event
from apps.students.models import HistoryEntry, TimelineEntry, WaitingPlace
from apps.students.projections import EVENT_TYPES, Projection, project, timeline_entry
from apps.students.services.waiting import fold_places, is_forgotten, removed_students

BATCH_ROWS = 2000


def apply_to_history(*, event: Event) -> None:
    """Apply one event. At most three statements; a second time changes nothing."""
    projection = project(event)
    if projection.creates:
        row = HistoryEntry(**projection.key, **projection.changes)
        HistoryEntry.objects.bulk_create([row], ignore_conflicts=True)
    elif not HistoryEntry.objects.filter(**projection.key).update(**projection.changes):
        return  # nobody's, or of an account that has been removed
    if projection.kind:
        lecture_id = projection.key.get("lecture_id") or _lecture_of(projection)
        if lecture_id is not None:
            line = timeline_entry(event, projection, lecture_id)
            TimelineEntry.objects.bulk_create([line], ignore_conflicts=True)


def _lecture_of(projection: Projection) -> int | None:
    rows = HistoryEntry.objects.filter(**projection.key)
    return rows.values_list("lecture_id", flat=True).first()


def rebuild_history() -> int:
    """Throw the history away and make it again from the log. Returns the number of entries.

    Publishers wait meanwhile: run it when the school is quiet.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            cursor.execute("LOCK TABLE events_loggedevent IN SHARE ROW EXCLUSIVE MODE")
        HistoryEntry.objects.all().delete()
        TimelineEntry.objects.all().delete()
        WaitingPlace.objects.all().delete()
        fold = Fold(removed_students())
        lines: list[TimelineEntry] = []
        for line in fold.lines(read_log(*EVENT_TYPES)):
            lines.append(line)
            if len(lines) >= BATCH_ROWS:
                TimelineEntry.objects.bulk_create(lines)
                lines = []
        TimelineEntry.objects.bulk_create(lines)
        entries = [HistoryEntry(**values) for values in fold.entries.values()]
        HistoryEntry.objects.bulk_create(entries, batch_size=BATCH_ROWS)
        WaitingPlace.objects.bulk_create(fold_places().values(), batch_size=BATCH_ROWS)
    return len(entries)


class Fold:
    """Events folded in memory: ``entries`` by lecture id once ``lines`` is exhausted."""

    def __init__(self, removed: dict[int, int]) -> None:
        self.removed = removed
        self.entries: dict[int, dict[str, Any]] = {}
        self._lecture_of_payment: dict[int, int] = {}

    def lines(self, events: Iterable[Event]) -> Iterator[TimelineEntry]:
        for event in events:
            projection = project(event)
            if projection.creates and is_forgotten(event, self.removed):
                continue
            for lecture_id in self._apply(projection):
                if projection.kind:
                    yield timeline_entry(event, projection, lecture_id)

    def _apply(self, projection: Projection) -> list[int]:
        if projection.creates:
            lecture_id = projection.key["lecture_id"]
            self.entries[lecture_id] = {**projection.key, **projection.changes}
            if payment_id := projection.changes["payment_id"]:
                self._lecture_of_payment[payment_id] = lecture_id
            return [lecture_id]
        lecture_ids = self._matching(projection.key)
        for lecture_id in lecture_ids:
            self.entries[lecture_id].update(projection.changes)
        return lecture_ids

    def _matching(self, key: dict[str, int]) -> list[int]:
        if "lecture_id" in key:
            return [key["lecture_id"]] if key["lecture_id"] in self.entries else []
        if "payment_id" in key:
            lecture_id = self._lecture_of_payment.get(key["payment_id"])
            return [] if lecture_id is None else [lecture_id]
        return [pk for pk, row in self.entries.items() if row["course_id"] == key["course_id"]]
