"""Run a step on each row, record failures, try them again."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.agreement import Agreement, require
from foundation.batches.models import BatchFailure

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
CHUNK_ROWS = 500

Keys = QuerySet[Any, Any] | Iterable[Any]
Step = Callable[[Any], object]
StepTogether = Callable[[list[Any]], object]


class RowsFailed(Exception):
    """Raised by a handler whose rows are recorded as failed, so that its event stays owed."""


@dataclass
class BatchResult:
    """How many rows were processed, and which failed, such as ``7: ValueError(…)``.

    ``is_complete`` is False when the time or the limit was over before the rows were.
    """

    done: int = 0
    failed: list[str] = field(default_factory=list)
    is_complete: bool = True


def run_each(
    *,
    batch: str,
    keys: Keys,
    step: Step,
    together: StepTogether | None = None,
    scope: str = "",
    limit: int | None = None,
    size: int = CHUNK_ROWS,
    budget_seconds: float | None = None,
    respects_backoff: bool = True,
) -> BatchResult:
    """Run the step on each row; a failure is recorded and does not stop the batch.

    ``keys`` are primary keys, best a ``values_list("pk", flat=True)`` of what is due: then rows
    that are no longer due count as resolved. ``step`` opens a transaction of its own; inside a
    transaction it gets a savepoint. A step that returns False is not counted as done. Where given,
    ``together`` processes ``size`` rows at once; when it fails, each is taken by itself. A row that
    failed waits for its backoff, unless the caller has one of its own (``respects_backoff``). Costs
    one query, two where rows have failed.
    """
    run = _Run(batch, scope, step, time.monotonic() + (budget_seconds or float("inf")))
    due = run.find_due(keys) if respects_backoff else keys
    for chunk in _chunks(due, size, limit):
        run.take(chunk, together)
        if not run.result.is_complete:
            break
    return run.result


def delete_each(*, batch: str, rows: QuerySet[Any], scope: str = "") -> int:
    """Delete the rows in chunks, and one by one where a chunk fails. Returns how many are gone."""
    manager = rows.model._default_manager

    def delete(pks: list[Any]) -> object:
        with transaction.atomic():
            return manager.filter(pk__in=pks).delete()

    keys = rows.order_by("pk").values_list("pk", flat=True)
    return run_each(
        batch=batch, keys=keys, step=lambda pk: delete([pk]), together=delete, scope=scope
    ).done


def list_held(*, batch: str, scope: str = "") -> set[str]:
    """Return the keys that wait for their backoff, in one query."""
    held = _open(batch, scope).filter(due_at__gt=timezone.now())
    return set(held.values_list("row", flat=True))


def list_due_scopes(*, batch: str) -> list[str]:
    """Return the scopes of a batch in which a failed row is to be tried again."""
    due = BatchFailure.objects.filter(batch=batch, resolved_at=None, due_at__lte=timezone.now())
    return sorted(set(due.values_list("scope", flat=True)))


def count_open() -> int:
    """Return how many rows of all batches are failing, in one query."""
    return BatchFailure.objects.filter(resolved_at=None).count()


def requeue(*, failure_id: int, agreed: Agreement | None = None) -> bool:
    """Let the next run try the row at once. Returns False for one that is resolved or gone.

    Raises what ``agreed`` raises.
    """
    with transaction.atomic():
        unresolved = BatchFailure.objects.filter(pk=failure_id, resolved_at=None)
        if not unresolved.select_for_update(no_key=True).exists():
            return False
        require(agreed)
        return unresolved.update(due_at=timezone.now()) == 1


def forget_resolved() -> int:
    """Delete failures that were resolved long ago. Returns how many."""
    old = BatchFailure.objects.filter(resolved_at__lt=timezone.now() - KEPT)
    return delete_each(batch="batches.forget_resolved", rows=old)


class _Run:
    """One run of a batch: what had failed before, and what has come of the rows so far."""

    def __init__(self, batch: str, scope: str, step: Step, ends_at: float) -> None:
        self.batch, self.scope, self.step, self.ends_at = batch, scope, step, ends_at
        self.result = BatchResult()
        self.failures = dict(_open(batch, scope).values_list("row", "due_at"))

    def find_due(self, keys: Keys) -> Iterable[Any]:
        """Leave out the rows that wait for their backoff; resolve those that are not due."""
        now = timezone.now()
        held = {key for key, due_at in self.failures.items() if due_at > now}
        if not isinstance(keys, QuerySet):
            return (key for key in keys if str(key) not in held)
        if not self.failures:
            return keys
        to_python = keys.model._meta.pk.to_python
        failed = [to_python(key) for key in self.failures]
        due = {str(key) for key in keys.filter(pk__in=failed)}
        self._resolve([key for key in self.failures if key not in due])
        return keys.exclude(pk__in=[to_python(key) for key in held])

    def take(self, chunk: list[Any], together: StepTogether | None) -> None:
        fresh = [key for key in chunk if str(key) not in self.failures]
        alone = [key for key in chunk if str(key) in self.failures]
        if together is None or not self._take_together(fresh, together):
            alone = chunk
        for key in alone:
            if self._is_over():
                return
            self._take_one(key)
        self._is_over()

    def _is_over(self) -> bool:
        if time.monotonic() > self.ends_at:
            self.result.is_complete = False
        return not self.result.is_complete

    def _take_together(self, keys: list[Any], together: StepTogether) -> bool:
        if not keys:
            return True
        try:
            with _savepoint():
                together(keys)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            if _is_disconnected():
                raise  # no fault of the row
            logger.warning("Rows of %s are processed one by one", self.batch, exc_info=True)
            return False
        self.result.done += len(keys)
        return True

    def _take_one(self, key: Any) -> None:
        try:
            with _savepoint():
                self.result.done += self.step(key) is not False
        except Exception as error:
            if _is_disconnected():
                raise  # no fault of the row
            logger.exception("Row %s of %s %s failed", key, self.batch, self.scope)
            self._record(key, traceback.format_exc(limit=-5))
            if isinstance(error, SoftTimeLimitExceeded):
                raise
            self.result.failed.append(f"{key}: {error!r}")
        else:
            if str(key) in self.failures:
                self._resolve([str(key)])

    def _record(self, key: Any, error: str) -> None:
        named = {"batch": self.batch, "scope": self.scope, "row": str(key)}
        with transaction.atomic():
            BatchFailure.objects.bulk_create([BatchFailure(**named)], ignore_conflicts=True)
            failure = BatchFailure.objects.select_for_update().get(**named)
            failure.fail(now=timezone.now(), error=error)
            failure.save()

    def _resolve(self, keys: list[str]) -> None:
        if keys:
            _open(self.batch, self.scope).filter(row__in=keys).update(resolved_at=timezone.now())


def _open(batch: str, scope: str) -> QuerySet[BatchFailure]:
    return BatchFailure.objects.filter(batch=batch, scope=scope, resolved_at=None)


def _savepoint() -> AbstractContextManager[Any]:
    """Inside a transaction a failed row is rolled back alone; elsewhere a step opens its own."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _is_disconnected() -> bool:
    return not connection.in_atomic_block and not connection.is_usable()


def _chunks(source: Iterable[Any], size: int, limit: int | None) -> Iterator[list[Any]]:
    if isinstance(source, QuerySet):
        rows = iter(source[:limit]) if limit else source.iterator(CHUNK_ROWS)
    else:
        rows = islice(source, limit)
    while chunk := list(islice(rows, size)):
        yield chunk
