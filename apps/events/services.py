"""Publish events and carry out their deliveries."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.crash_points import CrashPoint, reach
from apps.events import nudge, registry
from apps.events.models import Delivery, DeliveryStatus, LoggedEvent
from apps.events.registry import Event
from apps.refusals import NotFound, Refusal
from foundation.agreement import Agreement, require
from foundation.batches.services import run_each

logger = logging.getLogger(__name__)

NAMES = {"student_name", "student_latin_name"}
"""The fields of payloads that name a student."""


class Unfinished(Exception):
    """Raised by a later-handler of a long job: a part is done, run me again for the rest."""


class DeliveryNotDead(Refusal):
    code = "delivery_not_dead"
    message = _("This delivery has not been put aside, so there is nothing to try again.")


def publish(*events: Event) -> None:
    """Log the events in the caller's transaction, run the together-handlers, owe the deliveries.

    Costs one INSERT for the events, one for their deliveries, and what the together-handlers do.
    Raises RuntimeError outside a transaction: an event and its cause commit together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("publish() belongs in the transaction that made the fact true.")
    now = timezone.now()
    logged = LoggedEvent.objects.bulk_create(
        LoggedEvent(name=registry.name_of(type(event)), payload=event.payload(), published_at=now)
        for event in events
    )
    for event, row in zip(events, logged, strict=True):
        numbered = replace(event, log_id=row.pk)
        for handler in registry.handlers_together(type(event)):
            handler(numbered)
    _owe_deliveries(events, logged, now)


def _owe_deliveries(events: tuple[Event, ...], logged: list[LoggedEvent], now: datetime) -> None:
    deliveries = [
        Delivery(
            event=row,
            subscriber=subscription.name,
            queue=subscription.queue,
            due_at=now,
            created_at=now,
        )
        for event, row in zip(events, logged, strict=True)
        for subscription in registry.subscriptions_later(type(event))
    ]
    if not deliveries:
        return
    for delivery in Delivery.objects.bulk_create(deliveries):
        transaction.on_commit(
            partial(nudge.nudge, delivery_id=delivery.pk, queue=delivery.queue), robust=True
        )


def deliver(*, delivery_id: int) -> bool:
    """Carry out one delivery if it is due. Returns whether a handler ran to its end.

    A failed attempt is retried with back-off and put aside after EVENTS_MAX_ATTEMPTS.
    """
    delivery = _claim(delivery_id)
    if delivery is None:
        return False
    try:
        _handler_of(delivery)()
    except Unfinished:
        _settle(delivery, lambda row: row.resume_soon(now=timezone.now()))
        nudge.nudge(delivery_id=delivery.pk, queue=delivery.queue)
        return False
    except Exception:
        logger.exception("Delivery %s failed at attempt %s", delivery, delivery.attempts)
        _record_failure(delivery, traceback.format_exc(limit=-5))
        return False
    reach(CrashPoint.DELIVERY_HANDLED)
    _settle(delivery, lambda row: row.deliver(at=timezone.now()))
    return True


def _claim(delivery_id: int) -> Delivery | None:
    now = timezone.now()
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(pk=delivery_id, status=DeliveryStatus.PENDING, due_at__lte=now)
            .first()
        )
        if delivery is None:
            return None
        if delivery.is_exhausted:
            delivery.put_aside(error=delivery.last_error or "The worker died at every attempt.")
            delivery.save()
            return None
        delivery.lease(now=now)
        delivery.save(update_fields=["attempts", "due_at"])
    return delivery


def _handler_of(delivery: Delivery) -> Callable[[], None]:
    row = delivery.event
    event = registry.read(name=row.name, payload=row.payload, log_id=row.pk)
    subscription = registry.find_subscription(type(event), delivery.subscriber)
    if subscription is None:
        raise LookupError(f"Nobody is called {delivery.subscriber} any more.")
    return partial(subscription.handler, event)


def _settle(claimed: Delivery, change: Callable[[Delivery], None]) -> None:
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=claimed.pk)
        if delivery.status != DeliveryStatus.PENDING:
            return  # a second worker, after our lease ran out, was quicker
        change(delivery)
        delivery.save()


def _record_failure(claimed: Delivery, error: str) -> None:
    def change(delivery: Delivery) -> None:
        if delivery.is_exhausted:
            delivery.put_aside(error=error)
        else:
            delivery.back_off(now=timezone.now(), error=error)

    _settle(claimed, change)


def sweep(*, queue: str, limit: int = 500) -> int:
    """Carry out what is due in the queue, oldest first. Returns how many handlers ran.

    This is the guarantee behind the nudge: it needs no message to have survived. It stops after
    EVENTS_SWEEP_BUDGET_SECONDS; the next sweep goes on.
    """
    due = Delivery.objects.filter(
        queue=queue, status=DeliveryStatus.PENDING, due_at__lte=timezone.now()
    )
    return run_each(
        batch="events.sweep",
        scope=queue,
        keys=due.order_by("due_at", "pk").values_list("pk", flat=True),
        step=lambda pk: deliver(delivery_id=pk),
        limit=limit,
        budget_seconds=settings.EVENTS_SWEEP_BUDGET_SECONDS,
    ).done


def retry_delivery(*, delivery_id: int, agreed: Agreement | None = None) -> None:
    """Put a dead delivery back to work.

    Raises NotFound, DeliveryNotDead, and what ``agreed`` raises.
    """
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound(_("There is no such delivery."))
        if delivery.status != DeliveryStatus.DEAD:
            raise DeliveryNotDead()
        require(agreed)
        delivery.retry(at=timezone.now())
        delivery.save()
        transaction.on_commit(
            partial(nudge.nudge, delivery_id=delivery.pk, queue=delivery.queue), robust=True
        )


def forget_name(*, event_type: type[Event], student_id: int) -> int:
    """Blank a removed student's names in the log: the one change that the log's trigger lets pass.

    What is still to be delivered waits for it. Returns how many events are left for that reason.
    """
    events = LoggedEvent.objects.filter(
        name=registry.name_of(event_type), payload__student_id=student_id
    ).exclude(payload__student_name="")
    owed = Delivery.objects.exclude(status=DeliveryStatus.DELIVERED).filter(event=OuterRef("pk"))
    run_each(
        batch="events.forget_name",
        scope=f"{student_id}",
        keys=events.exclude(Exists(owed)).values_list("pk", flat=True),
        step=_blank_names,
    )
    return events.count()


def _blank_names(event_id: int) -> None:
    with transaction.atomic():
        event = LoggedEvent.objects.get(pk=event_id)
        blank = event.payload | dict.fromkeys(NAMES & event.payload.keys(), "")
        LoggedEvent.objects.filter(pk=event_id).update(payload=blank)
