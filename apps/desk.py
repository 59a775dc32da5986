"""How staff work at the desk, the admin: read rows, and change states by buttons only.

Mechanism, not rules: a button shows a page that says what will happen, then makes one service call.
What the service refuses is a message. Knows no context.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import lookup_spawns_duplicates, quote, unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.views import ChangeList

from apps import acting
from apps.refusals import FactsChanged, InvalidInput, Refusal, agreement_in
from foundation.agreement import Agreement, token_of
from foundation.desk.buttons import Button, Text, button
from foundation.desk.deleting import ConfirmsDeletion
from foundation.desk.editing import VersionedEditing
from foundation.desk.lists import (
    DeskList,
    ListAction,
    exceeds,
    find_rows,
    list_actions,
    say_too_many,
)

__all__ = ["Button", "DeskAdmin", "ListAction", "ReadOnlyAdmin", "ReadOnlyInline", "Text", "button"]

AUDIT_LIST, AUDIT_PERMISSION = "admin:elearning_auditentry_changelist", "elearning.view_auditentry"


class DeskAdmin(ConfirmsDeletion, VersionedEditing, ModelAdmin):
    """A model at the desk. Buttons need the permission they name, whatever the form may change."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_sheet = False
    list_before_template = "admin/desk/list_top.html"
    warn_unsaved_form = True
    tones: dict[Any, str] = {}
    """By state, the theme's word for the color of its label."""
    export_also: tuple[str, ...] = ()
    """Fields that the list leaves out and its CSV file does not."""
    search_numbers: tuple[str, ...] = ("pk",)
    """Whole numbers that pages and e-mails show of a row; searched for as ``124`` or ``#124``."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeskList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        paths = self.get_search_fields(request)
        duplicates = any(lookup_spawns_duplicates(self.opts, path) for path in paths)
        return find_rows(queryset, search_term, paths, self.search_numbers), duplicates

    agreement_in = staticmethod(agreement_in)

    def read_more(self, rows: list[Any]) -> None:
        """Read at once what the columns of these rows need beyond the rows themselves."""

    def describe(self, row: Any) -> str:
        """Name the row on the page that asks about it, by people and courses, not by a number."""
        return str(row)

    @display(description=_("status"), ordering="status")
    def state(self, row: Any) -> Text:
        label = {"text": row.get_status_display(), "type": self.tones.get(row.status, "")}
        return render_to_string("unfold/helpers/label.html", label)

    def may(self, request: HttpRequest, permission: str, row: Any = None) -> bool:
        """Return whether the user holds the permission on the model, and on the row."""
        codename = get_permission_codename(permission, self.opts)
        held = bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))
        return held and (row is None or self.has_row_permission(request, row))

    def has_row_permission(self, request: HttpRequest, row: Any) -> bool:
        """Return whether the user's permissions on the model reach this row."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._reaches(request, obj)

    def _reaches(self, request: HttpRequest, row: Any) -> bool:
        return row is None or self.has_row_permission(request, row)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = list_actions(self.opts.label_lower)
        own = super().get_actions(request)
        own.pop("delete_selected", None)  # rows are deleted each on its page, or by a bulk job
        return own | {
            action.name: (_acting(action), action.name, action.label)
            for action in offered
            if request.user.has_perms(action.permissions)
        }

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        row = self.get_object(request, unquote(str(object_id)))
        return [
            offer
            for offer in super().get_actions_detail(request, object_id)
            if row is not None and self._is_offered(request, row, offer.method.button)
        ]

    def _is_offered(self, request: HttpRequest, row: Model, pressed: Button) -> bool:
        return self.may(request, pressed.permission, row) and pressed.offered(row)

    def button_page(self, request: HttpRequest, object_id: str, pressed: Button) -> HttpResponse:
        """Say what will happen; on POST let it happen, or say why not."""
        if not self.may(request, pressed.permission):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may(request, pressed.permission, row):
            raise PermissionDenied
        answers = request.POST if request.method == "POST" else None
        form = pressed.form(answers, initial=pressed.initial(row))
        if request.method == "POST":
            return self._answer(request, row, pressed, form)
        if not pressed.offered(row):
            messages.warning(request, _("This is no longer possible: the state has changed."))
            return self._back_to(row)
        return self._confirmation(request, row, pressed, form)

    def _answer(
        self, request: HttpRequest, row: Model, pressed: Button, form: forms.Form
    ) -> HttpResponse:
        """Carry out what was agreed to; where the page says something else by now, ask again."""
        agreed = agreement_in(
            request.POST, lambda: pressed.facts(self, self.get_object(request, str(row.pk)))
        )
        try:
            if form.is_valid() and self._press(request, row, pressed, form, agreed):
                return self._back_to(row)
        except FactsChanged as refusal:
            messages.warning(request, str(refusal))
            row = self.get_object(request, str(row.pk)) or row
            return self._confirmation(request, row, pressed, form, status=409)
        return self._confirmation(request, row, pressed, form)

    def _press(
        self,
        request: HttpRequest,
        row: Model,
        pressed: Button,
        form: forms.Form,
        agreed: Agreement,
    ) -> bool:
        """Return whether there is nothing more to ask of the user. Raises FactsChanged."""
        acting.doing(pressed.label)
        try:
            success = pressed.command(self, row, agreed=agreed, **form.cleaned_data)
        except FactsChanged:
            raise
        except InvalidInput as invalid:
            form.add_error(invalid.field if invalid.field in form.fields else None, str(invalid))
            return False
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return True
        if not pressed.changes_row:
            table, pk = self.opts.db_table, row.pk
            acting.note(pressed.label, by=request.user, table=table, row_id=pk)
        self.log_change(request, row, str(pressed.label))
        messages.success(request, str(success))
        return True

    def _confirmation(
        self,
        request: HttpRequest,
        row: Model,
        pressed: Button,
        form: forms.Form,
        *,
        status: int = 200,
    ) -> HttpResponse:
        facts: Any = pressed.facts(self, row)
        context = {
            **self.admin_site.each_context(request),
            "title": pressed.label,
            "subtitle": self.describe(row),
            "opts": self.opts,
            "row": row,
            "form": form,
            "warnings": facts["said"],
            "agreed": token_of(facts),
            "is_danger": pressed.variant == ActionVariant.DANGER,
            "back_url": self.change_url(row.pk),
        }
        return TemplateResponse(request, "admin/button.html", context, status=status)

    def change_url(self, pk: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(pk)])

    def _back_to(self, row: Model) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.change_url(row.pk))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponseBase | None:
        chosen = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        if not all(pk.isdecimal() and len(pk) < 19 for pk in chosen):
            messages.error(request, _("One of the chosen rows does not exist."))
            return HttpResponseRedirect(request.get_full_path())
        name = request.POST.get("action", "")
        acting.doing(dict(self.get_action_choices(request)).get(name, name))
        return super().response_action(request, queryset)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to what the audit log knows of the row; who may not read that sees Django's log."""
        if not request.user.has_perm(AUDIT_PERMISSION):
            return super().history_view(request, object_id, extra_context)
        row = {"table": self.opts.db_table, "row_id": unquote(object_id)}
        return HttpResponseRedirect(reverse(AUDIT_LIST, query=row))


def _acting(offered: ListAction) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse]:
    def act(admin: DeskAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        if exceeds(queryset, offered.max_rows):
            messages.error(request, say_too_many(offered.max_rows or 0))
            return HttpResponseRedirect(request.get_full_path())
        try:
            return offered.act(request, queryset)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    return act


class ReadOnlyAdmin(DeskAdmin):
    """Rows that nobody edits: they change by buttons or not at all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows of another table, to be looked at on their owner's page."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
