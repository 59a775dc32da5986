"""What a state machine of django-fsm allows, read from the model: the guards have to agree."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django_fsm import FSMFieldMixin

from foundation.guards.operations import StateGuard


def list_machines() -> Iterator[tuple[type[models.Model], FSMFieldMixin]]:
    """Yield every model that has a state field, with the field."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FSMFieldMixin):
                yield model, field


def guard_of(model: type[models.Model], field: FSMFieldMixin) -> StateGuard:
    """Return the guard that holds the machine: its default and ``BEGINS_AS``, its transitions."""
    steps = {(str(step.source), str(step.target)) for step in field.get_all_transitions(model)}
    return StateGuard(
        table=model._meta.db_table,
        column=str(field.column),
        begins_as=tuple(sorted({str(field.get_default()), *getattr(model, "BEGINS_AS", ())})),
        transitions=tuple(sorted((was, becomes) for was, becomes in steps if was != becomes)),
    )
