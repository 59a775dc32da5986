"""Read rows as the frozen dataclasses in which a context says what it holds on a student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import QuerySet

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Kind = TypeVar("Kind", bound="DataclassInstance")
Row = dict[str, Any]


def read_as(
    kind: type[Kind], rows: QuerySet[Any], **more: Callable[[Row], Any]
) -> tuple[Kind, ...]:
    """Return the rows in one query: each column by the field of its name, ``more`` of the row."""
    names = [field.name for field in fields(kind) if field.name not in more]
    return tuple(
        kind(**row, **{name: find(row) for name, find in more.items()})
        for row in rows.values(*names)
    )


def read_by(owner: str, kind: type[Kind], rows: QuerySet[Any]) -> Callable[[Row], tuple[Kind, ...]]:
    """Read rows that belong to others by the column ``owner``; find them by the owner's ``id``."""
    found: dict[Any, list[Kind]] = {}
    names = [field.name for field in fields(kind)]
    for row in rows.order_by("pk").values(owner, *names):
        found.setdefault(row.pop(owner), []).append(kind(**row))
    return lambda row: tuple(found.get(row["id"], ()))
