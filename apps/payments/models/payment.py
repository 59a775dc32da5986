"""The money owed and paid under one reference."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.money import MAX_MINOR


class PaymentStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    PROCESSING = "processing", _("Processing")
    APPROVED = "approved", _("Paid")
    DECLINED = "declined", _("Declined")
    DEFERRED = "deferred", _("Pay later")
    CANCELLED = "cancelled", _("Cancelled")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partially refunded")
    REFUNDED = "refunded", _("Refunded")


PAYABLE = [PaymentStatus.PENDING, PaymentStatus.DECLINED, PaymentStatus.DEFERRED]
SETTLED = [PaymentStatus.APPROVED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED]


class Payment(ConcurrentTransitionMixin, models.Model):
    """The money owed and paid under one ``reference``, which only its owner understands.

    ``number`` is what people call it: random, so that it tells nothing of how many there are.

    ``cancel_requested_at`` is set when nobody wants the money any more while a charge is still
    under way: what that charge brings is given back.
    """

    reference = models.CharField(_("reference"), max_length=100, unique=True)
    number = models.CharField(_("payment number"), max_length=11, unique=True, editable=False)
    description = models.CharField(_("description"), max_length=200)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("payer"),
    )  # fmt: skip
    amount_minor = models.BigIntegerField(_("amount"))
    refunded_minor = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    status = FSMField(
        _("status"), default=PaymentStatus.PENDING, choices=PaymentStatus.choices, protected=True
    )
    pay_by = models.DateTimeField(_("pay by"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancel requested at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=MAX_MINOR),
                name="payment_amount_is_sane",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")),
                name="payment_refunds_never_exceed_it",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SETTLED) | Q(paid_at__isnull=False),
                name="payment_settled_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="refunded") | Q(refunded_minor=F("amount_minor")),
                name="payment_refunded_gave_all_back",
            ),
        ]
        indexes = [
            models.Index(
                fields=["currency"], condition=Q(status="deferred"), name="payment_deferred"
            )
        ]

    def __str__(self) -> str:
        return f"{self.description} · {self.number}"

    @property
    def is_wanted(self) -> bool:
        """Whether money arriving now would be kept."""
        return self.cancel_requested_at is None and self.status in [
            *PAYABLE,
            PaymentStatus.PROCESSING,
        ]

    @transition(field=status, source=PAYABLE, target=PaymentStatus.PROCESSING)
    def begin(self) -> None:
        """A charge is under way; committed before the gateway is called."""

    @transition(field=status, source=PaymentStatus.PROCESSING, target=PaymentStatus.APPROVED)
    def approve(self, *, at: datetime) -> None:
        """The full amount has been captured."""
        self.paid_at = at

    @transition(field=status, source=PaymentStatus.PROCESSING, target=PaymentStatus.DECLINED)
    def decline(self) -> None:
        """The gateway said no; another try is possible."""

    @transition(field=status, source=PaymentStatus.PROCESSING, target=PaymentStatus.DEFERRED)
    def defer(self) -> None:
        """The gateway gave no answer; the payer pays later."""

    @transition(field=status, source=PAYABLE, target=PaymentStatus.CANCELLED)
    def cancel(self) -> None:
        """Nothing is owed any more."""

    @transition(
        field=status,
        source=[PaymentStatus.APPROVED, PaymentStatus.PARTIALLY_REFUNDED],
        target=PaymentStatus.PARTIALLY_REFUNDED,
    )
    def refund_partly(self, *, amount_minor: int) -> None:
        """A part has been given back."""
        self.refunded_minor += amount_minor

    @transition(
        field=status,
        source=[PaymentStatus.APPROVED, PaymentStatus.PARTIALLY_REFUNDED],
        target=PaymentStatus.REFUNDED,
    )
    def refund_fully(self, *, amount_minor: int) -> None:
        """All of it has been given back."""
        self.refunded_minor += amount_minor

    def give_back(self, *, amount_minor: int) -> None:
        """Take the refund transition that the amount leads to."""
        whole = self.refunded_minor + amount_minor == self.amount_minor
        (self.refund_fully if whole else self.refund_partly)(amount_minor=amount_minor)
