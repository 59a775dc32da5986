"""What every gateway does, and the three ways in which it does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class GatewayError(Exception):
    """The gateway gave no answer; the next try may get one."""


class GatewayUnavailable(GatewayError):
    """The call did not reach the gateway, or it refused to work: nothing was done."""


class GatewayTimeout(GatewayError):
    """No answer in time: whether it was done is unknown until asked under the same key."""


@dataclass(frozen=True)
class ChargeResult:
    """A capture (``reference`` is the gateway's own) or a decline (``decline_code``)."""

    captured: bool
    reference: str = ""
    decline_code: str = ""


class Gateway(Protocol):
    """All amounts are minor units. The same idempotency key never moves money twice.

    Every call raises GatewayUnavailable or GatewayTimeout when it gets no answer.
    """

    name: str

    def charge(
        self,
        *,
        idempotency_key: str,
        amount_minor: int,
        currency: str,
        token: str,
        timeout_seconds: float,
    ) -> ChargeResult:
        """Collect the amount from the card behind the token."""

    def find_charge(self, *, idempotency_key: str, timeout_seconds: float) -> ChargeResult | None:
        """Return what became of the charge under this key, or None when it never arrived."""

    def list_captures(
        self, *, since: datetime, timeout_seconds: float
    ) -> list[tuple[str, ChargeResult]]:
        """Return what was captured since then, each with its idempotency key, oldest first."""

    def refund(
        self,
        *,
        idempotency_key: str,
        charge_reference: str,
        amount_minor: int,
        currency: str,
        timeout_seconds: float,
    ) -> str:
        """Give the amount back and return the gateway's reference."""
