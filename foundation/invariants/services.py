"""Check invariants, each by itself, and tell how they stand."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise

from foundation.invariants.models import CheckState, InvariantCheck

logger = logging.getLogger(__name__)

SHOWN_ROWS = 20
TOO_OLD_SECONDS = 900
"""Three periods of the task that checks."""


@dataclass
class Found:
    """The rows that break an invariant: how many, the first ones, and where to go on from."""

    broken: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    progress: dict[str, Any] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        self.broken += 1
        if len(self.rows) < SHOWN_ROWS:
            self.rows.append(row)


@dataclass(frozen=True)
class Invariant:
    """A sentence, and how to find the rows that break it, given the progress of the last check.

    One that is not ``is_periodic`` is checked by a task of its own.
    """

    name: str
    sentence: str | Promise
    find: Callable[[dict[str, Any]], Found]
    too_old_seconds: float = TOO_OLD_SECONDS
    is_periodic: bool = True


@dataclass(frozen=True)
class Finding:
    """How one invariant stands: the first rows that break it, or why it could not be checked."""

    name: str
    sentence: str | Promise
    state: str
    broken: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    checked_at: datetime | None = None
    progress: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.state == CheckState.HOLDS


def check(invariant: Invariant, progress: dict[str, Any] | None = None) -> Finding:
    """Check one invariant. Whatever it raises is the finding that it could not be checked."""
    told: dict[str, Any] = {
        "name": invariant.name,
        "sentence": invariant.sentence,
        "checked_at": timezone.now(),
    }
    try:
        with transaction.atomic() if connection.in_atomic_block else _nothing():
            found = invariant.find(progress or {})
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        logger.exception("The invariant %s could not be checked", invariant.name)
        error = traceback.format_exc(limit=-5).replace("\0", "")
        return Finding(**told, state=CheckState.FAILED, error=error, progress=progress or {})
    state = CheckState.BROKEN if found.broken else CheckState.HOLDS
    return Finding(
        **told, state=state, broken=found.broken, rows=found.rows, progress=found.progress
    )


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def check_and_store(invariant: Invariant) -> Finding:
    """Check one invariant from where the last check ended, and store how it stands."""
    stored = InvariantCheck.objects.filter(name=invariant.name).first()
    finding = check(invariant, stored.progress if stored else {})
    changed = stored is None or stored.state != finding.state
    InvariantCheck.objects.update_or_create(
        name=finding.name,
        defaults={
            "state": finding.state,
            "broken": finding.broken,
            "rows": json.loads(json.dumps(finding.rows, default=str)),
            "error": finding.error,
            "checked_at": finding.checked_at,
            "progress": finding.progress,
        }
        | ({"since": finding.checked_at} if changed else {}),
    )
    return finding


def list_findings(invariants: Sequence[Invariant]) -> list[Finding]:
    """Return how all stand, in one query: what was not checked lately is too old."""
    stored = {row.name: row for row in InvariantCheck.objects.all()}
    return [_standing(invariant, stored.get(invariant.name)) for invariant in invariants]


def _standing(invariant: Invariant, row: InvariantCheck | None) -> Finding:
    if row is None:
        return Finding(invariant.name, invariant.sentence, CheckState.TOO_OLD)
    return Finding(
        name=row.name,
        sentence=invariant.sentence,
        state=state_of(row, invariant),
        broken=row.broken,
        rows=row.rows,
        error=row.error,
        checked_at=row.checked_at,
    )


def state_of(row: InvariantCheck, invariant: Invariant) -> str:
    """Return how it stands: that it held long ago says nothing of today."""
    age = (timezone.now() - row.checked_at).total_seconds()
    is_old = age > invariant.too_old_seconds and row.state == CheckState.HOLDS
    return CheckState.TOO_OLD if is_old else row.state


def in_sql(name: str, sentence: str | Promise, sql: str, **parameters: Any) -> Invariant:
    """Return the invariant whose SQL selects the rows that break it; memory does not grow."""

    def find(progress: dict[str, Any]) -> Found:
        with snapshot() as cursor:
            counted = f"SELECT count(*) OVER () AS found, bad.* FROM ({sql}) AS bad"  # noqa: S608  # nosec B608
            cursor.execute(f"{counted} LIMIT {SHOWN_ROWS}", parameters)
            columns = [column.name for column in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        broken = rows[0]["found"] if rows else 0
        return Found(broken, [{k: v for k, v in row.items() if k != "found"} for row in rows])

    return Invariant(name, sentence, find)


@contextmanager
def snapshot() -> Iterator[Any]:
    """Open a view of one moment, without the requests' time limit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield cursor
