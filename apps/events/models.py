"""The log, which is also the outbox, and the deliveries still owed from it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


def _index_of(field: str, *, name: str) -> models.Index:
    """Return the index by which the events about one thing are read again."""
    number = Cast(KeyTextTransform(field, "payload"), models.BigIntegerField())
    return models.Index(number, name=name, condition=Q(payload__has_key=field))


class LoggedEvent(models.Model):
    """One published event. Append-only: a trigger refuses UPDATE and DELETE."""

    name = models.CharField(_("name"), max_length=100, db_index=True)
    payload = models.JSONField(_("payload"))
    published_at = models.DateTimeField(_("published at"), default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            _index_of("enrollment_id", name="event_by_enrollment"),
            _index_of("payment_id", name="event_by_payment"),
            _index_of("entry_id", name="event_by_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Put aside")


class Delivery(models.Model):
    """One event owed to one later-subscriber; this row, not the broker, is the truth.

    ``due_at`` is when it may next be tried. Claiming pushes it ahead by a lease, so a worker that
    dies holds nothing: the row comes due again.
    """

    event = models.ForeignKey(LoggedEvent, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(_("subscriber"), max_length=150)
    queue = models.CharField(_("queue"), max_length=50)
    status = FSMField(
        _("status"),
        default=DeliveryStatus.PENDING,
        choices=DeliveryStatus.choices,
        protected=True,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subscriber"], name="delivery_once_per_event_and_subscriber"
            ),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue", "due_at"], condition=Q(status="pending"), name="delivery_due"
            ),
            models.Index(
                fields=["status", "created_at"],
                condition=~Q(status="delivered"),
                name="delivery_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.event_id}"

    @property
    def is_exhausted(self) -> bool:
        return self.attempts >= settings.EVENTS_MAX_ATTEMPTS

    def lease(self, *, now: datetime) -> None:
        """Count the attempt before it is made, so that one that kills its worker counts too."""
        self.attempts += 1
        self.due_at = now + timedelta(seconds=settings.EVENTS_LEASE_SECONDS)

    def resume_soon(self, *, now: datetime) -> None:
        """Come due at once for the rest of a long job; progress is not a failed attempt."""
        self.attempts = 0
        self.due_at = now

    def back_off(self, *, now: datetime, error: str) -> None:
        delays = settings.EVENTS_BACKOFF_SECONDS
        delay_seconds = delays[min(self.attempts, len(delays)) - 1]
        self.due_at = now + timedelta(seconds=delay_seconds)
        self.last_error = error

    @transition(field=status, source=DeliveryStatus.PENDING, target=DeliveryStatus.DELIVERED)
    def deliver(self, *, at: datetime) -> None:
        """Mark the delivery as carried out."""
        self.delivered_at = at
        self.last_error = ""

    @transition(field=status, source=DeliveryStatus.PENDING, target=DeliveryStatus.DEAD)
    def put_aside(self, *, error: str) -> None:
        """Stop trying, so that one poison event never blocks the rest; staff see it."""
        self.last_error = error

    @transition(field=status, source=DeliveryStatus.DEAD, target=DeliveryStatus.PENDING)
    def retry(self, *, at: datetime) -> None:
        """Try again from the first attempt, at the wish of staff."""
        self.attempts = 0
        self.due_at = at
