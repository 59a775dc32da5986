"""Bring the texts that were stored before there was a gate into the form that it gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from foundation.text.gate import INVISIBLE, JOINERS, REORDERING, purify

_DOUBTFUL = "[{}]".format(
    "\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029" + "".join(sorted(INVISIBLE | JOINERS | REORDERING))
)


@dataclass(frozen=True)
class Column:
    """A column of text; ``stand_in`` is SQL for what replaces a text of which nothing is visible.

    Within ``unique_with`` its values are unique; one that two rows would share gets a number.
    """

    table: str
    name: str
    max_length: int | None = None
    stand_in: str = "''"
    unique_with: tuple[str, ...] | None = None
    multiline: bool = False


def purify_column(cursor: Any, column: Column) -> dict[int, tuple[str, str]]:
    """Update the rows whose text changes; return by row id what it was and is."""
    changed = {}
    for row_id, text, stand_in, *group in _doubtful_rows(cursor, column):
        pure = purify(text, multiline=column.multiline)[: column.max_length] or stand_in
        if pure == text:
            continue
        if column.unique_with is not None:
            pure = _free(cursor, column, pure, group)
        cursor.execute(
            f'UPDATE "{column.table}" SET "{column.name}" = %s WHERE id = %s',  # noqa: S608  # nosec B608
            [pure, row_id],
        )
        changed[row_id] = (text, pure)
    return changed


def _doubtful_rows(cursor: Any, column: Column) -> Iterator[tuple[Any, ...]]:
    doubtful = _DOUBTFUL if column.multiline else f"{_DOUBTFUL}|[\n\t]"
    names = ", ".join(f'"{name}"' for name in column.unique_with or ())
    cursor.execute(
        f'SELECT id, "{column.name}", {column.stand_in}{names and ", " + names}'  # noqa: S608  # nosec B608
        f' FROM "{column.table}" WHERE "{column.name}" <> \'\''
        f' AND ("{column.name}" IS NOT NFC NORMALIZED OR "{column.name}" ~ %s) ORDER BY id',
        [doubtful],
    )
    yield from cursor.fetchall()


def _free(cursor: Any, column: Column, wanted: str, group: list[Any]) -> str:
    """Return the text, or with the first number behind it that makes it unique."""
    same = " AND ".join(f'"{name}" = %s' for name in column.unique_with or ())
    for number in range(1, 10_000):
        tail = "" if number == 1 else f"-{number}"
        length = column.max_length - len(tail) if column.max_length else None
        text = wanted[:length] + tail
        cursor.execute(
            f'SELECT 1 FROM "{column.table}" WHERE "{column.name}" = %s'  # noqa: S608  # nosec B608
            f"{same and ' AND ' + same}",
            [text, *group],
        )
        if cursor.fetchone() is None:
            return text
    raise RuntimeError(f"No free value near {wanted!r} in {column.table}.{column.name}")
