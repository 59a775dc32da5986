"""Look at a payment, charge it, or book money that came another way."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.payments import queries, services
from apps.payments.api import docs
from apps.payments.api.serializers import (
    ChargedSerializer,
    ChargeSerializer,
    DeferredSerializer,
    PaymentChangeSerializer,
    PaymentSerializer,
)
from apps.payments.queries import PaymentSummary
from apps.payments.services import ChargeOutcome
from apps.rights import staff_may
from apps.strict import read_body, viewer_id
from foundation.api.preconditions import precondition, tagged


class PaymentView(APIView):
    @docs.show_payment
    def get(self, request: Request, payment_id: int) -> Response:
        return tagged(_represent(request, payment_id))

    @docs.approve_payment
    def patch(self, request: Request, payment_id: int) -> Response:
        _visible(request, payment_id)
        if not staff_may(request.user, "payments.change_payment"):
            raise PermissionDenied()
        read_body(PaymentChangeSerializer, request)
        agreed = precondition(request, lambda: _represent(request, payment_id))
        services.approve_payment_by_staff(payment_id=payment_id, agreed=agreed)
        return self.get(request, payment_id)


class ChargeListView(APIView):
    @docs.charge_payment
    def post(self, request: Request, payment_id: int) -> Response:
        token = read_body(ChargeSerializer, request)["token"]
        outcome = services.charge_payment(
            payment_id=payment_id, payer_id=viewer_id(request), token=token
        )
        return _answer(outcome, _visible(request, payment_id))


class CardDeclined(APIException):
    status_code = HTTPStatus.PAYMENT_REQUIRED
    default_code = "payment_declined"

    def __init__(self, decline_code: str) -> None:
        super().__init__(_("The card was declined. You were not charged. Try another card."))
        self.members = {"decline_code": decline_code}


def _visible(request: Request, payment_id: int) -> PaymentSummary:
    sees_all = staff_may(request.user, "payments.view_payment")
    return queries.get_visible_payment(
        payment_id=payment_id, viewer_id=viewer_id(request), viewer_is_staff=sees_all
    )


def _represent(request: Request, payment_id: int) -> dict[str, Any]:
    return dict(PaymentSerializer(_visible(request, payment_id)).data)


def _answer(outcome: ChargeOutcome, payment: PaymentSummary) -> Response:
    if outcome.status == "declined":
        raise CardDeclined(outcome.decline_code or queries.last_decline_code(payment_id=payment.id))
    if outcome.status == "cancelled":
        message = _("The enrollment was cancelled meanwhile. Whatever was charged is refunded.")
        raise services.PaymentClosed(message)
    if outcome.status in ("deferred", "processing"):
        return _pay_later(outcome, payment)
    answer = {"status": outcome.status, "payment": payment}
    return Response(ChargedSerializer(answer).data, status=status.HTTP_201_CREATED)


def _pay_later(outcome: ChargeOutcome, payment: PaymentSummary) -> Response:
    seconds = max(outcome.retry_after_seconds, 1)
    answer = {
        "status": "deferred",
        "detail": _(
            "The payment service does not answer at the moment. Your seat is kept: pay later,"
            " under a new Idempotency-Key. Nothing is charged twice."
        ),
        "pay_by": payment.pay_by,
        "retry_after_seconds": seconds,
        "payment": payment,
    }
    return Response(
        DeferredSerializer(answer).data,
        status=status.HTTP_202_ACCEPTED,
        headers={"Retry-After": str(seconds)},
    )
