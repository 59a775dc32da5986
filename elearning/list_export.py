"""Every list of the desk as CSV: the rows that its filters leave, in the order of the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps import acting
from apps.desk import DeskAdmin
from apps.money import major_amount
from apps.zones import zone_name
from elearning.desk_lists import list_address, open_list
from elearning.spreadsheet import csv_response

BATCH_ROWS = 500


@dataclass(frozen=True)
class Column:
    title: str
    read: Callable[[Any], Any]


@require_safe
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
        header=[column.title for column in columns],
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


def _columns(listed: DeskAdmin, request: HttpRequest) -> list[Column]:
    names = [*listed.get_list_display(request), *listed.export_also]
    columns = [Column("ID", lambda row: row.pk)]
    for name in names:
        if name != "action_checkbox":
            columns += _columns_of(name, listed)
    return columns


def _columns_of(name: Any, listed: DeskAdmin) -> list[Column]:
    """Return the column of the list, as what can be reckoned with: numbers, currencies, times."""
    title = str(label_for_field(name, listed.model, listed))
    method = getattr(listed, name, None) if isinstance(name, str) else name
    field = _own_field(listed, name) or _number_behind(listed, method)
    if field is None:
        return [Column(capfirst(title), lambda row: _shown(name, row, listed))]
    if field.name.endswith("_minor"):
        return [
            Column(capfirst(title), lambda row: _amount(row, field)),
            Column(_("Currency"), lambda row: row.currency),
        ]
    if field.get_internal_type() == "DateTimeField":
        title = f"{title} ({zone_name(timezone.localtime(timezone=None))})"
    return [Column(capfirst(title), lambda row: _value(row, field))]


def _own_field(listed: DeskAdmin, name: Any) -> Field[Any, Any] | None:
    try:
        return listed.opts.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return None


def _number_behind(listed: DeskAdmin, method: Any) -> Field[Any, Any] | None:
    """Return the number by which a column of words is sorted: ₩50,000 is sorted by one."""
    field = _own_field(listed, getattr(method, "admin_order_field", None))
    return field if field is not None and "Integer" in field.get_internal_type() else None


def _amount(row: Any, field: Field[Any, Any]) -> Any:
    return major_amount(getattr(row, field.name), row.currency)


def _value(row: Any, field: Field[Any, Any]) -> Any:
    value = getattr(row, field.name)
    if field.choices:
        return getattr(row, f"get_{field.name}_display")()
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _shown(name: Any, row: Any, listed: DeskAdmin) -> str:
    _field, _attribute, value = lookup_field(name, row, listed)
    return " ".join(strip_tags(str("" if value is None else value)).split())
