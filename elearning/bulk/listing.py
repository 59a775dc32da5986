"""What an action on the rows of a list consists of, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from apps.desk import Text
from apps.refusals import FactsChanged
from elearning.bulk.kinds import AGREED, BulkKind, Facts, Outcome
from foundation.agreement import Agreement


@dataclass(frozen=True)
class Listed:
    """A kind that is offered in the list of a model; ``describe`` names a row of it."""

    kind: BulkKind
    model: str
    describe: Callable[[Any], str]


def in_list_of(
    model: str,
    *,
    name: str,
    label: Text,
    run: Callable[[Facts], Outcome],
    is_done: Callable[[Facts], bool],
    warns: Callable[[Sequence[Facts]], Sequence[Text]],
    read: Callable[[Sequence[Facts]], Sequence[Any]],
    permission: str = "change",
    is_danger: bool = False,
    describe: Callable[[Any], str] = str,
) -> Listed:
    """Return the action in the list of a model, such as ``courses.course``, to which it leads back.

    ``permission`` is Django's, on the model.
    """
    app_label, model_name = model.split(".")
    kind = BulkKind(
        name=name,
        label=label,
        permissions=(f"{app_label}.{permission}_{model_name}",),
        run=run,
        is_done=is_done,
        warns=warns,
        read=read,
        is_danger=is_danger,
        back_to=f"admin:{app_label}_{model_name}_changelist",
    )
    return Listed(kind, model, describe)


def by(
    command: Callable[..., Any],
    row: str,
    message: Text,
    *,
    read: Callable[[Sequence[Facts]], Sequence[Any]],
) -> Callable[[Facts], Outcome]:
    """Return what makes one service call, with the row's id as its argument ``row``."""

    def run(facts: Facts) -> Outcome:
        command(**{row: facts["id"]}, agreed=agreed_for(facts, read))
        return Outcome(message)

    return run


def agreed_for(facts: Facts, read: Callable[[Sequence[Facts]], Sequence[Any]]) -> Agreement:
    """Hold the service to what was agreed to for this item when the job was started."""
    return Agreement((facts.get(AGREED, ""),), lambda: read([facts])[0], FactsChanged)


def counted(text: str, count: int) -> str:
    """Put the number into a sentence that ``ngettext`` has chosen for it."""
    return text % {"n": f"{count:,}"}


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
    return [counted(text, count)]
