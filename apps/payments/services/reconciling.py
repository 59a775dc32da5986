"""Compare our books with the gateway's, and correct ours row by row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from apps.payments.gate import NoAnswer, call_gateway
from apps.payments.gateways import MANUAL, collecting_gateway, gateway_named
from apps.payments.gateways.base import ChargeResult, Gateway
from apps.payments.models import Charge, ChargeStatus
from apps.payments.services.refunds import retry_refunds
from apps.payments.services.settlement import book_result, settle_unknown_charges
from foundation.batches.services import BatchResult, run_each

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)
GRACE = timedelta(seconds=30)
"""A capture younger than this may still be on its way into our books."""


@dataclass(frozen=True)
class Reconciliation:
    """What a reconciliation found: charges settled, captures booked, refunds made.

    ``unknown_keys`` are captures at the gateway under keys that are not ours, and ``failed`` rows
    that failed: both are for staff to look at. ``gateway_answered`` is False when the
    gateway's books could not be read.
    """

    settled: int
    booked: int
    refunded: int
    unknown_keys: list[str]
    failed: list[str]
    gateway_answered: bool = True


def reconcile(*, look_back: timedelta = LOOK_BACK) -> Reconciliation:
    """Settle unknown charges, book captures that are missing here, retry refunds.

    Each row is settled in a transaction of its own, so it can be stopped anywhere and run again. A
    capture that nobody wants any more is booked as surplus, which requests its refund.
    """
    settled = settle_unknown_charges()
    try:
        results, answered = dict(_list_captures(look_back)), True
    except NoAnswer:
        results, answered = {}, False
    booked = _book_missing(results)
    refunded = retry_refunds()
    report = Reconciliation(
        settled=settled.done,
        booked=booked.done,
        refunded=refunded.done,
        unknown_keys=_list_unknown_keys(results),
        failed=[
            *(f"charge {row}" for row in settled.failed + booked.failed),
            *(f"refund {row}" for row in refunded.failed),
        ],
        gateway_answered=answered,
    )
    logger.info("Reconciled: %s", report)
    return report


def _list_captures(look_back: timedelta) -> list[tuple[str, ChargeResult]]:
    since = timezone.now() - look_back
    return [
        capture for gateway in _list_gateways(since) for capture in _captures_of(gateway, since)
    ]


def _captures_of(gateway: Gateway, since: datetime) -> list[tuple[str, ChargeResult]]:
    return call_gateway(
        lambda timeout_seconds: gateway.list_captures(since=since, timeout_seconds=timeout_seconds)
    )


def _list_gateways(since: datetime) -> list[Gateway]:
    """Return the collecting gateway; where nothing is collected, those that were charged at."""
    if settings.PAYMENTS_ENABLED:
        return [collecting_gateway()]
    charged = Charge.objects.filter(called_at__gte=since).exclude(gateway=MANUAL).order_by()
    names = charged.values_list("gateway", flat=True).distinct()
    return [gateway_named(name) for name in names]


def _book_missing(results: dict[str, ChargeResult]) -> BatchResult:
    missing = Charge.objects.filter(
        idempotency_key__in=results,
        status__in=[ChargeStatus.PROCESSING, ChargeStatus.ABANDONED, ChargeStatus.DECLINED],
        called_at__lt=timezone.now() - GRACE,
    )
    keys = dict(missing.values_list("pk", "idempotency_key"))
    return run_each(
        batch="payments.reconcile",
        keys=missing.values_list("pk", flat=True),
        step=lambda pk: book_result(charge_id=pk, result=results[keys[pk]]),
    )


def _list_unknown_keys(results: dict[str, ChargeResult]) -> list[str]:
    known = Charge.objects.filter(idempotency_key__in=results)
    return sorted(set(results) - set(known.values_list("idempotency_key", flat=True)))
