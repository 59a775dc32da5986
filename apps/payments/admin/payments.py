"""Payments and refunds: read-only, but for what staff know better than the gateway."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.desk import ReadOnlyAdmin, ReadOnlyInline, Text, button
from apps.money import format_money
from apps.payments import services
from apps.payments.gateways import MANUAL
from apps.payments.models import (
    PAYABLE,
    Charge,
    LedgerEntry,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from apps.payments.policies import number_in
from foundation.agreement import Agreement


@display(description=_("amount"), ordering="amount_minor")
def amount(row: Payment | Charge | Refund | LedgerEntry) -> str:
    return format_money(row.amount_minor, row.currency)


class ChargeInline(ReadOnlyInline):
    model = Charge
    fields = ["gateway", amount, "status", "decline_code", "gateway_reference", "created_at"]
    readonly_fields = fields


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ["purpose", amount, "status", "attempts", "gateway_reference", "succeeded_at"]
    readonly_fields = fields
    show_change_link = True


class LedgerInline(ReadOnlyInline):
    model = LedgerEntry
    fields = ["account", amount, "booked_at"]
    readonly_fields = fields


class FoundByNumber(ReadOnlyAdmin):
    """Rows that are also found by the number of their payment, however it is typed."""

    number_path: str

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        number = number_in(search_term)
        if not number:
            return found, duplicates
        found_anyhow = Q(pk__in=found.order_by().values("pk"))
        return queryset.filter(found_anyhow | Q((self.number_path, number))), duplicates


@admin.register(Payment)
class PaymentAdmin(FoundByNumber):
    tones = {
        PaymentStatus.PENDING: "warning",
        PaymentStatus.PROCESSING: "info",
        PaymentStatus.APPROVED: "success",
        PaymentStatus.DECLINED: "danger",
        PaymentStatus.DEFERRED: "warning",
        PaymentStatus.PARTIALLY_REFUNDED: "primary",
        PaymentStatus.REFUNDED: "primary",
    }
    list_display = [
        "number", "description", "payer", amount, "refunded", "state", "pay_by",
    ]  # fmt: skip
    export_also = ("reference",)
    list_select_related = ["payer"]
    list_filter = ["status", "currency", "created_at", "paid_at"]
    search_fields = [
        "number", "reference", "description", "payer__email", "payer__name", "payer__latin_name",
    ]  # fmt: skip
    number_path = "number"
    ordering = ["-pk"]
    inlines = [ChargeInline, RefundInline, LedgerInline]
    actions_detail = ["mark_as_paid"]
    readonly_fields = ["number", amount, "refunded", "state"]
    fields = [
        ("number", "state"), ("description", "payer"), (amount, "refunded"), "reference",
        ("created_at", "pay_by"), ("paid_at", "cancel_requested_at"),
    ]  # fmt: skip

    @button(
        label=_("Mark as paid"),
        icon="payments",
        variant=ActionVariant.SUCCESS,
        offered=lambda payment: payment.is_wanted and payment.status in PAYABLE,
        warns=lambda admin, payment: [
            _("You confirm that %(amount)s has arrived outside the gateway, by bank transfer say.")
            % {"amount": format_money(payment.amount_minor, payment.currency)},
            _("The enrollment is approved at once. A refund of it would be sent by hand, too."),
        ],
    )
    def mark_as_paid(self, payment: Payment, *, agreed: Agreement) -> Text:
        services.approve_payment_by_staff(payment_id=payment.pk, agreed=agreed)
        return _("The payment is booked, and what it was for is approved.")

    def describe(self, payment: Payment) -> str:
        amount = format_money(payment.amount_minor, payment.currency)
        return f"{payment.payer} · {payment.description} · {amount} · {payment.number}"

    @display(description=_("refunded"), ordering="refunded_minor")
    def refunded(self, payment: Payment) -> str:
        return format_money(payment.refunded_minor, payment.currency)


class TransferForm(forms.Form):
    transfer_reference = forms.CharField(
        label=_("Transfer reference"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("What the bank's statement calls the transfer."),
    )


@admin.register(Refund)
class RefundAdmin(FoundByNumber):
    tones = {
        RefundStatus.REQUESTED: "info",
        RefundStatus.FAILING: "danger",
        RefundStatus.SUCCEEDED: "success",
    }
    list_display = [
        "__str__", "payment", amount, "state", "way", "attempts", "requested_at",
    ]  # fmt: skip
    list_filter = ["status", "purpose", "charge__gateway", "requested_at"]
    search_fields = [
        "payment__number", "payment__reference", "payment__description", "gateway_reference",
    ]  # fmt: skip
    number_path = "payment__number"
    ordering = ["-pk"]
    actions_detail = ["confirm_transfer"]
    readonly_fields = [amount, "state", "way"]
    fields = [
        ("payment", "purpose"), (amount, "state"), ("way", "gateway_reference"),
        ("requested_at", "succeeded_at"), ("attempts", "due_at"), "last_error",
    ]  # fmt: skip

    @button(
        label=_("Money sent back"),
        icon="undo",
        variant=ActionVariant.SUCCESS,
        form=TransferForm,
        offered=lambda refund: (
            refund.charge.gateway == MANUAL and refund.status != RefundStatus.SUCCEEDED
        ),
        warns=lambda admin, refund: [
            _("You confirm that %(amount)s has been sent back by hand. This is final.")
            % {"amount": format_money(refund.amount_minor, refund.currency)}
        ],
    )
    def confirm_transfer(
        self, refund: Refund, *, agreed: Agreement, transfer_reference: str
    ) -> Text:
        services.confirm_manual_refund(
            refund_id=refund.pk, transfer_reference=transfer_reference, agreed=agreed
        )
        return _("The refund is booked.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        """A queryset that joins anything is left as it is by ``list_select_related``."""
        return super().get_queryset(request).select_related("payment__payer", "charge")

    def describe(self, refund: Refund) -> str:
        amount = format_money(refund.amount_minor, refund.currency)
        payment = refund.payment
        return f"{payment.payer} · {payment.description} · {amount} · {payment.number}"

    @display(description=_("way"), ordering="charge__gateway")
    def way(self, refund: Refund) -> Text:
        return _("By hand") if refund.charge.gateway == MANUAL else refund.charge.gateway
