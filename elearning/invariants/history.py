"""The history equals the log: what has changed lately every few minutes, all of it at night."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.students import services as students
from apps.students.services import Difference
from foundation.invariants.models import InvariantCheck
from foundation.invariants.services import Found, Invariant, check_and_store

SLICE_SECONDS = 15.0
NIGHT = range(1, 6)
EVERY = timedelta(hours=20)
TOO_OLD = timedelta(hours=48)
MAX_SUSPECTS = 1000


def _row(found: Difference) -> dict[str, Any]:
    return {
        "table": found.table, "key": found.key, "stored": found.stored, "rebuilt": found.rebuilt
    }  # fmt: skip


def _add(found: Found, differences: Iterable[Difference]) -> set[tuple[str, int]]:
    about = set()
    for difference in differences:
        found.add(_row(difference))
        about.add(("entry" if difference.table == "waiting" else "lecture", difference.about))
    return about


def _find_in_changes(progress: dict[str, Any]) -> Found:
    """Compare what changed since the last check, and again what was found wrong then."""
    changed = students.find_changed(position=progress.get("position", 0))
    suspects = [tuple(pair) for pair in progress.get("suspects", [])]
    lectures = {*changed.lecture_ids, *(key for kind, key in suspects if kind == "lecture")}
    entries = {*changed.entry_ids, *(key for kind, key in suspects if kind == "entry")}
    found = Found()
    differences = students.differences_of(lecture_ids=sorted(lectures), entry_ids=sorted(entries))
    wrong = sorted(_add(found, differences))[:MAX_SUSPECTS]
    found.progress = {"position": changed.position, "suspects": wrong}
    return found


def _find_in_slice(progress: dict[str, Any]) -> Found:
    """Compare the whole history from where the last slice ended; its finds add up."""
    ends_at = time.monotonic() + SLICE_SECONDS
    first = progress.get("next", 1)
    found = Found(progress.get("broken", 0), list(progress.get("rows", [])))
    for keys in students.list_chunks(first=first):
        _add(found, students.differences_of(lecture_ids=keys, entry_ids=keys))
        first = keys.stop
        if time.monotonic() > ends_at:
            rows = [{name: str(value) for name, value in row.items()} for row in found.rows]
            found.progress = {"next": first, "broken": found.broken, "rows": rows}
            found.progress["completed_at"] = progress.get("completed_at", "")
            return found
    found.progress = {"completed_at": timezone.now().isoformat()}
    return found


def _find_whole(progress: dict[str, Any]) -> Found:
    found = Found()
    for keys in students.list_chunks():
        _add(found, students.differences_of(lecture_ids=keys, entry_ids=keys))
    return found


HISTORY = Invariant(
    "history_equals_the_log",
    _("What changed lately in the history equals what a rebuild from the log gives."),
    _find_in_changes,
)
WHOLE_HISTORY = Invariant(
    "whole_history_equals_the_log",
    _("The history equals what a rebuild from the log gives."),
    _find_in_slice,
    too_old_seconds=TOO_OLD.total_seconds(),
    is_periodic=False,
)


def find_all(invariant: Invariant) -> Invariant:
    """Return the invariant of the whole history that is checked in one go."""
    return replace(invariant, find=_find_whole)


def check_whole_history() -> None:
    """Compare a slice of the history, where a pass is due or under way. Called every minute."""
    stored = InvariantCheck.objects.filter(name=WHOLE_HISTORY.name).first()
    if stored is None or _is_due(stored.progress, timezone.localtime()):
        check_and_store(WHOLE_HISTORY)


def _is_due(progress: dict[str, Any], now: datetime) -> bool:
    """A pass goes on until it is complete; the next begins in the night, or when one was missed."""
    if "next" in progress or not progress.get("completed_at"):
        return True
    age = now - datetime.fromisoformat(progress["completed_at"])
    return age > 2 * EVERY or (age > EVERY and now.hour in NIGHT)
