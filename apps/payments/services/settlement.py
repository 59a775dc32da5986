"""Book what a gateway answered, or that it did not; settle what is unknown by asking again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.payments.events import PaymentApproved, PaymentDeclined, PaymentDeferred
from apps.payments.gate import NoAnswer, call_gateway
from apps.payments.gateways import MANUAL, gateway_named
from apps.payments.gateways.base import ChargeResult
from apps.payments.models import (
    Charge,
    ChargeStatus,
    LedgerAccount,
    Payment,
    PaymentStatus,
    RefundPurpose,
)
from apps.payments.services.locking import (
    announce,
    book,
    cancel_locked,
    lock_payment_by_id,
    lock_with_payment,
    refuse_unwanted,
)
from apps.payments.services.refunds import request_refund
from apps.payments.services.refusals import PaymentInProgress
from apps.refusals import NotFound
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.batches.services import BatchResult, run_each

GIVEN_UP = {ChargeStatus.ABANDONED, ChargeStatus.DECLINED}
"""A capture found of such a charge comes too late to pay for anything: it goes back."""


@retry_given_up
def book_result(*, charge_id: int, result: ChargeResult) -> Payment:
    """Book the gateway's answer once; a second booking changes nothing.

    Publishes PaymentApproved or PaymentDeclined; money that nobody wants is refunded, such as that
    of a charge which was given up too early.
    """
    now = timezone.now()
    with transaction.atomic():
        payment, charge = lock_with_payment(charge_id)
        if charge.status in GIVEN_UP and result.captured:
            _book_surplus(payment, charge, result.reference, now)
            return payment
        if charge.status != ChargeStatus.PROCESSING:
            return payment
        if not result.captured:
            _book_decline(payment, charge, result.decline_code, now)
        elif payment.is_wanted:
            _book_capture(payment, charge, result.reference, now)
        else:
            _book_surplus(payment, charge, result.reference, now)
    return payment


@retry_given_up
def book_silence(*, charge_id: int, outcome_unknown: bool) -> Payment:
    """Book that the gateway gave no answer: the payer pays later. Publishes PaymentDeferred.

    An unknown charge stays open under its key; one that never arrived is abandoned.
    """
    now = timezone.now()
    with transaction.atomic():
        payment, charge = lock_with_payment(charge_id)
        if charge.status != ChargeStatus.PROCESSING:
            return payment
        if not outcome_unknown:
            charge.abandon(at=now)
            charge.save()
        if payment.status == PaymentStatus.PROCESSING:
            _defer(payment, now)
    return payment


def ask(charge: Charge) -> ChargeResult | None:
    """Ask the gateway what became of the charge. Raises NoAnswer."""
    return call_gateway(
        lambda timeout_seconds: gateway_named(charge.gateway).find_charge(
            idempotency_key=charge.idempotency_key, timeout_seconds=timeout_seconds
        )
    )


def settle_unknown_charges(*, limit: int = 50) -> BatchResult:
    """Ask about every charge that has had no answer for a while. Counts those that got one."""
    since = timezone.now() - timedelta(seconds=settings.PAYMENT_SETTLE_AFTER_SECONDS)
    unknown = Charge.objects.filter(status=ChargeStatus.PROCESSING, called_at__lte=since)
    return run_each(
        batch="payments.settle_unknown_charges",
        keys=unknown.order_by("called_at").values_list("pk", flat=True),
        step=lambda pk: _settle(Charge.objects.get(pk=pk)),
        limit=limit,
    )


def settle_announced_charge(*, gateway: str, idempotency_key: str) -> None:
    """Ask the gateway about a charge that it says has changed; what is settled stays so.

    Raises NotFound for a key that is not ours, NoAnswer.
    """
    charge = Charge.objects.filter(gateway=gateway, idempotency_key=idempotency_key).first()
    if charge is None or gateway == MANUAL:
        raise NotFound(_("There is no such charge."))
    if charge.status not in (ChargeStatus.PROCESSING, ChargeStatus.ABANDONED):
        return
    result = ask(charge)
    if result is not None:
        book_result(charge_id=charge.pk, result=result)


def settle_unknown_charges_of(*, reference: str) -> None:
    """Ask about the payment's open charge, unless its call may still be running."""
    since = timezone.now() - timedelta(seconds=settings.PAYMENT_IN_PROGRESS_SECONDS)
    for charge in Charge.objects.filter(
        payment__reference=reference, status=ChargeStatus.PROCESSING
    ).exclude(payment__status=PaymentStatus.PROCESSING, called_at__gt=since):
        _settle(charge)


