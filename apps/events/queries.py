"""Read the log and the backlog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

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
