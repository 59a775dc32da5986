"""The gate that text from people comes in through."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u2800\u3164"
    "\ufeff\uffa0\U0001d159"
)
"""Fillers and zero-width characters: nobody sees them, so nobody misses them."""
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text read differently from how it is stored (UTS 39, CVE-2021-42574)."""
JOINERS = frozenset("\u200c\u200d")
_DOUBTFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\uffff"
    + "".join(sorted(INVISIBLE | REORDERING | JOINERS))
    + "]"
)
"""Only these are looked at one by one: texts may be long."""
_LINE_BREAKS = dict.fromkeys(map(ord, "\r\v\f\x85\u2028\u2029"), "\n")
_BLANKS = dict.fromkeys(map(ord, "\n\t"), " ")
_FILLER_JAMO = "\u115f\u1160"
_NO_JOINING = ("LATIN", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "DIGIT", "GREEK", "CYRILLIC")
_SHOWN_CHARACTERS = 20


def compose(text: str) -> str:
    """Return the text in Unicode's composed form (NFC), as keyboards and search expect it."""
    return unicodedata.normalize("NFC", text)


def clean_text(text: str, *, multiline: bool = False) -> str:
    """Return the text as it is stored: composed, and without what nobody can see.

    A line break stays in ``multiline`` text and is a space elsewhere. Joiners stay where they
    change how letters or emoji look. Empty when nothing of it would be visible. Raises
    ValidationError (``unfit_text``) for control characters and for those that reorder a text.
    """
    text = _with_plain_blanks(text, multiline=multiline)
    for found in _DOUBTFUL.finditer(text):
        if found.group() in REORDERING or _is_control(found.group()):
            _refuse(text, found.start())
    kept = compose(_DOUBTFUL.sub(_kept_or_nothing, text))
    return kept if is_visible(kept) else ""


def clean_exact(text: str) -> str:
    """Return an address or another text of which every character counts, composed.

    Raises ValidationError for each character that ``clean_text`` would refuse or leave out.
    """
    for place, character in enumerate(text):
        if character in REORDERING | INVISIBLE | JOINERS or _is_control(character):
            _refuse(text, place)
    return compose(text)


def purify(text: str, *, multiline: bool = False) -> str:
    """Return the text as ``clean_text`` does, but leave out what that refuses: for old rows."""
    blank = _with_plain_blanks(text, multiline=multiline)
    fit = (char for char in blank if char not in REORDERING and not _is_control(char))
    return clean_text("".join(fit), multiline=multiline)


def is_visible(text: str) -> bool:
    """Return whether any character of the text can be seen."""
    return any(
        unicodedata.category(character)[0] in "LNPS" or unicodedata.category(character) in _OWN
        for character in text
        if character not in INVISIBLE
    )


_OWN = ("Co", "Cn")
"""Private and newer than this Python: taken for visible."""


def _with_plain_blanks(text: str, *, multiline: bool) -> str:
    plain = text.replace("\r\n", "\n").translate(_LINE_BREAKS)
    return plain if multiline else plain.translate(_BLANKS)


def _is_control(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or "\ufff9" <= character <= "\uffff"


def _kept_or_nothing(found: re.Match[str]) -> str:
    return found.group() if _is_kept(found.string, found.start()) else ""


def _is_kept(text: str, at: int) -> bool:
    character = text[at]
    if character in _FILLER_JAMO:  # old Hangul stands on them where a letter is missing
        return _is_jamo(text[at + 1 : at + 2]) or _is_jamo(text[at - 1 : at])
    if character in JOINERS:
        return _joins(text[max(at - _SHOWN_CHARACTERS, 0) : at])
    return character not in INVISIBLE


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff" and character not in _FILLER_JAMO


def _joins(before: str) -> bool:
    """Return whether a joiner can change the look of what stands before it."""
    for character in reversed(before):
        if unicodedata.category(character) in ("Mn", "Me", "Sk") or character in JOINERS:
            continue
        name = unicodedata.name(character, "")
        return not character.isspace() and not name.startswith(_NO_JOINING) and character > "\x7f"
    return False


def _refuse(text: str, place: int) -> NoReturn:
    before = text[max(place - _SHOWN_CHARACTERS, 0) : place].strip()
    code = f"U+{ord(text[place]):04X}"
    if before:
        message = _(
            "Remove the invisible character %(code)s after “%(before)s”: it would spoil the text."
        )
    else:
        message = _("Remove the invisible character %(code)s: it would spoil the text.")
    raise ValidationError(message % {"code": code, "before": before}, code="unfit_text")
