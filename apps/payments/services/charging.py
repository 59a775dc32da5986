"""Charge a payment: the one way in, whether the click comes from a page or from the API.

Three steps, no network inside a transaction: begin and commit, call the gateway, book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.crash_points import CrashPoint, reach
from apps.payments.gate import NoAnswer, call_gateway
from apps.payments.gateways import collecting_gateway, gateway_named
from apps.payments.gateways.base import ChargeResult
from apps.payments.models import Charge, ChargeStatus, Payment, PaymentStatus
from apps.payments.services.locking import lock_payment_by_id, refuse_unwanted
from apps.payments.services.refusals import (
    PaymentExpired,
    PaymentInProgress,
    PaymentsDisabled,
)
from apps.payments.services.settlement import ask, book_result, book_silence
from apps.refusals import NotFound
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require


@dataclass(frozen=True)
class ChargeOutcome:
    """What became of one try: ``status`` is the payment's, approved, declined or deferred."""

    payment_id: int
    status: str
    decline_code: str = ""
    pay_by: datetime | None = None
    retry_after_seconds: int = 0


def charge_payment(
    *, payment_id: int, payer_id: int, token: str, agreed: Agreement | None = None
) -> ChargeOutcome:
    """Collect the payment from the card behind ``token``.

    No answer from the gateway is no error: the payment is deferred and the payer pays later.
    Raises NotFound (also for somebody else's payment), PaymentAlreadyPaid, PaymentInProgress,
    PaymentClosed, PaymentExpired, PaymentsDisabled, and what ``agreed``
    raises; all of them without a charge.
    """
    if not settings.PAYMENTS_ENABLED:
        raise PaymentsDisabled()
    charge, is_new = _begin(payment_id, payer_id, agreed)
    reach(CrashPoint.CHARGE_BEGUN)
    try:
        result = None if is_new else ask(charge)
        if result is not None and not result.captured:
            book_result(charge_id=charge.pk, result=result)
            charge, is_new = _begin(payment_id, payer_id, agreed)
            result = None
        result = result or _make(charge, token)
    except NoAnswer as silence:
        unknown = silence.outcome_unknown or not is_new
        payment = book_silence(charge_id=charge.pk, outcome_unknown=unknown)
        return _outcome(payment, retry_after_seconds=silence.retry_after_seconds)
    reach(CrashPoint.CHARGE_CAPTURED)
    payment = book_result(charge_id=charge.pk, result=result)
    reach(CrashPoint.CHARGE_BOOKED)
    return _outcome(payment, decline_code=result.decline_code)


@retry_given_up
def _begin(payment_id: int, payer_id: int, agreed: Agreement | None) -> tuple[Charge, bool]:
    """Commit ``processing`` and the charge's key before the gateway hears of it.

    A charge whose outcome is unknown is taken up again under its own key, never doubled.
    """
    now = timezone.now()
    with transaction.atomic():
        payment = lock_payment_by_id(payment_id)
        _refuse_unpayable(payment, payer_id, now)
        require(agreed)
        charge = Charge.objects.filter(payment=payment, status=ChargeStatus.PROCESSING).first()
        if payment.status == PaymentStatus.PROCESSING:
            _refuse_while_in_progress(charge, now)
        else:
            payment.begin()
            payment.save(update_fields=["status"])
        if charge is not None:
            charge.call_again(at=now)
            charge.save(update_fields=["called_at"])
            return charge, False
        return Charge.objects.create(
            payment=payment,
            gateway=collecting_gateway().name,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            called_at=now,
        ), True


def _refuse_unpayable(payment: Payment, payer_id: int, now: datetime) -> None:
    if payment.payer_id != payer_id:
        raise NotFound(_("There is no such payment."))
    refuse_unwanted(payment)
    if payment.pay_by <= now:
        raise PaymentExpired()


def _refuse_while_in_progress(charge: Charge | None, now: datetime) -> None:
    quiet_since = now - timedelta(seconds=settings.PAYMENT_IN_PROGRESS_SECONDS)
    if charge is None or charge.called_at > quiet_since:
        raise PaymentInProgress()


def _make(charge: Charge, token: str) -> ChargeResult:
    return call_gateway(
        lambda timeout_seconds: gateway_named(charge.gateway).charge(
            idempotency_key=charge.idempotency_key,
            amount_minor=charge.amount_minor,
            currency=charge.currency,
            token=token,
            timeout_seconds=timeout_seconds,
        )
    )


def _outcome(
    payment: Payment, *, decline_code: str = "", retry_after_seconds: float = 0
) -> ChargeOutcome:
    return ChargeOutcome(
        payment_id=payment.pk,
        status=payment.status,
        decline_code=decline_code,
        pay_by=payment.pay_by,
        retry_after_seconds=round(retry_after_seconds),
    )
