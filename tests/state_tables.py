"""Walk a state machine's whole table: every state × every transition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import models
from django_fsm import FSMFieldMixin, TransitionNotAllowed


def attempt(row: models.Model, transition: str, arguments: dict[str, Any]) -> str | None:
    """Return the state that the transition leads to, or None where it is illegal."""
    try:
        getattr(row, transition)(**arguments)
    except TransitionNotAllowed:
        return None
    return str(row.status)


def table(
    model: type[models.Model],
    states: Iterable[str],
    transitions: dict[str, dict[str, Any]],
    make: Callable[[str], models.Model],
) -> dict[tuple[str, str], str | None]:
    """Return the target of every state and transition; all transitions must be named."""
    field = model._meta.get_field("status")
    assert isinstance(field, FSMFieldMixin)
    declared = {found.name for found in field.get_all_transitions(model)}
    assert declared == set(transitions), "the table names every transition of the model"
    return {
        (state, name): attempt(make(state), name, arguments)
        for state in states
        for name, arguments in transitions.items()
    }


def assert_protected(row: models.Model, value: str) -> None:
    """The state cannot be set by assignment."""
    with pytest.raises(AttributeError, match="Direct status modification"):
        row.status = value  # type: ignore[attr-defined]
