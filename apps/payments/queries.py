"""Reads on payments. What crosses the boundary is a frozen dataclass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from apps.held import read_as, read_by
from apps.payments.gate import breaker
from apps.payments.models import (
    PAYABLE,
    SETTLED,
    Charge,
    ChargeStatus,
    LedgerAccount,
    LedgerEntry,
    Payment,
    PaymentStatus,
    Refund,
)
from apps.periods import Bucket, Period
from apps.refusals import NotFound


@dataclass(frozen=True)
class PaymentSummary:
    """A payment as its owner shows it; amounts in minor units."""

    id: int
    number: str
    reference: str
    payer_id: int
    status: str
    amount_minor: int
    refunded_minor: int
    currency: str
    pay_by: datetime
    paid_at: datetime | None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    @property
    def is_payable(self) -> bool:
        return self.status in PAYABLE


@dataclass(frozen=True)
class LastTry:
    """The newest charge of a payment; its outcome is unknown until the gateway has answered."""

    decline_code: str
    outcome_unknown: bool


@dataclass(frozen=True)
class RefundBacklog:
    """Refunds still owed, and how many of them are failing."""

    waiting: int
    failing: int


@dataclass(frozen=True)
class HeldCharge:
    id: int
    gateway: str
    gateway_reference: str
    amount_minor: int
    currency: str
    status: str
    decline_code: str
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class HeldRefund:
    id: int
    purpose: str
    amount_minor: int
    currency: str
    status: str
    gateway_reference: str
    requested_at: datetime
    succeeded_at: datetime | None


@dataclass(frozen=True)
class HeldBooking:
    """A line of the ledger."""

    account: str
    amount_minor: int
    currency: str
    booked_at: datetime


@dataclass(frozen=True)
class HeldPayment:
    """All that is held of a payment, for its payer to take away."""

    id: int
    number: str
    reference: str
    description: str
    status: str
    amount_minor: int
    refunded_minor: int
    currency: str
    pay_by: datetime
    created_at: datetime
    paid_at: datetime | None
    cancel_requested_at: datetime | None
    charges: tuple[HeldCharge, ...]
    refunds: tuple[HeldRefund, ...]
    bookings: tuple[HeldBooking, ...]


@dataclass(frozen=True)
class Revenue:
    """Tuition booked as income and given back, in minor units."""

    received_minor: int = 0
    refunded_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.received_minor - self.refunded_minor

    def __add__(self, other: Revenue) -> Revenue:
        return Revenue(
            received_minor=self.received_minor + other.received_minor,
            refunded_minor=self.refunded_minor + other.refunded_minor,
        )


@dataclass(frozen=True)
class Owed:
    """Payments of one currency that are still to be made."""

    count: int
    amount_minor: int


def summary_of(payment: Payment) -> PaymentSummary:
    return PaymentSummary(
        **{name: getattr(payment, name) for name in PaymentSummary.__dataclass_fields__}
    )


def find_payment(*, reference: str) -> PaymentSummary | None:
    payment = Payment.objects.filter(reference=reference).first()
    return summary_of(payment) if payment else None


def list_payments(*, references: Iterable[str]) -> dict[str, PaymentSummary]:
    """Return the payments by reference, in one query."""
    payments = Payment.objects.filter(reference__in=list(references))
    return {payment.reference: summary_of(payment) for payment in payments}


def get_visible_payment(
    *, payment_id: int, viewer_id: int, viewer_is_staff: bool
) -> PaymentSummary:
    """Return the viewer's own payment, or any to staff. Raises NotFound."""
    payments = Payment.objects.filter(pk=payment_id)
    payment = (payments if viewer_is_staff else payments.filter(payer_id=viewer_id)).first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    return summary_of(payment)


def last_decline_code(*, payment_id: int) -> str:
    """Return why the gateway last said no, or an empty text."""
    declined = Charge.objects.filter(payment_id=payment_id, status="declined")
    return declined.order_by("-pk").values_list("decline_code", flat=True).first() or ""


