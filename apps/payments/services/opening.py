"""Open a payment, and cancel it: both inside the owner's transaction."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils import timezone

from apps.payments.models import PAYABLE, Payment, PaymentStatus, RefundPurpose
from apps.payments.policies import NUMBER_ALPHABET, NUMBER_LENGTH, format_number
from apps.payments.queries import PaymentSummary, summary_of
from apps.payments.services.locking import cancel_locked
from apps.payments.services.refunds import request_refund
from foundation.inserts import insert_unless_exists

MAX_DRAWS = 5


def open_payment(
    *,
    reference: str,
    payer_id: int,
    amount_minor: int,
    currency: str,
    description: str,
    pay_by: datetime,
) -> PaymentSummary:
    """Owe ``amount_minor`` (minor units, above zero) until ``pay_by``, under a number of its own.

    One INSERT, and one more for each number that another payment has already.
    """
    payment = Payment(
        reference=reference,
        payer_id=payer_id,
        amount_minor=amount_minor,
        currency=currency,
        description=description,
        pay_by=pay_by,
    )
    for _draw in range(MAX_DRAWS):
        payment.number = new_number()
        if insert_unless_exists(payment):
            return summary_of(payment)
    payment.save(force_insert=True)  # the reference exists: the database says so
    return summary_of(payment)


def new_number() -> str:
    """Return a random number, 39 bits: ``P-7K3M-QX92``."""
    return format_number("".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH)))


def lock_payment(*, reference: str) -> PaymentSummary | None:
    """Lock the payment and return it, or None where nothing is owed.

    Whoever changes an enrollment takes this lock before the enrollment's own (decision 0004).
    """
    payment = Payment.objects.select_for_update(no_key=True).filter(reference=reference).first()
    return summary_of(payment) if payment else None


def cancel_payment(*, reference: str, refund_minor: int) -> int:
    """Stop wanting the money, and give ``refund_minor`` of what was paid back.

    Returns the amount to be refunded, in minor units. A charge under way is waited for by no one:
    what it brings is given back whole. Publishes PaymentCancelled or RefundRequested.
    """
    now = timezone.now()
    payment = Payment.objects.select_for_update(no_key=True).filter(reference=reference).first()
    if payment is None:
        return 0
    if payment.status in PAYABLE:
        cancel_locked(payment, now)
    elif payment.status == PaymentStatus.PROCESSING:
        payment.cancel_requested_at = now
        payment.save(update_fields=["cancel_requested_at"])
    elif payment.status == PaymentStatus.APPROVED and refund_minor:
        charge = payment.charges.get(status="captured")
        request_refund(
            payment=payment,
            charge=charge,
            amount_minor=refund_minor,
            purpose=RefundPurpose.CANCELLATION,
            at=now,
        )
        return refund_minor
    return 0
