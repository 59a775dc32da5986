"""Which text PostgreSQL can store: no null bytes, no halves of surrogate pairs."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


def is_unstorable(text: str) -> bool:
    return _UNSTORABLE.search(text) is not None


def printable(text: str) -> str:
    """Return the text without null bytes, each half of a surrogate pair as a question mark."""
    return text.replace("\x00", "").encode(errors="replace").decode()
