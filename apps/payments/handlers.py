"""Payments carry out their own refunds after the commit that owed them."""

from apps.events.registry import later
from apps.payments import services
from apps.payments.events import RefundRequested


@later(RefundRequested)
def execute_requested_refund(event: RefundRequested) -> None:
    services.execute_refund(refund_id=event.refund_id)
