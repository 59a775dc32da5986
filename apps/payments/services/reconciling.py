"""Compare our books with the gateway's, and mend ours row by row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apps.payments.gate import NoAnswer, call_gateway
from apps.payments.gateways import collecting_gateway
from apps.payments.gateways.base import ChargeResult
from apps.payments.models import Charge, ChargeStatus
from apps.payments.services.refunds import retry_refunds
from apps.payments.services.settlement import book_result, settle_unknown_charges

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)
GRACE = timedelta(seconds=30)
"""A capture younger than this may still be on its way into our books."""


@dataclass(frozen=True)
class Reconciliation:
    """What a reconciliation found: charges settled, captures booked, refunds made.

    ``unknown_keys`` are captures at the gateway under keys that are not ours: for staff to look at.
    ``gateway_answered`` is False when the gateway's books could not be read.
    """

    settled: int
    booked: int
    refunded: int
    unknown_keys: list[str]
    gateway_answered: bool = True


def reconcile() -> Reconciliation:
    """Settle unknown charges, book captures that are missing here, retry refunds.

    Each row is mended in a transaction of its own, so it can be stopped anywhere and run again.
    """
    settled = settle_unknown_charges()
    try:
        captures = _list_captures()
        booked, unknown_keys = _book_missing(captures)
        answered = True
    except NoAnswer:
        booked, unknown_keys, answered = 0, [], False
    report = Reconciliation(settled, booked, retry_refunds(), unknown_keys, answered)
    logger.info("Reconciled: %s", report)
    return report


def _list_captures() -> list[tuple[str, ChargeResult]]:
    since = timezone.now() - LOOK_BACK
    return call_gateway(
        lambda timeout_seconds: collecting_gateway().list_captures(
            since=since, timeout_seconds=timeout_seconds
        )
    )


def _book_missing(captures: list[tuple[str, ChargeResult]]) -> tuple[int, list[str]]:
    results = dict(captures)
    charges = Charge.objects.filter(idempotency_key__in=results)
    known = {charge.idempotency_key: charge for charge in charges}
    missing = [
        charge
        for charge in known.values()
        if charge.status not in (ChargeStatus.CAPTURED, ChargeStatus.SURPLUS)
        and charge.called_at < timezone.now() - GRACE
    ]
    for charge in missing:
        book_result(charge_id=charge.pk, result=results[charge.idempotency_key])
    return len(missing), sorted(set(results) - set(known))
