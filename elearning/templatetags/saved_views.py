"""The saved views above a list, which no context knows of."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from elearning.saved_views.services import lasting_query, list_views
from foundation.desk.lists import COLUMNS_PARAMETER

register = template.Library()


@register.inclusion_tag("admin/saved_views/bar.html", takes_context=True)
def saved_views(context: Context, change_list: Any) -> dict[str, Any]:
    """``{% saved_views cl %}``: one query."""
    request = context["request"]
    query = lasting_query(request.GET.urlencode())
    model = change_list.opts.label_lower
    views = list_views(user_id=request.user.pk, model=model, query=query)
    address = reverse("desk_export_list", args=model.split("."))
    return {
        "export_url": f"{address}?{query}" if query else address,
        "views": views,
        "chosen": next((view for view in views if view.is_chosen and view.is_own), None),
        "query": query,
        "model": model,
        "list_url": request.path,
        "columns": _columns(request, change_list),
        "filters": [pair for pair in parse_qsl(query) if pair[0] != COLUMNS_PARAMETER],
    }


def _columns(request: HttpRequest, change_list: Any) -> list[tuple[str, bool]]:
    """Return the columns of the list's file, and whether each was chosen."""
    from elearning.list_export import column_names  # the desk renders templates as it is loaded

    names = column_names(change_list.model_admin, request)
    chosen = set(request.GET.getlist(COLUMNS_PARAMETER)) & set(names)
    return [(name, name in chosen or not chosen) for name in names]
