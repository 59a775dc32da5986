"""Draft, start, stop and carry out bulk jobs.

An item is carried out by the same service as its button, in that service's own transaction; what a
worker had begun when it died is looked at, not guessed, and then gone on with.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import can_proceed

from apps import acting
from apps.crash_points import CrashPoint, reach
from apps.desk import Text
from apps.refusals import FactsChanged, NotFound, Refusal
from elearning.bulk.kinds import AGREED, BulkKind, Facts, Outcome, kind_named, may_run
from elearning.bulk.models import (
    MAX_LABEL_LENGTH,
    BulkItem,
    BulkJob,
    BulkStatus,
    ItemStatus,
)
from foundation.agreement import token_of
from foundation.batches.services import list_held, run_each

logger = logging.getLogger(__name__)

JOBS = "elearning.run_bulk_jobs"
MAX_ITEMS = 10_000
BATCH_ROWS = 1000
MAX_ATTEMPTS = 3
TOGETHER = 100
"""So many items are carried out in one transaction, where the kind knows how."""


class BulkJobRefused(Refusal):
    code = "bulk_job"
    message = gettext_lazy("This is no longer possible: the state has changed.")


class TooManyItems(Refusal):
    code = "too_many_items"
    message = gettext_lazy("Choose at most %(limit)s at once.")

    def __init__(self) -> None:
        super().__init__(self.message % {"limit": f"{MAX_ITEMS:,}"})


@dataclass(frozen=True)
class NewItem:
    """An item to be; ``refusal`` says why it is not even tried, ``plan`` what it will do.

    ``position`` is its row where it came from; else its place among the items.
    """

    label: str
    facts: Facts = field(default_factory=dict)
    position: int | None = None
    plan: Text = ""
    refusal: Text = ""


def draft_job(*, kind: BulkKind, started_by_id: int, items: Iterable[NewItem]) -> int:
    """Note what is to be done, to be looked at before it starts; returns its id.

    Raises TooManyItems.
    """
    rows = list(items)
    if len(rows) > MAX_ITEMS:
        raise TooManyItems()
    with transaction.atomic():
        job = BulkJob.objects.create(kind=kind.name, started_by_id=started_by_id)
        BulkItem.objects.bulk_create(
            (_item(job, position, row) for position, row in enumerate(rows, start=1)),
            batch_size=BATCH_ROWS,
        )
    return job.pk


def _item(job: BulkJob, position: int, row: NewItem) -> BulkItem:
    item = BulkItem(
        job=job,
        position=row.position or position,
        label=row.label[:MAX_LABEL_LENGTH],
        facts=row.facts,
        message=str(row.plan),
    )
    if row.refusal:
        item.refuse(message=str(row.refusal))
    return item


def start_job(*, job_id: int, agreed: str) -> None:
    """Let the workers begin with what was agreed to, by the token that the draft's page carries.

    Each item keeps what was agreed to for it. Raises NotFound, BulkJobRefused, FactsChanged.
    """
    with transaction.atomic():
        job = _lock(job_id)
        if not can_proceed(job.start):
            raise BulkJobRefused()
        items, tokens = read_tokens(job)
        if agreed != token_of(tokens):
            raise FactsChanged()
        for item, token in zip(items, tokens, strict=True):
            item.facts[AGREED] = token
        BulkItem.objects.bulk_update(items, ["facts"], batch_size=BATCH_ROWS)
        if on_start := kind_named(job.kind).on_start:
            on_start(job.pk)
        job.start(at=timezone.now())
        job.save()


def read_tokens(job: BulkJob) -> tuple[list[BulkItem], list[str]]:
    """Return the items that are to be carried out, each with the token of what it rests on now."""
    items = list(job.items.filter(status=ItemStatus.PENDING).order_by("position"))
    read = kind_named(job.kind).read([item.facts for item in items])
    return items, [token_of(facts) for facts in read]


def stop_job(*, job_id: int) -> None:
    """Leave what is not yet done alone. Raises NotFound, BulkJobRefused."""
    with transaction.atomic():
        job = _lock(job_id)
        if not can_proceed(job.stop):
            raise BulkJobRefused()
        job.stop(at=timezone.now())
        job.save()


def discard_draft(*, job_id: int) -> None:
    """Throw away what nobody confirmed; nothing has happened. Raises NotFound, BulkJobRefused."""
    with transaction.atomic():
        job = _lock(job_id)
        if job.status != BulkStatus.DRAFT:
            raise BulkJobRefused()
        job.delete()


def _lock(job_id: int) -> BulkJob:
    job = BulkJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no such bulk job."))
    return job


def run_next_job() -> bool:
    """Carry out a stretch of the job that has waited longest. Returns whether there was one.

    One stretch runs at a time, so that bulk jobs leave a worker to everything else.
    """
    job = _claim()
    if job is None:
        return False
    ends_at = time.monotonic() + settings.BULK_BUDGET_SECONDS
    try:
        run_each(batch=JOBS, keys=[job.pk], step=lambda _pk: _work(job, ends_at=ends_at))
    finally:
        running = BulkJob.objects.filter(pk=job.pk, status=BulkStatus.RUNNING)
        running.update(leased_until=timezone.now())
    return True


def _claim() -> BulkJob | None:
    now = timezone.now()
    with transaction.atomic():
        running = BulkJob.objects.filter(status=BulkStatus.RUNNING).select_for_update()
        jobs = list(running.order_by(F("leased_until").asc(nulls_first=True), "pk"))
        if not jobs or any(job.leased_until and job.leased_until > now for job in jobs):
            return None
        held = list_held(batch=JOBS)
        ready = [job for job in jobs if str(job.pk) not in held]
        if not ready:
            return None
        ready[0].lease(now=now)
        ready[0].save(update_fields=["leased_until"])
    return ready[0]


def _work(job: BulkJob, *, ends_at: float) -> None:
    kind = kind_named(job.kind)
    with _as_its_starter(job, kind):
        if not may_run(job.started_by, kind):
            _refuse_the_rest(job)
            if job.items.filter(status=ItemStatus.PENDING).exists():
                return  # they failed to be refused, and must not be run
        while time.monotonic() < ends_at and _is_running(job):
            pending = job.items.filter(status=ItemStatus.PENDING).order_by("attempts", "position")
            items = list(pending[: TOGETHER if kind.run_many else 1])
            if not items:
                _finish(job)
                return
            if not _run_together(kind, items):
                _run_item(kind, items[0])


@contextmanager
def _as_its_starter(job: BulkJob, kind: BulkKind) -> Iterator[None]:
    """Let the audit log know who wanted this, and write messages in that person's language."""
    address = f"bulk job {job.pk}"
    with acting.call(origin="desk", address=address), translation.override(job.started_by.language):
        acting.identify(job.started_by)
        acting.doing(kind.label)
        yield