def find_last_try(*, payment_id: int) -> LastTry | None:
    """Return what became of the newest charge, in one query; None when none was tried."""
    charge = Charge.objects.filter(payment_id=payment_id).order_by("-pk").first()
    if charge is None:
        return None
    unknown = charge.status == ChargeStatus.PROCESSING
    return LastTry(decline_code=charge.decline_code, outcome_unknown=unknown)


def total_refundable_minor(*, references: Iterable[str]) -> dict[str, int]:
    """Return by currency what a full refund of these payments gives back, in minor units."""
    rows = (
        Payment.objects.filter(reference__in=list(references), status=PaymentStatus.APPROVED)
        .values("currency")
        .annotate(total=Sum("amount_minor"))
    )
    return {row["currency"]: row["total"] for row in rows}


def refund_backlog() -> RefundBacklog:
    open_refunds = Refund.objects.exclude(status="succeeded")
    return RefundBacklog(
        **open_refunds.aggregate(
            waiting=Count("pk"), failing=Count("pk", filter=Q(status="failing"))
        )
    )


def list_revenue(*, period: Period) -> dict[tuple[Bucket, str], Revenue]:
    """Return by unit and currency what the books say of tuition, in one indexed query.

    Money that nobody owed comes and goes on an account of its own, so it is not in here.
    """
    rows = (
        LedgerEntry.objects.filter(period.covers("booked_at"), account=LedgerAccount.TUITION)
        .values("currency", bucket=period.bucket("booked_at"))
        .annotate(
            received=Sum("amount_minor", filter=Q(charge__isnull=False), default=0),
            refunded=Sum("amount_minor", filter=Q(refund__isnull=False), default=0),
        )
    )
    return {
        (row["bucket"], row["currency"]): Revenue(
            received_minor=-row["received"], refunded_minor=row["refunded"]
        )
        for row in rows
    }


def list_deferred() -> dict[str, Owed]:
    """Return by currency the payments that are to be made later, in one indexed query."""
    rows = (
        Payment.objects.filter(status=PaymentStatus.DEFERRED)
        .values("currency")
        .annotate(count=Count("pk"), amount_minor=Sum("amount_minor"))
    )
    return {
        row["currency"]: Owed(count=row["count"], amount_minor=row["amount_minor"]) for row in rows
    }


def list_payable(*, payment_ids: Iterable[int]) -> dict[str, Owed]:
    """Return by currency which of these payments are still wanted and not under way."""
    rows = (
        Payment.objects.filter(
            pk__in=list(payment_ids), status__in=PAYABLE, cancel_requested_at__isnull=True
        )
        .values("currency")
        .annotate(count=Count("pk"), amount_minor=Sum("amount_minor"))
    )
    return {
        row["currency"]: Owed(count=row["count"], amount_minor=row["amount_minor"]) for row in rows
    }


def list_amounts(*, payment_ids: Iterable[int]) -> dict[int, tuple[str, int, str]]:
    """Return by id the status, the amount and the currency of these payments, in one query."""
    rows = Payment.objects.filter(pk__in=list(payment_ids))
    values = rows.values_list("pk", "status", "amount_minor", "currency")
    return {pk: (status, amount_minor, currency) for pk, status, amount_minor, currency in values}


def is_settled(*, payment_id: int) -> bool:
    return Payment.objects.filter(pk=payment_id, status__in=SETTLED).exists()


def breaker_state() -> str:
    """Return this process's breaker: ``closed``, ``open`` or ``half_open``."""
    return breaker().state


def list_held(*, payer_id: int) -> tuple[HeldPayment, ...]:
    """Return all of the payer's payments with all that belongs to them, in four queries."""
    payments = Payment.objects.filter(payer_id=payer_id)
    charges = Charge.objects.filter(payment__in=payments)
    refunds = Refund.objects.filter(payment__in=payments)
    bookings = LedgerEntry.objects.filter(payment__in=payments)
    return read_as(
        HeldPayment,
        payments.order_by("pk"),
        charges=read_by("payment_id", HeldCharge, charges),
        refunds=read_by("payment_id", HeldRefund, refunds),
        bookings=read_by("payment_id", HeldBooking, bookings),
    )
