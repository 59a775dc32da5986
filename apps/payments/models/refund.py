"""Money given back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.payments.models.charge import Charge, new_idempotency_key
from apps.payments.models.payment import Payment


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    FAILING = "failing", _("Failing, being retried")
    SUCCEEDED = "succeeded", _("Refunded")


class RefundPurpose(models.TextChoices):
    CANCELLATION = "cancellation", _("Cancellation")
    SURPLUS = "surplus", _("Money that was not owed")


class Refund(ConcurrentTransitionMixin, models.Model):
    """Money given back from one charge; retried until the gateway has done it."""

    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds"
    )
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    purpose = models.CharField(_("purpose"), max_length=20, choices=RefundPurpose.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    idempotency_key = models.CharField(max_length=64, unique=True, default=new_idempotency_key)
    status = FSMField(
        _("status"), default=RefundStatus.REQUESTED, choices=RefundStatus.choices, protected=True
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)
    gateway_reference = models.CharField(_("gateway reference"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=RefundStatus.values), name="refund_status_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_gives_something"),
            models.UniqueConstraint(
                fields=["charge", "purpose"], name="refund_once_per_charge_and_purpose"
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(succeeded_at__isnull=False),
                name="refund_succeeded_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(status="succeeded"), name="refund_due")
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.idempotency_key[:8]}"

    def lease(self, *, now: datetime) -> None:
        """Count the attempt and keep others off while the gateway is asked."""
        self.attempts += 1
        self.due_at = now + timedelta(seconds=settings.PAYMENT_TOTAL_BUDGET_SECONDS + 10)

    @transition(
        field=status,
        source=[RefundStatus.REQUESTED, RefundStatus.FAILING],
        target=RefundStatus.FAILING,
    )
    def fail(self, *, now: datetime, error: str) -> None:
        """The gateway could not do it yet; it is tried again."""
        delays = settings.REFUND_BACKOFF_SECONDS
        self.due_at = now + timedelta(seconds=delays[min(self.attempts, len(delays)) - 1])
        self.last_error = error

    @transition(
        field=status,
        source=[RefundStatus.REQUESTED, RefundStatus.FAILING],
        target=RefundStatus.SUCCEEDED,
    )
    def succeed(self, *, gateway_reference: str, at: datetime) -> None:
        """The money is on its way back."""
        self.gateway_reference, self.succeeded_at, self.last_error = gateway_reference, at, ""
