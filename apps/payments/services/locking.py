"""Load and lock, and what several commands book the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.events.services import publish
from apps.payments.events import PaymentCancelled, PaymentEvent
from apps.payments.models import Charge, LedgerAccount, LedgerEntry, Payment, Refund
from apps.refusals import NotFound


def lock_payment_by_id(payment_id: int) -> Payment:
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    return payment


def lock_with_payment(charge_id: int) -> tuple[Payment, Charge]:
    """Lock the charge's payment, which guards the charge too."""
    payment = Payment.objects.select_for_update(no_key=True, of=("self",)).get(charges=charge_id)
    return payment, Charge.objects.get(pk=charge_id)


def book(
    *,
    payment: Payment,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount_minor: int,
    at: datetime,
    charge: Charge | None = None,
    refund: Refund | None = None,
) -> None:
    """Enter one movement of money twice, so that the payment's entries sum to zero."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            payment=payment,
            account=account,
            amount_minor=signed_minor,
            currency=payment.currency,
            charge=charge,
            refund=refund,
            booked_at=at,
        )
        for account, signed_minor in ((debit, amount_minor), (credit, -amount_minor))
    )


def announce(
    event_type: Callable[..., PaymentEvent], payment: Payment, at: datetime, **more: Any
) -> None:
    """Publish an event about the payment as it stands now."""
    publish(
        event_type(
            payment_id=payment.pk,
            reference=payment.reference,
            payer_id=payment.payer_id,
            amount_minor=payment.amount_minor,
            refunded_minor=payment.refunded_minor,
            currency=payment.currency,
            payment_status=payment.status,
            occurred_at=at.isoformat(),
            **more,
        )
    )


def cancel_locked(payment: Payment, at: datetime) -> None:
    """Cancel a payment that nobody has paid. Publishes PaymentCancelled."""
    payment.cancel()
    payment.save(update_fields=["status"])
    announce(PaymentCancelled, payment, at)
