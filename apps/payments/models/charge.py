"""Each try to collect a payment."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.payments.models.payment import Payment


def new_idempotency_key() -> str:
    return uuid4().hex


class ChargeStatus(models.TextChoices):
    PROCESSING = "processing", _("Processing")
    CAPTURED = "captured", _("Captured")
    SURPLUS = "surplus", _("Captured without need")
    DECLINED = "declined", _("Declined")
    ABANDONED = "abandoned", _("Not made")


class Charge(ConcurrentTransitionMixin, models.Model):
    """One try to collect a payment. While ``processing``, its outcome is unknown until asked.

    Money that was received outside the gateway is captured at once.
    """

    BEGINS_AS = (ChargeStatus.CAPTURED,)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="charges")
    gateway = models.CharField(_("gateway"), max_length=30)
    idempotency_key = models.CharField(max_length=64, unique=True, default=new_idempotency_key)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = FSMField(
        _("status"), default=ChargeStatus.PROCESSING, choices=ChargeStatus.choices, protected=True
    )
    gateway_reference = models.CharField(_("gateway reference"), max_length=100, blank=True)
    decline_code = models.CharField(_("decline code"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    called_at = models.DateTimeField(_("called at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ChargeStatus.values), name="charge_status_is_known"
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(status="captured"), name="charge_one_capture_kept"
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(status="processing"), name="charge_one_under_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["called_at"], condition=Q(status="processing"), name="charge_unknown"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.idempotency_key[:8]}"

    def call_again(self, *, at: datetime) -> None:
        """Note that the gateway is about to be called once more under the same key."""
        self.called_at = at

    @transition(field=status, source=ChargeStatus.PROCESSING, target=ChargeStatus.CAPTURED)
    def capture(self, *, gateway_reference: str, at: datetime) -> None:
        """The money is ours and pays the payment."""
        self.gateway_reference, self.settled_at = gateway_reference, at

    @transition(
        field=status,
        source=[ChargeStatus.PROCESSING, ChargeStatus.ABANDONED, ChargeStatus.DECLINED],
        target=ChargeStatus.SURPLUS,
    )
    def capture_surplus(self, *, gateway_reference: str, at: datetime) -> None:
        """The money came in and nobody wants it: it is refunded."""
        self.gateway_reference, self.settled_at = gateway_reference, at

    @transition(field=status, source=ChargeStatus.PROCESSING, target=ChargeStatus.DECLINED)
    def decline(self, *, decline_code: str, at: datetime) -> None:
        """The gateway said no."""
        self.decline_code, self.settled_at = decline_code, at

    @transition(field=status, source=ChargeStatus.PROCESSING, target=ChargeStatus.ABANDONED)
    def abandon(self, *, at: datetime) -> None:
        """The gateway never took it up."""
        self.settled_at = at
