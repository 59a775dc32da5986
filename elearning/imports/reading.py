"""A CSV file as rows, whatever spreadsheet wrote it; or why it cannot be read, and what to do.

UTF-8 with and without a byte order mark, UTF-16 and CP949 (Korean Excel); comma, semicolon and tab.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.refusals import InvalidInput

MAX_BYTES = 5 * 1024 * 1024
DELIMITERS = ",;\t"
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "e-mail address", "이메일", "이메일 주소"),
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
}
"""By what a column is called in the code, what it may be called in a file."""
REQUIRED = ("email",)
FIELD = "file"


@dataclass(frozen=True)
class FileRow:
    """One record of the file; ``number`` is its row in the spreadsheet, the heading being 1."""

    number: int
    values: dict[str, str]


def read_rows(content: bytes) -> list[FileRow]:
    """Return the records that hold anything. Raises InvalidInput that says what to do."""
    records = _parse(_decode(content))
    if not records:
        raise InvalidInput(FIELD, _("The file is empty. Fill in the template and try again."))
    columns = _columns(records[0])
    rows = [
        FileRow(number=number, values=_values(columns, record, number))
        for number, record in enumerate(records[1:], start=2)
        if any(cell.strip() for cell in record)
    ]
    if not rows:
        raise InvalidInput(FIELD, _("The file has a heading but no rows below it."))
    return rows


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        message = _("Choose a file of at most %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2}
        raise InvalidInput(FIELD, message)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "cp949"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    message = _("This is no text file in UTF-8 or CP949. Save it as “CSV UTF-8” and try again.")
    raise InvalidInput(FIELD, message)


def _parse(text: str) -> list[list[str]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        message = _("Line %(line)s cannot be read: a quotation mark is open, or stands alone.")
        raise InvalidInput(FIELD, message % {"line": reader.line_num}) from error


def _columns(heading: list[str]) -> list[str]:
    """Return the columns in the order of the file. Raises InvalidInput naming the culprit."""
    known = {name: column for column, names in COLUMNS.items() for name in names}
    titles = [" ".join(title.split()).casefold() for title in heading]
    while titles and not titles[-1]:
        titles.pop()
    unknown = [title for title in titles if title not in known]
    if unknown:
        message = _("There is no column “%(title)s”. The columns are: %(known)s.") % {
            "title": unknown[0][:60],
            "known": ", ".join(names[0] for names in COLUMNS.values()),
        }
        raise InvalidInput(FIELD, message)
    columns = [known[title] for title in titles]
    for column in columns:
        if columns.count(column) > 1:
            message = _("The column “%(title)s” is there twice. Leave one of them.")
            raise InvalidInput(FIELD, message % {"title": column})
    for column in REQUIRED:
        if column not in columns:
            message = _("The column “%(title)s” is missing. Take the headings of the template.")
            raise InvalidInput(FIELD, message % {"title": column})
    return columns


def _values(columns: list[str], record: list[str], number: int) -> dict[str, str]:
    if any(cell.strip() for cell in record[len(columns) :]):
        message = _("Row %(row)s has more cells than the heading. Quote cells that hold a comma.")
        raise InvalidInput(FIELD, message % {"row": number})
    cells = [" ".join(cell.split()) for cell in record]
    return dict(zip(columns, [*cells, *[""] * len(columns)], strict=False))
