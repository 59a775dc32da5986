"""The translation catalogues in locale/, kept without gettext's tools.

Extracts what is translatable in our Python and templates, merges it into the catalogues without
ever guessing a translation, compiles them, and says what is wrong with them.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = ("apps", "elearning", "foundation", "templates")
TEMPLATE_SUFFIXES = {".html", ".txt"}
THIRD_PARTY = "third_party.pot"  # by hand: strings of packages that have no Korean of their own
SOURCE_LANGUAGE = "en"  # its catalogue stays empty: an untranslated string shows its English msgid
KEYWORDS: dict[str, Any] = {
    "_": None,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(  # not "% d" with a space, which is what "100% done" looks like
    r"%(?:\(\w+\))?[#0+-]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|(?<!{){\w*}(?!})"
)
DROPPED_HEADERS = ("POT-Creation", "PO-Revision", "Generated-By", "Last-", "Report-", "Language-T")
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a compiled catalogue changes with its messages only

Key = tuple[str | None, str]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that keeps a catalogue from being complete."""

    language: str
    what: str
    msgid: str
    where: str

    def __str__(self) -> str:
        return f"{self.language}: {self.what}: {self.msgid!r} ({self.where})"


def extract_messages(root: Path) -> Catalog:
    """Return everything translatable under ``root``, in the order of the files."""
    catalog = Catalog()
    for path in _source_files(root):
        for line, message, comments, context in _extract_file(path):
            place = (str(path.relative_to(root)), line)
            catalog.add(message, locations=[place], auto_comments=comments, context=context)
    third_party = root / "locale" / THIRD_PARTY
    for message in _messages(_read(third_party, None)) if third_party.exists() else ():
        catalog.add(message.id, locations=[(THIRD_PARTY, 1)], context=message.context)
    return catalog


def update(root: Path, language: str) -> int:
    """Rewrite and compile the catalogue of ``language``, keeping the translations it has."""
    file = _catalogue_file(root, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    known = _by_key(_read(file, language))
    catalog = Catalog(locale=language, project="elearning", version="1", fuzzy=False)
    catalog.header_comment = "# Kept by `make messages`: only the translations are by hand."
    for message in _messages(extract_messages(root)):
        kept = known.get(_key(message))
        if kept is not None and kept.pluralizable == message.pluralizable:
            message.string, message.user_comments = kept.string, kept.user_comments
            message.flags |= kept.flags
        catalog[message.id] = message
    _write(file, catalog)
    file.with_suffix(".mo").write_bytes(_compiled(_read(file, language)))
    return len(catalog)


def find_problems(root: Path, language: str) -> list[Problem]:
    """Return all that is missing, left over, untranslated, fuzzy, wrong or not compiled."""
    file = _catalogue_file(root, language)
    wanted = _by_key(extract_messages(root))
    catalog = _read(file, language)
    present = _by_key(catalog)
    found = [("missing", wanted[key]) for key in wanted if key not in present]
    found += [("left over", present[key]) for key in present if key not in wanted]
    for message in present.values():
        found += [(what, message) for what in _faults(message, language)]
    problems = [_problem(language, what, message) for what, message in found]
    compiled = file.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != _compiled(catalog):
        problems.append(
            Problem(language=language, what="not compiled", msgid="", where=compiled.name)
        )
    return problems


def _source_files(root: Path) -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".py" or path.suffix in TEMPLATE_SUFFIXES:
                yield path


def _extract_file(path: Path) -> Iterable[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix in TEMPLATE_SUFFIXES:
        as_python = templatize(text, origin=str(path))
        text = "\n".join(line.lstrip() for line in as_python.split("\n"))  # no Python's indentation
    source = io.BytesIO(text.encode())
    return extract("python", source, KEYWORDS, ("Translators:",), strip_comment_tags=True)


def _faults(message: Message, language: str) -> Iterator[str]:
    strings = _forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not all(strings):
        if language != SOURCE_LANGUAGE or any(strings):
            yield "untranslated"
    elif not _placeholders_match(_forms(message.id), strings):
        yield "other placeholders than its msgid"


def _placeholders_match(ids: tuple[str, ...], strings: tuple[str, ...]) -> bool:
    """Return whether the forms have the placeholders of their msgid; the last form is for many."""
    *special, general = [sorted(PLACEHOLDER.findall(string)) for string in strings]
    known = {placeholder for text in ids for placeholder in PLACEHOLDER.findall(text)}
    return general == sorted(PLACEHOLDER.findall(ids[-1])) and all(
        known.issuperset(placeholders) for placeholders in special
    )


def _compiled(catalog: Catalog) -> bytes:
    """Return the .mo file: without what is untranslated, which would show as an empty string."""
    complete = Catalog(locale=catalog.locale, creation_date=SOME_DAY, revision_date=SOME_DAY)
    for message in _messages(catalog):
        if all(_forms(message.string)) and not message.fuzzy:
            complete.add(message.id, string=message.string, context=message.context)
    buffer = io.BytesIO()
    write_mo(buffer, complete)
    return buffer.getvalue()


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _read(path: Path, language: str | None) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(file: Path, catalog: Catalog) -> None:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, sort_by_file=True, include_lineno=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    dropped = tuple(f'"{header}' for header in DROPPED_HEADERS)
    lasting = [line for line in lines if not line.startswith(dropped)]
    file.write_text("".join(lasting), encoding="utf-8")


def _catalogue_file(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _by_key(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in _messages(catalog)}


def _key(message: Message) -> Key:
    return message.context, _forms(message.id)[0]


def _problem(language: str, what: str, message: Message) -> Problem:
    where = ", ".join(sorted({str(place) for place, _ in message.locations})) or "django.po"
    return Problem(language=language, what=what, msgid=_key(message)[1], where=where)
