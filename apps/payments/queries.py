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
    LedgerEntry,
    Payment,
    PaymentStatus,
    Refund,
)
from apps.refusals import NotFound


@dataclass(frozen=True)
class PaymentSummary:
    """A payment as its owner shows it; amounts in minor units."""

    id: int
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
