"""Delete a row at the desk as its page said: with the same related rows, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, QueryDict
from unfold.admin import ModelAdmin

from foundation.agreement import Agreement, Outdated, require, token_of


class ConfirmsDeletion(ModelAdmin):
    agreement_in: Callable[..., Agreement]
    """Reads what a form agreed to; its refusal is an ``Outdated``."""

    def said_of_deletion(self, request: HttpRequest, row: Any) -> list[str]:
        """Return what the page says would go, which its form agrees to."""
        deleted, counts, _lacking, _protected = self.get_deleted_objects([row], request)
        return [str(row), str(deleted), *(f"{name}: {count}" for name, count in counts.items())]

    def agreement_to_delete(self, request: HttpRequest, row: Any) -> Agreement:
        return self.agreement_in(request.POST, lambda: self.said_of_deletion(request, row))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return self._confirm_deletion(request, object_id)
        except Outdated as refusal:
            messages.warning(request, str(refusal))
        request.method, request.POST = "GET", QueryDict()
        answer = self._confirm_deletion(request, object_id)
        answer.status_code = 409
        return answer

    def _confirm_deletion(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        said = [] if row is None else self.said_of_deletion(request, row)
        context = {"warnings": said, "agreed": token_of(said)}
        return super().delete_view(request, object_id, context)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row, in the transaction of the view. Raises Outdated."""
        self.get_queryset(request).select_for_update().get(pk=obj.pk)
        require(self.agreement_to_delete(request, obj))
        super().delete_model(request, obj)
