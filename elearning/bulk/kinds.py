"""Which actions can be done in bulk: filled at start, read ever after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.desk import Text

Facts = dict[str, Any]
AGREED = "agreed"
"""Where the facts of an item keep the token of what was agreed to for it."""


@dataclass(frozen=True)
class Outcome:
    """What came of one item, in words; ``changed`` is whether anything did."""

    message: Text
    changed: bool = True


@dataclass(frozen=True)
class BulkKind:
    """An action on one item, and what to say of it on many.

    ``run`` makes one service call and raises Refusal where that says no. ``is_done`` tells, after a
    worker died in the middle, whether the item had been carried out; ``warns`` gets the facts of
    all items and says the consequences, with counts and sums. ``run_many`` does what ``run`` does,
    on many in one transaction, or raises: then each is run by itself. ``read`` returns what of each
    item its confirmation rests on, such as the refund: starting the job agrees to all of them, and
    an item for which it no longer holds is refused. It must not depend on the language.
    ``find_reading`` returns how the file of a draft was read; ``on_start`` gets the id of the job
    in the transaction that starts it.
    """

    name: str
    label: Text
    permissions: tuple[str, ...]
    run: Callable[[Facts], Outcome]
    is_done: Callable[[Facts], bool]
    warns: Callable[[Sequence[Facts]], Sequence[Text]]
    read: Callable[[Sequence[Facts]], Sequence[Any]]
    run_many: Callable[[Sequence[Facts]], Sequence[Outcome]] | None = None
    is_danger: bool = False
    back_to: str = "admin:index"
    find_reading: Callable[[int], Any] | None = None
    on_start: Callable[[int], None] | None = None


_kinds: dict[str, BulkKind] = {}


def register(kind: BulkKind) -> BulkKind:
    _kinds[kind.name] = kind
    return kind


def kind_named(name: str) -> BulkKind:
    """Return the kind. Raises KeyError for one that is no longer offered."""
    return _kinds[name]


def may_run(user: Any, kind: BulkKind) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perms(kind.permissions))
