"""Which characters our fonts can print. Typst prints a box for the others and says nothing.

``printable`` brings a text into a form without boxes; ``face_for`` picks one face for the whole of
it, so that a name is not set in two.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FACES = {
    "NanumMyeongjo": "NanumMyeongjo.ttf",
    "Pretendard": "Pretendard-Regular.otf",
    "Noto Sans KR": "NotoSansKR-Regular.ttf",
    "Noto Emoji": "NotoEmoji-Regular.ttf",
}
"""The faces by their names in typst, in the order in which they stand in for each other."""
MISSING = "〓"
"""The geta mark, which printers have always set for a character that they lack."""
INVISIBLE = {"\u200d", "\ufe0e", "\ufe0f"}
"""They join emoji or choose their style; a font need not have them."""


def printable(text: str) -> str:
    """Return the text with every character that no face has replaced by one that some face has."""
    composed = unicodedata.normalize("NFC", "".join(map(_seen, text)))
    return " ".join("".join(map(_replaced, _clusters(composed))).split()) or MISSING


def prints_all_of(text: str) -> bool:
    """Return whether nothing of the text is lost in print."""
    return MISSING not in printable(text)


def lost_in_print(text: str) -> str:
    """Return the characters that no face has, each once, in the order of the text."""
    composed = unicodedata.normalize("NFC", "".join(map(_seen, text)))
    lost = (each for each in _clusters(composed) if each != MISSING and _replaced(each) == MISSING)
    return "".join(dict.fromkeys(lost))


def face_for(text: str, *, preferred: str) -> str:
    """Return the first face, from ``preferred`` on, that has all of the text, else Pretendard."""
    names = list(FACES)
    for name in names[names.index(preferred) :]:
        if _has_all(name, text.replace(" ", "")):
            return name
    return "Pretendard"


def _seen(character: str) -> str:
    """Turn line breaks into spaces; drop what is unseen but may reorder or hide what is seen."""
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category == "Cf" and character not in INVISIBLE else character


def _clusters(text: str) -> Iterator[str]:
    """Yield each character together with the marks and joined characters that follow it."""
    cluster = ""
    for character in text:
        joins = unicodedata.category(character).startswith("M") or character in INVISIBLE
        if cluster and not joins and not cluster.endswith("\u200d"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _replaced(cluster: str) -> str:
    """Return the cluster, its compatible form, or its base without the marks: what can be set."""
    compatible = unicodedata.normalize("NFKC", cluster)
    for form in (cluster, compatible, unicodedata.normalize("NFKD", cluster)[0]):
        if form.isspace() or any(_has_all(name, form) for name in FACES):
            return form
    return MISSING


def _has_all(face: str, text: str) -> bool:
    return {ord(character) for character in text if character not in INVISIBLE} <= _covered(face)


@cache
def _covered(face: str) -> frozenset[int]:
    """Return the code points that the font file maps to a glyph, read from its ``cmap`` table."""
    font = (FONTS / FACES[face]).read_bytes()
    tables = struct.iter_unpack(">4sIII", font[12 : 12 + 16 * _short(font, 4)])
    start = next(offset for tag, _sum, offset, _length in tables if tag == b"cmap")
    records = struct.iter_unpack(">HHI", font[start + 4 : start + 4 + 8 * _short(font, start + 2)])
    return frozenset(
        code for _platform, _encoding, offset in records for code in _mapped(font, start + offset)
    )


def _mapped(font: bytes, at: int) -> Iterator[int]:
    """Yield what a subtable of format 12 (all of Unicode) or 4 (its first plane) maps."""
    if _short(font, at) == 12:
        (groups,) = struct.unpack_from(">I", font, at + 12)
        for first, last, _glyph in struct.iter_unpack(
            ">III", font[at + 16 : at + 16 + 12 * groups]
        ):
            yield from range(first, last + 1)
    elif _short(font, at) == 4:
        yield from _mapped_by_segments(font, at)


def _mapped_by_segments(font: bytes, at: int) -> Iterator[int]:
    """Yield format 4: per segment an end, a start, a delta, and perhaps a place of glyph numbers.

    https://learn.microsoft.com/typography/opentype/spec/cmap#format-4-segment-mapping-to-delta-values
    """
    size = _short(font, at + 6)
    for segment in range(0, size, 2):
        ends = at + 14 + segment
        last, first, delta, place = (
            _short(font, ends + skip) for skip in (0, size + 2, 2 * size + 2, 3 * size + 2)
        )
        for code in range(first, min(last, 0xFFFE) + 1):
            glyphs = ends + 3 * size + 2 + place + 2 * (code - first)
            glyph = _short(font, glyphs) if place else (code + delta) & 0xFFFF
            if glyph:
                yield code


def _short(font: bytes, at: int) -> int:
    (number,) = struct.unpack_from(">H", font, at)
    return int(number)
