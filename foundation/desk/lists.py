"""Lists of the desk: rows read at once, found by their numbers, acted on in bounded numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from unfold.views import ChangeList

from foundation.text.search import matches_any, search_phrases

MAX_DIGITS = 18
COLUMNS_PARAMETER = "columns"
"""Chooses the columns of the list's CSV file; kept with a saved view, no filter."""


@dataclass(frozen=True)
class ListAction:
    """An action on many rows of a list, offered to users who hold all its permissions.

    More than ``max_rows`` are refused before anything is done with them; the list says so.
    """

    name: str
    label: str | Promise
    permissions: tuple[str, ...]
    act: Callable[[HttpRequest, QuerySet[Any]], HttpResponse]
    max_rows: int | None = None


_list_actions: dict[str, list[ListAction]] = {}


def offer_in_list(model: str, offered: ListAction) -> None:
    """Offer the action in the list of a model, such as ``courses.course``. Called at start."""
    _list_actions.setdefault(model, []).append(offered)


def list_actions(model: str) -> list[ListAction]:
    return _list_actions.get(model, [])


class DeskList(ChangeList):
    """A page of a list, whose admin reads at once what the columns of its rows need."""

    result_list: Any

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        filters = super().get_filters_params(params)
        filters.pop(COLUMNS_PARAMETER, None)
        return filters

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.read_more(self.result_list)

    @property
    def too_many_rows(self) -> str:
        """Return, in words, that no action takes all rows of the list; empty where one does."""
        limits = [action.max_rows for action in list_actions(self.opts.label_lower)]
        if not limits or None in limits:
            return ""
        limit = max(limit or 0 for limit in limits)
        return say_too_many(limit) if self.result_count > limit else ""


def exceeds(rows: QuerySet[Any], limit: int | None) -> bool:
    """Return whether there are more rows than that; counts no further than to the limit."""
    return limit is not None and rows.order_by()[: limit + 1].count() > limit


def say_too_many(limit: int) -> str:
    text = _(
        "An action takes at most %(limit)s rows at once. Filter the list, by state or date for"
        " example, and do it in parts."
    )
    return text % {"limit": f"{limit:,}"}


def find_rows(
    rows: QuerySet[Any], term: str, paths: Sequence[str], numbers: tuple[str, ...]
) -> QuerySet[Any]:
    """Return the rows that hold each word, or phrase in quotation marks, however it is typed
    (decision 0026), and those of that number."""
    if not paths:
        return rows
    found = rows
    for word in search_phrases(term):
        found = found.filter(matches_any(rows.model, paths, word))
    return _find_by_number(rows, found, term, numbers)


def _find_by_number(
    rows: QuerySet[Any], found: QuerySet[Any], term: str, fields: tuple[str, ...]
) -> QuerySet[Any]:
    """Add to what a search has found the rows of that number: ``124``, ``#124``, ``1,240``."""
    digits = term.strip().removeprefix("#").replace(",", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS):
        return found
    numbered = Q(pk__in=found.order_by().values("pk"))
    for field in fields:
        numbered |= Q(**{field: int(digits)})
    return rows.filter(numbered)
