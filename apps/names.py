"""A person's name in the reader's way, and how much of it strangers see (0018)."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

MAX_NAME_LENGTH = 150
AS_WRITTEN = "ko"
"""Readers of this language see the name as its owner writes it."""
_HANGUL = re.compile(r"[가-힣]+")
_APOSTROPHES = dict.fromkeys(map(ord, "‘’ʼ`´"), "'")
_HYPHENS = dict.fromkeys(map(ord, "‐‑–—−"), "-")


def as_read(name: str, latin_name: str, *, language: str | None = None) -> str:
    """Return the name for readers of the language, by default that of the page.

    Korean readers see it as it is written, all others in Latin letters where these are known.
    """
    reads = language or get_language() or settings.LANGUAGE_CODE
    return name if reads.startswith(AS_WRITTEN) or not latin_name else latin_name


def addressed(name: str) -> str:
    """Return the name as the page's language calls somebody by it: in Korean with 님."""
    return pgettext("calling somebody", "%(name)s") % {"name": name}


def tidy_latin(text: str) -> str:
    """Return the text in one spelling: what Korean keyboards widen and word processors curl."""
    plain = text.translate(_APOSTROPHES | _HYPHENS)  # before NFKC, which takes ´ apart
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def refuse_unless_latin(text: str) -> None:
    """Raise ValidationError for what no passport would print as a name in Latin letters."""
    latin = tidy_latin(text)
    if len(latin) > MAX_NAME_LENGTH:
        message = _("Write at most %(limit)s characters.")
        raise ValidationError(message, code="max_length", params={"limit": MAX_NAME_LENGTH})
    if latin and not (_is_latin_letter(latin[0]) and all(map(_may_stand_in_latin, latin))):
        raise ValidationError(
            _(
                "Write it in Latin letters, as in a passport: letters, spaces, hyphens and"
                " apostrophes, a letter first."
            ),
            code="not_latin",
        )


def public_name(name: str) -> str:
    """Return the name as others may read it: ``김*수``, ``김*``, ``Alice K.``, ``S.``.

    A Korean name keeps its first and last syllable, any other its first word and the initial of
    its last; a single word is shown by its initial, for it may be the family name.
    """
    words = unicodedata.normalize("NFC", name).split()
    if not words:
        return ""
    joined = "".join(words)
    if _HANGUL.fullmatch(joined):
        return _masked(joined)
    first = words[0] + " " if len(words) > 1 else ""
    return f"{first}{words[-1][0].upper()}."


def _masked(name: str) -> str:
    last = name[-1] if len(name) > 2 else ""
    return name[0] + "*" * (len(name) - 1 - len(last)) + last


def _may_stand_in_latin(character: str) -> bool:
    is_mark = unicodedata.category(character) == "Mn"
    return character in " -'" or is_mark or _is_latin_letter(character)


def _is_latin_letter(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")
