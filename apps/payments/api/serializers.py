"""Payments as the API takes and gives them."""

from __future__ import annotations

from rest_framework import serializers

from apps.strict import StrictCharField, StrictChoiceField, StrictSerializer


class PaymentSerializer(serializers.Serializer):
    """The money owed and paid for one enrollment."""

    id = serializers.IntegerField(help_text="The id of the payment.")
    number = serializers.CharField(
        help_text="What pages and e-mails call it, such as `P-7K3M-QX92`; it never changes."
    )
    reference = serializers.CharField(
        help_text="What it is for: `lecture-` and the id of the enrollment."
    )
    status = serializers.CharField(
        help_text="`pending`, `processing`, `approved`, `declined`, `deferred`, `cancelled`, "
        "`partially_refunded` or `refunded`."
    )
    amount_minor = serializers.IntegerField(help_text="What is owed or paid, in minor units.")
    refunded_minor = serializers.IntegerField(help_text="What was given back, in minor units.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    pay_by = serializers.DateTimeField(help_text="Until when it can be paid.")
    paid_at = serializers.DateTimeField(allow_null=True, help_text="When it was paid, or null.")


class ChargeSerializer(StrictSerializer):
    """The card to collect it from."""

    token = StrictCharField(
        max_length=200,
        help_text="What the gateway gave for the card. The sandbox knows `tok_approved`, "
        "`tok_declined`, `tok_insufficient_funds`, `tok_slow` and `tok_timeout_after_capture`.",
    )


class ChargedSerializer(serializers.Serializer):
    """The money has been collected."""

    status = serializers.CharField(help_text="`approved`.")
    payment = PaymentSerializer(help_text="The payment as it stands now.")


class DeferredSerializer(serializers.Serializer):
    """The gateway gave no answer: pay later."""

    status = serializers.CharField(help_text="`deferred`: pay later.")
    detail = serializers.CharField(help_text="What happened and what to do.")
    pay_by = serializers.DateTimeField(help_text="Until when the seat is held.")
    retry_after_seconds = serializers.IntegerField(help_text="When to try again; `Retry-After`.")
    payment = PaymentSerializer(help_text="The payment as it stands now.")


class PaymentChangeSerializer(StrictSerializer):
    """The state that the payment shall have."""

    answer = PaymentSerializer

    status = StrictChoiceField(
        choices=["approved"], help_text="`approved`: the money came outside the gateway."
    )
