"""Rows that a batch could not process, at the desk: why, since when, and a button to try again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.desk import ReadOnlyAdmin, Text, button
from apps.refusals import Refusal
from foundation.agreement import Agreement
from foundation.batches.models import BatchFailure
from foundation.batches.services import requeue


class AlreadyResolved(Refusal):
    code = "already_resolved"
    message = _("This row has been processed meanwhile, so there is nothing to try again.")


class OpenFilter(admin.SimpleListFilter):
    """What still fails, or what has been resolved."""

    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("yes", _("Failing")), ("no", _("Resolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() == "yes")


@admin.register(BatchFailure)
class BatchFailureAdmin(ReadOnlyAdmin):
    list_display = ["batch", "scope", "row", "attempts", "first_failed_at", "due_at", "is_resolved"]
    list_filter = [OpenFilter, "batch", "last_failed_at"]
    search_fields = ["batch", "scope", "row", "last_error"]
    actions_detail = ["try_again"]
    fields = [
        ("batch", "scope", "row"),
        ("attempts", "due_at"),
        ("first_failed_at", "last_failed_at", "resolved_at"),
        "error",
    ]
    readonly_fields = ["error"]

    @display(description=_("resolved"), boolean=True, ordering="resolved_at")
    def is_resolved(self, failure: BatchFailure) -> bool:
        return failure.resolved_at is not None

    @display(description=_("last error"))
    def error(self, failure: BatchFailure) -> str:
        return format_html('<pre class="desk-payload">{}</pre>', failure.last_error)

    @button(
        label=_("Try again"),
        icon="replay",
        offered=lambda failure: failure.resolved_at is None,
        warns=lambda admin, failure: [
            _("The next run of the batch takes this row again. Nothing happens twice.")
        ],
    )
    def try_again(self, failure: BatchFailure, *, agreed: Agreement) -> Text:
        if not requeue(failure_id=failure.pk, agreed=agreed):
            raise AlreadyResolved()
        return _("The row is tried again by the next run.")