def _is_running(job: BulkJob) -> bool:
    return BulkJob.objects.filter(pk=job.pk, status=BulkStatus.RUNNING).exists()


def _run_together(kind: BulkKind, items: list[BulkItem]) -> bool:
    """Carry out all of these and note it, in one transaction. Returns whether that was possible.

    An item that was tried before, or keeps the others from succeeding, is run by itself.
    """
    if kind.run_many is None or any(item.attempts for item in items):
        return False
    try:
        with transaction.atomic():
            outcomes = kind.run_many([item.facts for item in items])
            for item, outcome in zip(items, outcomes, strict=True):
                item.attempts = 1
                _settle(item, outcome)
            BulkItem.objects.bulk_update(items, ["status", "message", "attempts"])
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        logger.warning("Items of bulk job %s are run one by one", items[0].job_id, exc_info=True)
        items[:] = BulkItem.objects.filter(pk=items[0].pk)
        return False
    return True


def _settle(item: BulkItem, outcome: Outcome) -> None:
    (item.succeed if outcome.changed else item.leave)(message=str(outcome.message))


def _run_item(kind: BulkKind, item: BulkItem) -> None:
    item.attempts += 1
    item.save(update_fields=["attempts"])  # before it is tried, so that one that kills counts too
    try:
        if item.attempts > 1 and kind.is_done(item.facts):
            item.succeed(message=_("Done before the worker was interrupted."))
        else:
            outcome = kind.run(item.facts)
            reach(CrashPoint.BULK_ITEM_DONE)
            _settle(item, outcome)
    except SoftTimeLimitExceeded:
        raise
    except Refusal as refusal:
        item.refuse(message=str(refusal))
    except Exception:
        logger.exception("Item %s of bulk job %s failed", item.position, item.job_id)
        if item.attempts < MAX_ATTEMPTS:
            return
        item.fail(message=_("It failed three times. Ask whoever runs the system to look at it."))
    item.save(update_fields=["status", "message"])


def _refuse_the_rest(job: BulkJob) -> None:
    message = _("Whoever started this may not do it any more.")

    def refuse(pk: int) -> None:
        item = BulkItem.objects.get(pk=pk)
        item.refuse(message=message)
        item.save(update_fields=["status", "message"])

    pending = job.items.filter(status=ItemStatus.PENDING).order_by("position")
    run_each(
        batch="elearning.refuse_bulk_items",
        scope=str(job.pk),
        keys=pending.values_list("pk", flat=True),
        step=refuse,
    )


def _finish(job: BulkJob) -> None:
    with transaction.atomic():
        locked = _lock(job.pk)
        if can_proceed(locked.finish):
            locked.finish(at=timezone.now())
            locked.save()
