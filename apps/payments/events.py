"""The facts that payments publish. Amounts are minor units; ``reference`` is its owner's."""

from __future__ import annotations

from dataclasses import dataclass

from apps.events.registry import Event, event


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    """``payment_status`` and ``refunded_minor`` are as they stand after the fact."""

    payment_id: int
    reference: str
    payer_id: int
    amount_minor: int
    refunded_minor: int
    currency: str
    payment_status: str
    occurred_at: str


@event("payments.payment_deferred.v1")
@dataclass(frozen=True, kw_only=True)
class PaymentDeferred(PaymentEvent):
    """The gateway gave no answer: the payer is asked to pay later, until ``pay_by``."""

    pay_by: str


@event("payments.payment_approved.v1")
@dataclass(frozen=True, kw_only=True)
class PaymentApproved(PaymentEvent):
    gateway: str


@event("payments.payment_declined.v1")
@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(PaymentEvent):
    decline_code: str


@event("payments.payment_cancelled.v1")
@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(PaymentEvent):
    """Nothing was paid and nothing is owed any more."""


@event("payments.refund_requested.v1")
@dataclass(frozen=True, kw_only=True)
class RefundRequested(PaymentEvent):
    refund_id: int
    refund_minor: int
    purpose: str


@event("payments.refund_succeeded.v1")
@dataclass(frozen=True, kw_only=True)
class RefundSucceeded(PaymentEvent):
    refund_id: int
    refund_minor: int
    purpose: str


@event("payments.payment_numbered.v1")
@dataclass(frozen=True, kw_only=True)
class PaymentNumbered(Event):
    """A payment that was opened before payments had numbers has got its own, by a migration."""

    payment_id: int
    payer_id: int
    number: str
    occurred_at: str
