"""Which encoding a file is in: what can be told is told, what cannot is asked."""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.refusals import InvalidInput

FIELD = "file"
MAX_BYTES = 5 * 1024 * 1024
ENCODINGS = {
    "utf-8-sig": gettext_lazy("UTF-8"),
    "utf-16": gettext_lazy("UTF-16"),
    "cp949": gettext_lazy("CP949, as Korean Windows writes it"),
    "cp1252": gettext_lazy("Windows-1252, as Western European Windows writes it"),
}
_FOREIGN = re.compile("[^\\x00-\\x7f]+")
_KOREAN = re.compile("[\\uac00-\\ud7a3\\u3131-\\u318e\\u3000-\\u303f\\u4e00-\\u9fff·“”‘’…]+")


def recognize(content: bytes) -> list[str]:
    """Return the encodings the file may be in, the likeliest first; one alone is certain.

    Bytes in CP949 are mostly valid Windows-1252 as well, and many a word in Windows-1252 is valid
    CP949: only a text whose letters beyond ASCII make Korean words by themselves is taken for
    CP949. Raises InvalidInput for a file that is too large or no text.
    """
    if len(content) > MAX_BYTES:
        message = _("Choose a file of at most %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2}
        raise InvalidInput(FIELD, message)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        likely = ["utf-16"]
    elif _try(content, "utf-8-sig") is not None:
        return ["utf-8-sig"]
    else:
        likely = ["cp949", "cp1252"]
    possible = [encoding for encoding in likely if _try(content, encoding) is not None]
    if not possible:
        message = _("This is no text file in UTF-8 or CP949. Save it as “CSV UTF-8” and try again.")
        raise InvalidInput(FIELD, message)
    western = _try(content, "cp1252") or ""
    if possible[0] == "cp949" and _is_korean(content.decode("cp949")) and not _reads_well(western):
        return ["cp949"]
    return possible


def list_fitting(content: bytes) -> list[str]:
    """Return every encoding that the file can be read in. UTF-16 needs its byte order mark.

    Without one, any even number of bytes would do.
    """
    fitting = [encoding for encoding in ENCODINGS if _try(content, encoding) is not None]
    is_marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return [encoding for encoding in fitting if is_marked or encoding != "utf-16"]


def is_certain(encodings: list[str]) -> bool:
    """Return whether nobody has to be asked. Any bytes are Windows-1252: it never is certain."""
    return len(encodings) == 1 and encodings != ["cp1252"]


def decode(content: bytes, encoding: str) -> str:
    """Return the text. Raises InvalidInput where the encoding does not fit."""
    text = _try(content, encoding)
    if text is None:
        message = _("The file is not in this encoding: %(encoding)s. Choose another.")
        raise InvalidInput(FIELD, message % {"encoding": ENCODINGS[encoding]})
    return text


def _try(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _is_korean(text: str) -> bool:
    """Return whether the letters beyond ASCII are Korean, and none is glued to a Latin letter."""
    for found in _FOREIGN.finditer(text):
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        if not _KOREAN.fullmatch(found.group()) or _is_glued(before, found.group(), after):
            return False
    return True


def _reads_well(western: str) -> bool:
    """Return whether all beyond ASCII would be letters: Korean read so is full of signs like ±."""
    return all(found.isalpha() for found in _FOREIGN.findall(western)) and not western.isascii()


def _is_glued(before: str, foreign: str, after: str) -> bool:
    """A name such as Álvaro reads as a syllable and Latin letters, which Korean hardly mixes."""
    return len(foreign) < 3 and any(
        letter.isascii() and letter.islower() for letter in before + after
    )
