"""Commands on payments. Locks are taken in the order payment, charge or refund, ledger."""

from apps.payments.services.charging import ChargeOutcome, charge_payment
from apps.payments.services.opening import cancel_payment, lock_payment, open_payment
from apps.payments.services.reconciling import Reconciliation, reconcile
from apps.payments.services.refunds import (
    RefundNotManual,
    confirm_manual_refund,
    execute_refund,
    retry_refunds,
)
from apps.payments.services.refusals import (
    PaymentAlreadyPaid,
    PaymentClosed,
    PaymentExpired,
    PaymentInProgress,
    PaymentRefunded,
    PaymentsDisabled,
)
from apps.payments.services.sandbox import set_sandbox_behaviour
from apps.payments.services.settlement import (
    approve_payment_by_staff,
    settle_announced_charge,
    settle_unknown_charges,
    settle_unknown_charges_of,
)

__all__ = [
    "ChargeOutcome",
    "PaymentAlreadyPaid",
    "PaymentClosed",
    "PaymentExpired",
    "PaymentInProgress",
    "PaymentRefunded",
    "PaymentsDisabled",
    "Reconciliation",
    "RefundNotManual",
    "approve_payment_by_staff",
    "cancel_payment",
    "charge_payment",
    "confirm_manual_refund",
    "execute_refund",
    "lock_payment",
    "open_payment",
    "reconcile",
    "retry_refunds",
    "set_sandbox_behaviour",
    "settle_announced_charge",
    "settle_unknown_charges",
    "settle_unknown_charges_of",
]
