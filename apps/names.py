"""How much of a person's name strangers see."""

from __future__ import annotations

import re
import unicodedata

_HANGUL = re.compile(r"[가-힣]+")


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
