"""What an action on the rows of a list consists of, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from apps.desk import Text
from elearning.bulk.kinds import BulkKind, Facts


@dataclass(frozen=True)
class Listed:
    """A kind that is offered in the list of a model; ``describe`` names a row of it."""

    kind: BulkKind
    model: str
    describe: Callable[[Any], str]


def ids_of(items: Sequence[Facts]) -> list[int]:
    return [facts["id"] for facts in items]


def left_alone(count: int) -> list[Text]:
    """Say how many of the chosen rows the action does not fit."""
    if not count:
        return []
    text = ngettext(
        "%(n)s chosen row does not allow it: it is listed as refused, and nothing changes in it.",
        "%(n)s chosen rows do not allow it: they are listed as refused, and nothing changes in"
        " them.",
        count,
    )
    return [text % {"n": f"{count:,}"}]
