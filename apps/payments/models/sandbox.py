"""The sandbox gateway's switch and its own books."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SandboxBehaviour(models.TextChoices):
    WORKING = "working", _("Working")
    SLOW = "slow", _("Slow")
    FAILING = "failing", _("Failing")
    DOWN = "down", _("Down")


class SandboxSwitch(models.Model):
    """How the sandbox gateway behaves: one row, set by staff or ``manage.py sandbox_gateway``."""

    behaviour = models.CharField(
        _("behaviour"), max_length=10,
        choices=SandboxBehaviour.choices, default=SandboxBehaviour.WORKING,
    )  # fmt: skip
    delay_milliseconds = models.PositiveIntegerField(
        _("delay in milliseconds"), default=0, help_text=_("How long each call takes when slow.")
    )

    class Meta:
        verbose_name = _("sandbox gateway")
        verbose_name_plural = _("sandbox gateway")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="sandbox_switch_is_one_row"),
            models.CheckConstraint(
                condition=Q(behaviour__in=SandboxBehaviour.values),
                name="sandbox_behaviour_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_behaviour_display()


class SandboxTransaction(models.Model):
    """The sandbox's own books, which stand for those of a real gateway: ours never write here."""

    idempotency_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=[("charge", "charge"), ("refund", "refund")])
    reference = models.CharField(max_length=64, unique=True)
    charge_reference = models.CharField(max_length=64, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    decline_code = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sandbox transaction")
        verbose_name_plural = _("sandbox transactions")

    def __str__(self) -> str:
        return self.reference