@retry_given_up
def approve_payment_by_staff(
    *, payment_id: int, transfer_reference: str = "", agreed: Agreement | None = None
) -> None:
    """Book money that was received outside the gateway, such as a bank transfer.

    ``transfer_reference`` is what the bank's statement calls it, 100 characters at most.
    Publishes PaymentApproved. Raises NotFound, PaymentAlreadyPaid, PaymentClosed,
    PaymentInProgress, and what ``agreed`` raises.
    """
    now = timezone.now()
    with transaction.atomic():
        payment = lock_payment_by_id(payment_id)
        if payment.status == PaymentStatus.PROCESSING:
            raise PaymentInProgress()
        refuse_unwanted(payment)
        require(agreed)
        charge = Charge(
            payment=payment,
            gateway=MANUAL,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
        )
        _book_capture(payment, charge, transfer_reference, now)


def _settle(charge: Charge) -> bool:
    try:
        result = ask(charge)
    except NoAnswer:
        book_silence(charge_id=charge.pk, outcome_unknown=True)
        return False
    if result is not None:
        book_result(charge_id=charge.pk, result=result)
        return True
    age = timezone.now() - charge.called_at
    never_arrived = age >= timedelta(seconds=settings.PAYMENT_ABANDON_AFTER_SECONDS)
    book_silence(charge_id=charge.pk, outcome_unknown=not never_arrived)
    return never_arrived


def _book_capture(payment: Payment, charge: Charge, reference: str, now: datetime) -> None:
    if payment.status != PaymentStatus.PROCESSING:
        payment.begin()
        payment.save(update_fields=["status"])  # the database lets no state be passed over
    charge.capture(gateway_reference=reference, at=now)
    charge.save()
    payment.approve(at=now)
    payment.save(update_fields=["status", "paid_at"])
    book(
        payment=payment,
        debit=LedgerAccount.GATEWAY,
        credit=LedgerAccount.TUITION,
        amount_minor=charge.amount_minor,
        at=now,
        charge=charge,
    )
    announce(PaymentApproved, payment, now, gateway=charge.gateway)


def _book_surplus(payment: Payment, charge: Charge, reference: str, now: datetime) -> None:
    charge.capture_surplus(gateway_reference=reference, at=now)
    charge.save()
    book(
        payment=payment,
        debit=LedgerAccount.GATEWAY,
        credit=LedgerAccount.SURPLUS,
        amount_minor=charge.amount_minor,
        at=now,
        charge=charge,
    )
    if payment.status == PaymentStatus.PROCESSING:
        _defer(payment, now)
    request_refund(
        payment=payment,
        charge=charge,
        amount_minor=charge.amount_minor,
        purpose=RefundPurpose.SURPLUS,
        at=now,
    )


def _book_decline(payment: Payment, charge: Charge, decline_code: str, now: datetime) -> None:
    charge.decline(decline_code=decline_code, at=now)
    charge.save()
    if payment.status != PaymentStatus.PROCESSING:
        return
    payment.decline()
    payment.save(update_fields=["status"])
    if payment.cancel_requested_at:
        cancel_locked(payment, now)
    else:
        announce(PaymentDeclined, payment, now, decline_code=decline_code)


def _defer(payment: Payment, now: datetime) -> None:
    payment.defer()
    payment.save(update_fields=["status"])
    if payment.cancel_requested_at:
        cancel_locked(payment, now)
    else:
        announce(PaymentDeferred, payment, now, pay_by=payment.pay_by.isoformat())
