"""Money at the desk: looked at, and confirmed where it moved outside the gateway."""

from apps.payments.admin.payments import PaymentAdmin, RefundAdmin
from apps.payments.admin.sandbox import SandboxSwitchAdmin

__all__ = ["PaymentAdmin", "RefundAdmin", "SandboxSwitchAdmin"]
