"""Every list of the desk as CSV: the rows that its filters leave, in the order of the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps import acting
from apps.desk import DeskAdmin
from elearning.desk_lists import list_address, open_list
from elearning.spreadsheet import csv_response
from foundation.desk.lists import COLUMNS_PARAMETER
from foundation.limits.jobs import one_at_a_time

BATCH_ROWS = 500
ORDER = "admin_order_field"


@dataclass(frozen=True)
class Column:
    """One column: its name is the same in every language, its values are data."""

    name: str
    read: Callable[[Any], Any]


@require_safe
@one_at_a_time("export")
def export_list(request: HttpRequest, app_label: str, model_name: str) -> HttpResponseBase:
    """Send the list as CSV while it is read, in batches, however long it is.

    Raises Http404, or PermissionDenied for a list that is closed to the reader.
    """
    listed = open_list(request, f"{app_label}.{model_name}")
    if not isinstance(listed, DeskAdmin):
        raise Http404
    try:
        rows = listed.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:  # the list itself says so
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{list_address(listed)}?{query}")
    columns = _columns(listed, request)
    acting.note(
        gettext_lazy("Export of a list"),
        by=request.user,
        table=listed.opts.db_table,
        filters=request.GET.urlencode(),
    )
    return csv_response(
        f"{model_name}-{timezone.localdate():%Y-%m-%d}.csv",
        header=[column.name for column in columns],
        rows=_read(rows, listed, columns),
    )


def _read(rows: QuerySet[Any], listed: DeskAdmin, columns: list[Column]) -> Iterator[list[Any]]:
    """Yield the rows in the words of whoever asked: they are read when the view has answered."""
    language = translation.get_language() or ""
    found = rows.iterator(BATCH_ROWS)
    while batch := list(islice(found, BATCH_ROWS)):
        with translation.override(language), timezone.override(None):
            listed.read_more(batch)
            lines = [[column.read(row) for column in columns] for row in batch]
        yield from lines


def column_names(listed: DeskAdmin, request: HttpRequest) -> list[str]:
    """Return the names of all columns that the list's file may have, in their order."""
    return [column.name for column in _all_columns(listed, request)]


def _columns(listed: DeskAdmin, request: HttpRequest) -> list[Column]:
    """Return the columns that were chosen, all of them where none was."""
    chosen = set(request.GET.getlist(COLUMNS_PARAMETER))
    columns = _all_columns(listed, request)
    return [column for column in columns if column.name in chosen] or columns


def _all_columns(listed: DeskAdmin, request: HttpRequest) -> list[Column]:
    columns = {"id": Column("id", lambda row: row.pk)}
    for name in [*listed.get_list_display(request), *listed.export_also]:
        if name != "action_checkbox":
            columns |= {column.name: column for column in _columns_of(name, listed)}
    return list(columns.values())


def _columns_of(name: Any, listed: DeskAdmin) -> list[Column]:
    """Return the column of the list as data under a name that stays: a field behind it, if any."""
    method = getattr(listed, name, None) if isinstance(name, str) else name
    field = _own_field(listed, name) or _own_field(listed, getattr(method, ORDER, None))
    if field is None:
        plain = name if isinstance(name, str) else name.__name__
        title = {"__str__": "object"}.get(plain, plain)
        return [Column(title, lambda row: _shown(name, row, listed))]
    if field.is_relation:
        return [_reference(field, listed)]
    columns = [Column(field.name, lambda row: _value(getattr(row, field.name)))]
    if field.name.endswith("_minor"):
        columns.append(Column("currency", lambda row: row.currency))
    return columns


def _own_field(listed: DeskAdmin, name: Any) -> Any:
    try:
        return listed.opts.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return None


def _reference(field: Any, listed: DeskAdmin) -> Column:
    """Return what the related row is known by elsewhere, its number where it is not read along."""
    read_along = listed.list_select_related
    known_by = [key for key in ("email", "slug") if _has(field.related_model, key)]
    if not known_by or isinstance(read_along, bool) or field.name not in read_along:
        return Column(field.attname, lambda row: getattr(row, field.attname))
    return Column(field.name, lambda row: getattr(getattr(row, field.name), known_by[0], ""))


def _has(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _shown(name: Any, row: Any, listed: DeskAdmin) -> str:
    """Return what the list shows; only what is HTML has its tags taken off: ``<Kim>`` is text."""
    _field, _attribute, value = lookup_field(name, row, listed)
    text = str("" if value is None else value)
    return " ".join((unescape(strip_tags(text)) if hasattr(value, "__html__") else text).split())
