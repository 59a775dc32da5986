"""What gateways tell us of money. Nothing in it is believed but the signature: we ask them back."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from standardwebhooks import Webhook, WebhookVerificationError

from apps.parsing import BodyTooLarge, StrictJSONParser
from apps.payments import services
from apps.payments.gate import NoAnswer
from apps.payments.models import Charge

MAX_BODY_BYTES = 64 * 1024


class BadSignature(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid_signature"
    default_detail = _(
        "The signature or the time of this message is not right. Sign it as Standard Webhooks says,"
        " with the secret that we share, and send it within five minutes."
    )


class GatewayBusy(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "gateway_busy"
    default_detail = _("We could not ask the gateway back. Send this message again later.")

    def __init__(self, silence: NoAnswer) -> None:
        super().__init__()
        self.wait = max(1.0, silence.retry_after_seconds)


@extend_schema(exclude=True)
class PaymentWebhookView(APIView):
    """One message of a gateway; sent again it changes nothing. 404 unless a secret is set."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if settings.PAYMENT_WEBHOOK_SECRET is None:
            raise Http404
        super().initial(request, *args, **kwargs)

    def post(self, request: Request, gateway: str) -> Response:
        body = _read_signed(request)
        key = _idempotency_key(StrictJSONParser().parse(BytesIO(body)))
        try:
            services.settle_announced_charge(gateway=gateway, idempotency_key=key)
        except NoAnswer as silence:
            raise GatewayBusy(silence) from silence
        return Response(status=status.HTTP_204_NO_CONTENT)


def _read_signed(request: Request) -> bytes:
    """Return the body, once its size is small and its signature right."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge()
    body: bytes = request.body
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge()
    try:
        webhook = Webhook(settings.PAYMENT_WEBHOOK_SECRET or "")
        webhook.verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # odd base64, odd UTF-8
        raise BadSignature() from error
    return body


def _idempotency_key(message: dict[str, object]) -> str:
    told = message.get("data")
    key = told.get("idempotency_key") if isinstance(told, dict) else None
    longest = Charge._meta.get_field("idempotency_key").max_length or 0
    if not isinstance(key, str) or not key.isprintable() or not 0 < len(key) <= longest:
        wanted = _("Send the idempotency key of the charge, as a text of at most 64 characters.")
        raise exceptions.ValidationError({"data": {"idempotency_key": [wanted]}})
    return key
