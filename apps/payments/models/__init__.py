"""The money owed, each try to collect it, what is given back, and the ledger of it all."""

from apps.payments.models.charge import Charge, ChargeStatus, new_idempotency_key
from apps.payments.models.ledger import LedgerAccount, LedgerEntry
from apps.payments.models.payment import PAYABLE, SETTLED, Payment, PaymentStatus
from apps.payments.models.refund import Refund, RefundPurpose, RefundStatus
from apps.payments.models.sandbox import SandboxBehaviour, SandboxSwitch, SandboxTransaction

__all__ = [
    "PAYABLE",
    "SETTLED",
    "Charge",
    "ChargeStatus",
    "LedgerAccount",
    "LedgerEntry",
    "Payment",
    "PaymentStatus",
    "Refund",
    "RefundPurpose",
    "RefundStatus",
    "SandboxBehaviour",
    "SandboxSwitch",
    "SandboxTransaction",
    "new_idempotency_key",
]
