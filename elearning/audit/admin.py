"""The audit log at the desk: found by who, what, object and time; read before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.desk import ReadOnlyAdmin, Text
from elearning.models import AuditEntry, AuditOperation

FORMS = {"add": _("Add"), "change": _("Change"), "delete": _("Delete")}
NOTHING = "–"


class WhoFilter(admin.SimpleListFilter):
    """Those who are staff now; whoever was is found by the search."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        staff = get_user_model().objects.filter(is_staff=True).order_by("email")
        return [(str(user.pk), str(user)) for user in staff]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return queryset.filter(who_id=int(chosen)) if chosen.isdecimal() else queryset


class KindFilter(admin.SimpleListFilter):
    """Kinds of objects, in the words of the desk."""

    title = _("object")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        shown = [table for table, model in _models().items() if admin.site.is_registered(model)]
        return sorted(((table, str(_kind(table))) for table in shown), key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(table=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "who", "action", "operation", "about", "changes", "origin"]
    list_display_links = ["at"]
    list_filter = [WhoFilter, "origin", "operation", KindFilter, "at"]
    search_fields = ["who", "what", "row_id", "address", "request_id"]
    search_help_text = _("Who, what, the object's number, the address or the request number")
    ordering = ["-pk"]
    readonly_fields = ["action", "about", "together", "difference"]
    fields = [
        ("at", "who"), ("action", "operation"), ("about", "together"),
        ("origin", "address"), "request_id", "difference",
    ]  # fmt: skip

    @display(description=_("what"), ordering="what")
    def action(self, entry: AuditEntry) -> Text:
        last = entry.what.rpartition("_")[2]
        if entry.what.startswith("admin:") and last in FORMS:
            return FORMS[last]
        return gettext(entry.what) if entry.what else entry.address

    @display(description=_("object"))
    def about(self, entry: AuditEntry) -> str:
        words = f"{_kind(entry.table)} {entry.row_id}"
        model = _models().get(entry.table)
        try:
            return format_html('<a class="text-link" href="{}">{}</a>', _page(model, entry), words)
        except NoReverseMatch:
            return words

    @display(description=_("changes"))
    def changes(self, entry: AuditEntry) -> str:
        if entry.operation != AuditOperation.UPDATE:
            return NOTHING
        return ", ".join(str(_label(entry.table, name)) for name in entry.after or {})

    @display(description=_("the whole call"))
    def together(self, entry: AuditEntry) -> str:
        address = reverse("admin:elearning_auditentry_changelist", query={"call": entry.call})
        text = _("Everything that this call changed")
        return format_html('<a class="text-link" href="{}">{}</a>', address, text)

    @display(description=_("before and after"))
    def difference(self, entry: AuditEntry) -> str:
        before, after = entry.before or {}, entry.after or {}
        rows = (
            (_label(entry.table, name), _value(before, name), _value(after, name))
            for name in {**before, **after}
        )
        lines = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows)
        head = (_("field"), _("before"), _("after"))
        table = (
            '<table class="desk-difference"><tr><th>{}</th><th>{}</th><th>{}</th></tr>{}</table>'
        )
        return format_html(table, *head, lines)


def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def _kind(table: str) -> Text:
    model = _models().get(table)
    return capfirst(model._meta.verbose_name or table) if model else table


def _page(model: type[Model] | None, entry: AuditEntry) -> str:
    if model is None or not admin.site.is_registered(model):
        raise NoReverseMatch
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[entry.row_id])


def _label(table: str, column: str) -> Text:
    model = _models().get(table)
    fields = {field.column: field for field in model._meta.local_fields} if model else {}
    return capfirst(fields[column].verbose_name) if column in fields else column


def _value(values: dict[str, Any], name: str) -> str:
    if name not in values or values[name] is None:
        return NOTHING
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
