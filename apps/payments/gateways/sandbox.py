"""A gateway to try everything with: tokens for each outcome, a switch, and books of its own.

Its books are written outside our transactions, as a real gateway's are: what it captured stays
captured, whatever becomes of the caller.
"""

from __future__ import annotations

import time
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import connection

from apps.payments.gateways.base import ChargeResult, GatewayTimeout, GatewayUnavailable
from apps.payments.models import SandboxBehaviour, SandboxSwitch, SandboxTransaction

APPROVED, DECLINED, INSUFFICIENT, SLOW, TIMEOUT = TOKENS = (
    "tok_approved",
    "tok_declined",
    "tok_insufficient_funds",
    "tok_slow",
    "tok_timeout_after_capture",
)
DECLINE_CODES = {DECLINED: "card_declined", INSUFFICIENT: "insufficient_funds"}


class SandboxGateway:
    name = "sandbox"

    def charge(
        self,
        *,
        idempotency_key: str,
        amount_minor: int,
        currency: str,
        token: str,
        timeout_seconds: float,
    ) -> ChargeResult:
        """Answer as the token says; a token it does not know is a declined card."""
        _behave(timeout_seconds)
        known = _find("charge", idempotency_key)
        if known:
            return _result(known)
        if token == SLOW:
            _wait(settings.SANDBOX_SLOW_TOKEN_SECONDS, timeout_seconds)
        row = _record(
            kind="charge",
            idempotency_key=idempotency_key,
            amount_minor=amount_minor,
            currency=currency,
            decline_code="" if token in {APPROVED, SLOW, TIMEOUT} else _decline_code(token),
        )
        if token == TIMEOUT:
            _wait(timeout_seconds, timeout_seconds)
        return _result(row)

    def find_charge(self, *, idempotency_key: str, timeout_seconds: float) -> ChargeResult | None:
        _behave(timeout_seconds)
        known = _find("charge", idempotency_key)
        return _result(known) if known else None

    def list_captures(
        self, *, since: datetime, timeout_seconds: float
    ) -> list[tuple[str, ChargeResult]]:
        _behave(timeout_seconds)
        rows = SandboxTransaction.objects.filter(
            kind="charge", decline_code="", created_at__gte=since
        )
        return [(row.idempotency_key, _result(row)) for row in rows.order_by("created_at")]

    def refund(
        self,
        *,
        idempotency_key: str,
        charge_reference: str,
        amount_minor: int,
        currency: str,
        timeout_seconds: float,
    ) -> str:
        _behave(timeout_seconds)
        row = _record(
            kind="refund",
            idempotency_key=idempotency_key,
            charge_reference=charge_reference,
            amount_minor=amount_minor,
            currency=currency,
        )
        return row.reference


def _behave(timeout_seconds: float) -> None:
    """Do what the switch says before any call is answered."""
    switch = SandboxSwitch.objects.first() or SandboxSwitch()
    if switch.behaviour == SandboxBehaviour.DOWN:
        raise GatewayUnavailable("Connection refused.")
    if switch.behaviour == SandboxBehaviour.FAILING:
        raise GatewayUnavailable("HTTP 503 from the gateway.")
    if switch.behaviour == SandboxBehaviour.SLOW:
        _wait(switch.delay_milliseconds / 1000, timeout_seconds)


def _wait(delay_seconds: float, timeout_seconds: float) -> None:
    """Hold the caller, without one of its database connections, as a slow network would."""
    if not connection.in_atomic_block:
        connection.close()
    time.sleep(min(delay_seconds, timeout_seconds))
    if delay_seconds >= timeout_seconds:
        raise GatewayTimeout(f"No answer within {timeout_seconds:.1f} s.")


def _find(kind: str, idempotency_key: str) -> SandboxTransaction | None:
    return SandboxTransaction.objects.filter(kind=kind, idempotency_key=idempotency_key).first()


def _record(*, kind: str, idempotency_key: str, **fields: object) -> SandboxTransaction:
    row, _created = SandboxTransaction.objects.get_or_create(
        idempotency_key=idempotency_key,
        defaults={"kind": kind, "reference": f"sbx_{kind}_{uuid4().hex}", **fields},
    )
    return row


def _decline_code(token: str) -> str:
    return DECLINE_CODES.get(token, "invalid_card")


def _result(row: SandboxTransaction) -> ChargeResult:
    if row.decline_code:
        return ChargeResult(captured=False, decline_code=row.decline_code)
    return ChargeResult(captured=True, reference=row.reference)
