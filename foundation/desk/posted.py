"""Change what a form has posted before it is read: a value of a field, a row of a formset."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict


def replace(data: QueryDict, name: str, values: Iterable[tuple[str, str]]) -> None:
    """Let the field hold these values, whatever was posted for it and the parts of its widget."""
    for key in [key for key in data if key == name or re.fullmatch(rf"{re.escape(name)}_\d", key)]:
        del data[key]
    for key, value in values:
        data.appendlist(key, value)


def take_out(data: QueryDict, files: Any, prefix: str, row: int, *, keep_as_new: bool) -> None:
    """Take a stored row out of a formset, or make it a new one; the others keep their order."""
    initial = int(str(data[f"{prefix}-{INITIAL_FORM_COUNT}"]))
    total = int(str(data[f"{prefix}-{TOTAL_FORM_COUNT}"]))
    order = [number for number in range(total) if number != row]
    if keep_as_new:
        order.append(row)
        data[f"{prefix}-{row}-id"] = ""
    places = {old: new for new, old in enumerate(order)}
    for held in (data, files):
        moved = {}
        for key in [key for key in held if re.fullmatch(rf"{re.escape(prefix)}-\d+-.+", key)]:
            number, field = key[len(prefix) + 1 :].split("-", 1)
            values = held.pop(key)
            if int(number) in places:
                moved[f"{prefix}-{places[int(number)]}-{field}"] = values
        for key, values in moved.items():
            held.setlist(key, values)
    data[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(initial - 1)
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(order))
