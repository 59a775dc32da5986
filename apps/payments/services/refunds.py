"""Give money back: requested in the cancelling transaction, carried out until it succeeds."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.crash_points import CrashPoint, reach
from apps.payments.events import RefundRequested, RefundSucceeded
from apps.payments.gate import NoAnswer, call_gateway
from apps.payments.gateways import MANUAL, gateway_named
from apps.payments.models import (
    Charge,
    ChargeStatus,
    LedgerAccount,
    Payment,
    Refund,
    RefundPurpose,
    RefundStatus,
)
from apps.payments.services.locking import announce, book
from apps.refusals import NotFound, Refusal
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.batches.services import BatchResult, run_each

logger = logging.getLogger(__name__)


class RefundNotManual(Refusal):
    code = "refund_not_manual"
    message = _("This refund is not waiting for a transfer by hand.")


def request_refund(
    *, payment: Payment, charge: Charge, amount_minor: int, purpose: RefundPurpose, at: datetime
) -> None:
    """Owe a refund of the charge, once per purpose. Publishes RefundRequested.

    Raises IntegrityError when it has been requested before.
    """
    refund = Refund.objects.create(
        payment=payment,
        charge=charge,
        purpose=purpose,
        amount_minor=amount_minor,
        currency=payment.currency,
        requested_at=at,
        due_at=at,
    )
    announce(
        RefundRequested,
        payment,
        at,
        refund_id=refund.pk,
        refund_minor=amount_minor,
        purpose=str(purpose),
    )


def execute_refund(*, refund_id: int) -> bool:
    """Ask the gateway for a refund that is due. Returns whether the money is on its way.

    A gateway that gives no answer leaves it ``failing``, to be retried under the same key.
    """
    refund = _claim(refund_id)
    if refund is None:
        return False
    try:
        reference = call_gateway(
            lambda timeout_seconds: gateway_named(refund.charge.gateway).refund(
                idempotency_key=refund.idempotency_key,
                charge_reference=refund.charge.gateway_reference,
                amount_minor=refund.amount_minor,
                currency=refund.currency,
                timeout_seconds=timeout_seconds,
            )
        )
    except NoAnswer as silence:
        _note_failure(refund_id, error=str(silence.__cause__ or silence))
        return False
    reach(CrashPoint.REFUND_MADE)
    _book_success(refund_id, gateway_reference=reference)
    return True


def confirm_manual_refund(
    *, refund_id: int, transfer_reference: str, agreed: Agreement | None = None
) -> None:
    """Staff say that they have sent the money back by hand.

    Raises NotFound, RefundNotManual, and what ``agreed`` raises.
    """
    refund = Refund.objects.select_related("charge").filter(pk=refund_id).first()
    if refund is None:
        raise NotFound(_("There is no such refund."))
    if refund.charge.gateway != MANUAL or refund.status == RefundStatus.SUCCEEDED:
        raise RefundNotManual()
    _book_success(refund_id, gateway_reference=transfer_reference, agreed=agreed)


def retry_refunds(*, limit: int = 50) -> BatchResult:
    """Carry out the refunds that are due; those by hand wait for staff. Counts the successes."""
    unmade = Refund.objects.exclude(status=RefundStatus.SUCCEEDED).exclude(charge__gateway=MANUAL)
    due = unmade.filter(due_at__lte=timezone.now()).order_by("due_at")
    return run_each(
        batch="payments.retry_refunds",
        keys=due.values_list("pk", flat=True),
        step=lambda pk: execute_refund(refund_id=pk),
        limit=limit,
    )


def _claim(refund_id: int) -> Refund | None:
    now = timezone.now()
    with transaction.atomic():
        refund = (
            Refund.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("charge")
            .filter(pk=refund_id, due_at__lte=now)
            .exclude(status=RefundStatus.SUCCEEDED)
            .exclude(charge__gateway=MANUAL)
            .first()
        )
        if refund is not None:
            refund.lease(now=now)
            refund.save(update_fields=["attempts", "due_at"])
    return refund


def _note_failure(refund_id: int, *, error: str) -> None:
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.status != RefundStatus.SUCCEEDED:
            refund.fail(now=timezone.now(), error=error)
            refund.save()
    logger.warning("Refund %s failed, it will be retried: %s", refund_id, error)


@retry_given_up
def _book_success(
    refund_id: int, *, gateway_reference: str, agreed: Agreement | None = None
) -> None:
    now = timezone.now()
    with transaction.atomic():
        payment = Payment.objects.select_for_update(no_key=True, of=("self",)).get(
            refunds=refund_id
        )
        refund = Refund.objects.select_for_update(of=("self",)).select_related("charge").get(
            pk=refund_id
        )  # fmt: skip
        if refund.status == RefundStatus.SUCCEEDED:
            return
        require(agreed)
        refund.succeed(gateway_reference=gateway_reference, at=now)
        refund.save()
        kept = refund.charge.status == ChargeStatus.CAPTURED
        if kept:
            payment.give_back(amount_minor=refund.amount_minor)
            payment.save(update_fields=["status", "refunded_minor"])
        book(
            payment=payment,
            debit=LedgerAccount.TUITION if kept else LedgerAccount.SURPLUS,
            credit=LedgerAccount.GATEWAY,
            amount_minor=refund.amount_minor,
            at=now,
            refund=refund,
        )
        announce(
            RefundSucceeded,
            payment,
            now,
            refund_id=refund.pk,
            refund_minor=refund.amount_minor,
            purpose=refund.purpose,
        )
