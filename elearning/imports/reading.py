"""A CSV file as rows, whatever spreadsheet wrote it; or why it cannot be read, and what to do.

Of which encodings, ``decoding`` says; comma, semicolon and tab.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.refusals import InvalidInput
from elearning.imports.decoding import FIELD, decode, recognize
from elearning.spreadsheet import original_cell
from foundation.text.gate import clean_exact, clean_text

DELIMITERS = ",;\t"
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": ("email", "student", "e-mail", "e-mail address", "이메일", "이메일 주소"),
    "name": ("name", "이름", "성명"),
    "latin_name": (
        "name in latin letters",
        "latin_name",
        "latin name",
        "영문 이름",
        "영문이름",
        "영문 성명",
        "영문명",
    ),
    "language": ("language", "언어"),
    "course": ("course", "과정", "과정 주소"),
    "transfer_reference": ("transfer reference", "transfer_reference", "입금 참조", "이체 참조"),
    "status": ("status", "상태"),
}
"""By what a column is called in the code, what it may be called in a file."""
REQUIRED = ("email",)
LEFT_OUT = frozenset(
    "currency date_joined id is_active is_staff object price_minor progress_percent requested_at"
    " last_login enrollment_id joined_at offered_until".split()
)
"""Columns of our own exports that say nothing to the import."""
EXACT = ("email",)
"""Of an address no character is left out."""
SAMPLE_CELLS = 30


@dataclass(frozen=True)
class FileRow:
    """One record of the file; ``number`` is its row in the spreadsheet, the heading being 1."""

    number: int
    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    """By column, why its text cannot be taken."""


def read_rows(content: bytes, encoding: str = "") -> list[FileRow]:
    """Return the records that hold anything. Raises InvalidInput that says what to do.

    Without an ``encoding``, the likeliest is taken.
    """
    records = list(_parse(decode(content, encoding or recognize(content)[0])))
    if not records:
        raise InvalidInput(FIELD, _("The file is empty. Fill in the template and try again."))
    columns = _columns(records[0])
    rows = [
        _row(columns, record, number)
        for number, record in enumerate(records[1:], start=2)
        if any(cell.strip() for cell in record)
    ]
    if not rows:
        raise InvalidInput(FIELD, _("The file has a heading but no rows below it."))
    return rows


def _parse(text: str) -> Iterator[list[str]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        message = _("Line %(line)s cannot be read: a quotation mark is open, or stands alone.")
        raise InvalidInput(FIELD, message % {"line": reader.line_num}) from error


def _columns(heading: list[str]) -> list[str]:
    """Return the columns in the order of the file. Raises InvalidInput naming the culprit."""
    known = {name: column for column, names in COLUMNS.items() for name in names}
    titles = [" ".join(title.split()).casefold() for title in heading]
    while titles and not titles[-1]:
        titles.pop()
    unknown = [title for title in titles if title not in known and title not in LEFT_OUT]
    if unknown:
        message = _("There is no column “%(title)s”. The columns are: %(known)s.") % {
            "title": unknown[0][:60],
            "known": ", ".join(names[0] for names in COLUMNS.values()),
        }
        raise InvalidInput(FIELD, message)
    columns = [known.get(title, "") for title in titles]
    for column in filter(None, columns):
        if columns.count(column) > 1:
            message = _("The column “%(title)s” is there twice. Leave one of them.")
            raise InvalidInput(FIELD, message % {"title": column})
    for column in REQUIRED:
        if column not in columns:
            message = _("The column “%(title)s” is missing. Take the headings of the template.")
            raise InvalidInput(FIELD, message % {"title": column})
    return columns


def _row(columns: list[str], record: list[str], number: int) -> FileRow:
    if any(cell.strip() for cell in record[len(columns) :]):
        message = _("Row %(row)s has more cells than the heading. Quote cells that hold a comma.")
        raise InvalidInput(FIELD, message % {"row": number})
    values: dict[str, str] = dict.fromkeys(filter(None, columns), "")
    problems: dict[str, str] = {}
    for column, cell in zip(columns, record, strict=False):
        if not column:
            continue
        text = " ".join(original_cell(cell).split())
        try:
            values[column] = clean_exact(text) if column in EXACT else clean_text(text)
        except ValidationError as error:
            values[column], problems[column] = text, error.messages[0]
    return FileRow(number=number, values=values, problems=problems)


def sample(content: bytes, encoding: str, *, rows: int = 5) -> list[list[str]]:
    """Return the heading and the first records, as they read in this encoding."""
    records = islice(_parse(decode(content, encoding)), rows + 1)
    return [record[:SAMPLE_CELLS] for record in records]
