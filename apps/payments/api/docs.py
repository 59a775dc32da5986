"""What the OpenAPI schema says of payments."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.payments.api.serializers import (
    ChargedSerializer,
    ChargeSerializer,
    DeferredSerializer,
    PaymentChangeSerializer,
    PaymentSerializer,
)
from apps.problems import STALE, problems

TAGS = ["Payments"]
ID = OpenApiParameter(
    "payment_id", int, OpenApiParameter.PATH, description="The id of the payment."
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[202],
    description="Seconds until another try makes sense.",
)  # fmt: skip
REFUSALS = {
    "payment_already_paid": "This has been paid already. You were not charged again.",
    "payment_in_progress": "A payment is under way, perhaps in another tab.",
    "payment_closed": "This payment has been cancelled. You were not charged.",
}

_PENDING = {
    "id": 9,
    "number": "P-7K3M-QX92",
    "reference": "lecture-12",
    "status": "pending",
    "amount_minor": 50000,
    "refunded_minor": 0,
    "currency": "KRW",
    "pay_by": "2026-03-03T09:00:00+09:00",
    "paid_at": None,
}
_APPROVED = {**_PENDING, "status": "approved", "paid_at": "2026-03-02T09:01:00+09:00"}
_DEFERRED = {
    "status": "deferred",
    "detail": "The payment service does not answer at the moment. Your seat is kept: pay later, …",
    "pay_by": "2026-03-03T09:00:00+09:00",
    "retry_after_seconds": 15,
    "payment": {**_PENDING, "status": "deferred"},
}

show_payment = extend_schema(
    operation_id="show_payment",
    tags=TAGS,
    summary="Show a payment",
    description="One's own, or to staff anybody's.",
    parameters=[ID],
    responses={200: PaymentSerializer},
    examples=[OpenApiExample("Payment", value=_PENDING)],
)

approve_payment = extend_schema(
    operation_id="approve_payment",
    tags=TAGS,
    summary="Book money that came outside the gateway",
    description="For staff: a bank transfer, say. The enrollment is approved in the same step.",
    parameters=[ID],
    request=PaymentChangeSerializer,
    responses={
        **problems(STALE),
        200: PaymentSerializer,
        **problems({403: {"permission_denied": "Only staff may do this."}, 409: REFUSALS}),
    },
    examples=[
        OpenApiExample("Approve", value={"status": "approved"}, request_only=True),
        OpenApiExample("Approved", value=_APPROVED, response_only=True, status_codes=["200"]),
    ],
)

charge_payment = extend_schema(
    operation_id="charge_payment",
    tags=TAGS,
    summary="Pay",
    description="By its student. The enrollment is approved in the same step as the payment. After "
    "a `202` or `402`, try again under a new `Idempotency-Key`: the old one repeats the old "
    "answer. Nothing is ever charged twice.",
    parameters=[ID, RETRY_AFTER],
    request=ChargeSerializer,
    responses={
        201: OpenApiResponse(ChargedSerializer, description="Approved."),
        202: OpenApiResponse(DeferredSerializer, description="Deferred: pay later."),
        **problems(
            {
                402: {
                    "card_declined": "The card was declined. You were not charged.",
                    "insufficient_funds": "The card was declined. You were not charged.",
                },
                409: REFUSALS | {"payment_expired": "The time to pay is over."},
            }
        ),
    },
    examples=[
        OpenApiExample("Pay", value={"token": "tok_approved"}, request_only=True),
        OpenApiExample(
            "Approved",
            value={"status": "approved", "payment": _APPROVED},
            response_only=True,
            status_codes=["201"],
        ),
        OpenApiExample("Deferred", value=_DEFERRED, response_only=True, status_codes=["202"]),
    ],
)
