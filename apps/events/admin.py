"""The log and what is still owed from it, at the desk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed
from unfold.decorators import display

from apps.desk import ReadOnlyAdmin, ReadOnlyInline, Text, button
from apps.events import registry, services
from apps.events.models import Delivery, DeliveryStatus, LoggedEvent
from foundation.agreement import Agreement


class NameFilter(admin.SimpleListFilter):
    """The names that exist, without asking the whole log for them."""

    title = _("name")
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, name) for name in registry.event_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(name=self.value()) if self.value() else queryset


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = readonly_fields = ["subscriber", "queue", "status", "attempts", "delivered_at"]
    show_change_link = True


@admin.register(LoggedEvent)
class LoggedEventAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "payload", "published_at"]
    list_filter = [NameFilter]
    search_fields = ["name"]
    search_help_text = _('Anything in the name or the payload, such as "enrollment_id": 12')
    ordering = ["-pk"]
    inlines = [DeliveryInline]
    fields = ["name", "published_at", "content"]
    readonly_fields = ["content"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, duplicates
        texts = queryset.annotate(payload_text=Cast("payload", TextField()))
        in_payload = texts.filter(payload_text__icontains=search_term).values("pk")
        found_anywhere = Q(pk__in=found.values("pk")) | Q(pk__in=in_payload)
        return queryset.filter(found_anywhere), duplicates

    @display(description=_("payload"))
    def content(self, event: LoggedEvent) -> str:
        text = json.dumps(event.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="desk-payload">{}</pre>', text)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    tones = {
        DeliveryStatus.PENDING: "warning",
        DeliveryStatus.DELIVERED: "success",
        DeliveryStatus.DEAD: "danger",
    }
    list_display = ["subscriber", "about", "state", "attempts", "due_at"]
    list_select_related = ["event"]
    list_filter = ["status", "queue", "subscriber", "created_at"]
    search_fields = ["subscriber", "event__name", "last_error"]
    search_numbers = ("pk", "event_id")
    ordering = ["-pk"]
    actions_detail = ["retry_delivery"]
    readonly_fields = ["state", "about"]
    fields = [
        ("about", "subscriber"), ("state", "queue"), ("attempts", "due_at"),
        ("created_at", "delivered_at"), "last_error",
    ]  # fmt: skip

    def describe(self, delivery: Delivery) -> str:
        facts = delivery.event.payload
        person = facts.get("student_id") or facts.get("payer_id")
        student = get_user_model().objects.filter(pk=person).first() if person else None
        named = [str(student or ""), str(facts.get("course_title") or "")]
        return " · ".join([*filter(None, named), delivery.event.name, delivery.subscriber])

    @display(description=_("event"), ordering="event")
    def about(self, delivery: Delivery) -> str:
        address = reverse("admin:events_loggedevent_change", args=[delivery.event_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, delivery.event)

    @button(
        label=_("Try again"),
        icon="replay",
        offered=lambda delivery: can_proceed(delivery.retry),
        warns=lambda admin, delivery: [
            _("A worker tries again at once, from the first attempt. Nothing happens twice.")
        ],
    )
    def retry_delivery(self, delivery: Delivery, *, agreed: Agreement) -> Text:
        services.retry_delivery(delivery_id=delivery.pk, agreed=agreed)
        return _("The delivery is tried again.")
