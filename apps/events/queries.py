"""Read the log and the backlog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Count, Min, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from apps.events import registry
from apps.events.models import Delivery, DeliveryStatus, LoggedEvent
from apps.events.registry import Event


@dataclass(frozen=True)
class Backlog:
    """What is still owed: counts, and when the oldest pending delivery was published."""

    pending: int
    dead: int
    oldest_pending_at: datetime | None


def read_log(*event_types: type[Event], chunk_size: int = 2000) -> Iterator[Event]:
    """Yield the events of these types in the order of the log, without loading it whole."""
    names = [registry.name_of(event_type) for event_type in event_types]
    rows = LoggedEvent.objects.filter(name__in=names).order_by("pk")
    for row in rows.iterator(chunk_size=chunk_size):
        yield registry.read(name=row.name, payload=row.payload, log_id=row.pk)


def log_is_empty() -> bool:
    return not LoggedEvent.objects.exists()


def get_backlog() -> Backlog:
    """Return the state of the outbox in one query."""
    pending = Q(status=DeliveryStatus.PENDING)
    return Backlog(
        **Delivery.objects.exclude(status=DeliveryStatus.DELIVERED).aggregate(
            pending=Count("pk", filter=pending),
            dead=Count("pk", filter=Q(status=DeliveryStatus.DEAD)),
            oldest_pending_at=Min("created_at", filter=pending),
        )
    )


def count_dead(*, delivery_ids: Iterable[int]) -> int:
    """Return how many of these deliveries have been put aside, in one query."""
    return Delivery.objects.filter(pk__in=list(delivery_ids), status=DeliveryStatus.DEAD).count()


def list_events(*event_types: type[Event]) -> list[Event]:
    """Return all events of types that are rare, in the order of the log.

    By the index of names: for a cursor, which wants the first rows soon, PostgreSQL would read the
    whole log in its order.
    """
    names = [registry.name_of(event_type) for event_type in event_types]
    rows = LoggedEvent.objects.filter(name__in=names).order_by("pk")
    return [registry.read(name=row.name, payload=row.payload, log_id=row.pk) for row in rows]


def read_events_about(*event_types: type[Event], field: str, keys: Sequence[int]) -> list[Event]:
    """Return the events whose payload's field is one of the keys, in the order of the log.

    One query, which an index serves for ``enrollment_id``, ``payment_id`` and ``entry_id``. Types
    and order are left to Python, so that PostgreSQL is not tempted by the index of names or of ids.
    """
    names = {registry.name_of(event_type) for event_type in event_types}
    number = Cast(KeyTextTransform(field, "payload"), BigIntegerField())
    about = LoggedEvent.objects.filter(payload__has_key=field).alias(number=number)
    rows = sorted(about.filter(number__in=list(keys)), key=lambda row: row.pk)
    return [
        registry.read(name=row.name, payload=row.payload, log_id=row.pk)
        for row in rows
        if row.name in names
    ]


def read_log_since(*event_types: type[Event], after_id: int, limit: int) -> list[Event]:
    """Return the next events of these types, in the order of the log."""
    names = [registry.name_of(event_type) for event_type in event_types]
    rows = LoggedEvent.objects.filter(pk__gt=after_id, name__in=names).order_by("pk")[:limit]
    return [registry.read(name=row.name, payload=row.payload, log_id=row.pk) for row in rows]


def last_id_before(*, moment: datetime) -> int:
    """Return the last place in the log that was published before the moment, 0 where none was.

    Looked for from the end: what was published lately is short.
    """
    rows = LoggedEvent.objects.filter(published_at__lt=moment).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or 0


def greatest_key(*, field: str) -> int:
    """Return the greatest number that the payloads' field holds, 0 where none does."""
    number = Cast(KeyTextTransform(field, "payload"), BigIntegerField())
    rows = LoggedEvent.objects.filter(payload__has_key=field).alias(number=number)
    return rows.order_by("-number").values_list(number, flat=True).first() or 0
