"""Gateways move the money. One interface; which one collects is a setting."""

from django.conf import settings

from apps.payments.gateways.base import Gateway
from apps.payments.gateways.sandbox import SandboxGateway

MANUAL = "manual"
"""The name on charges that staff booked by hand; no gateway stands behind it."""

_GATEWAYS: dict[str, Gateway] = {gateway.name: gateway for gateway in (SandboxGateway(),)}


def gateway_named(name: str) -> Gateway:
    """Return the gateway that a charge was made at. Raises KeyError for an unknown one."""
    return _GATEWAYS[name]


def collecting_gateway() -> Gateway:
    """Return the gateway that new charges are made at."""
    return gateway_named(settings.PAYMENT_GATEWAY)
