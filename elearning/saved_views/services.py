"""Keep, list and delete views of lists."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.refusals import InvalidInput, NotFound, Refusal
from elearning.saved_views.models import MAX_NAME_LENGTH, MAX_QUERY_LENGTH, SavedView
from foundation.text.gate import clean_text

MAX_VIEWS = 50
PASSING = {"p", "e", "all"}
"""Parameters of the moment: the page, an error, all rows at once."""


class TooManyViews(Refusal):
    code = "too_many_views"

    def __init__(self) -> None:
        super().__init__(
            _("You keep %(n)s views of this list. Delete one first.") % {"n": MAX_VIEWS}
        )


@dataclass(frozen=True)
class ListedView:
    """A view as the list shows it to one reader."""

    id: int
    name: str
    query: str
    is_shared: bool
    is_own: bool
    is_chosen: bool


def lasting_query(query: str) -> str:
    """Return the query without what is only of the moment, in an order that can be compared."""
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    return urlencode(sorted(pair for pair in pairs if pair[0] not in PASSING))


def list_views(*, user_id: int, model: str, query: str) -> list[ListedView]:
    """Return the user's own views of a list and those that others share, in one query."""
    views = SavedView.objects.filter(Q(owner_id=user_id) | Q(is_shared=True), model=model)
    shown = lasting_query(query)
    return [
        ListedView(
            id=view.pk,
            name=view.name,
            query=view.query,
            is_shared=view.is_shared,
            is_own=view.owner_id == user_id,
            is_chosen=view.query == shown,
        )
        for view in views
    ]


def save_view(*, user_id: int, model: str, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep a view; one of the same name is written over. Raises InvalidInput, TooManyViews."""
    name, query = _clean_name(name), lasting_query(query)
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        message = _("Give the view a name of at most %(n)s characters.") % {"n": MAX_NAME_LENGTH}
        raise InvalidInput("name", message)
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidInput("query", _("These filters are too long to be kept. Use fewer."))
    own = SavedView.objects.filter(owner_id=user_id, model=model)
    if own.exclude(name=name).count() >= MAX_VIEWS:
        raise TooManyViews()
    view = SavedView(owner_id=user_id, model=model, name=name, query=query, is_shared=is_shared)
    SavedView.objects.bulk_create(
        [view],
        update_conflicts=True,
        unique_fields=["owner", "model", "name"],
        update_fields=["query", "is_shared"],
    )
    return view


def _clean_name(name: str) -> str:
    try:
        return " ".join(clean_text(name).split())
    except ValidationError as error:
        raise InvalidInput("name", error.messages[0]) from error


def delete_view(*, view_id: int, user_id: int) -> SavedView:
    """Delete one of the user's own views and return it. Raises NotFound, also for others'."""
    view = SavedView.objects.filter(pk=view_id, owner_id=user_id).first()
    if view is None:
        raise NotFound(_("There is no such saved view."))
    deleted = SavedView(model=view.model, name=view.name, query=view.query)
    view.delete()
    return deleted
