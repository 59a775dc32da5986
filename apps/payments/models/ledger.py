"""The books: every movement of money, entered twice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.payments.models.charge import Charge
from apps.payments.models.payment import Payment
from apps.payments.models.refund import Refund


class LedgerAccount(models.TextChoices):
    GATEWAY = "gateway", _("Money at the gateway")
    TUITION = "tuition", _("Tuition income")
    SURPLUS = "surplus", _("Money owed back")


class LedgerEntry(models.Model):
    """One side of a booking, in minor units, debit positive. Append-only, by a trigger.

    The entries of a payment always sum to zero.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="ledger_entries")
    account = models.CharField(_("account"), max_length=20, choices=LedgerAccount.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="+", null=True)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="+", null=True)
    booked_at = models.DateTimeField(_("booked at"), default=timezone.now)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(charge__isnull=False, refund__isnull=True)
                | Q(charge__isnull=True, refund__isnull=False),
                name="ledger_entry_has_one_cause",
            ),
            models.UniqueConstraint(fields=["charge", "account"], name="ledger_charge_booked_once"),
            models.UniqueConstraint(fields=["refund", "account"], name="ledger_refund_booked_once"),
        ]
        indexes = [models.Index(fields=["account", "booked_at"], name="ledger_by_time")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor}"
