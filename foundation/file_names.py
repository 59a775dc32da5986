"""Names of uploaded files: the name that people see, and one that every file system takes.

A file system counts bytes (255, of UTF-8, on Linux), not characters: 90 Hangul letters are 270.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

from foundation.text.gate import purify

MAX_SHOWN_LENGTH = 255
MAX_STORED_BYTES = 120
RESERVED = set('<>:"|?*')


def shown_name(name: str) -> str:
    """Return the name as it was given, composed, without a folder and invisible characters."""
    last = PureWindowsPath(unicodedata.normalize("NFC", name)).name  # knows both kinds of slash
    path = PurePosixPath(" ".join(purify(last).split()).lstrip(".").rstrip(". ") or "file")
    return path.stem[: MAX_SHOWN_LENGTH - len(path.suffix)] + path.suffix


def stored_name(name: str) -> str:
    """Return the shown name in at most MAX_STORED_BYTES bytes; its suffix is kept."""
    shown = "".join("_" if character in RESERVED else character for character in shown_name(name))
    path = PurePosixPath(shown)
    suffix = _cut(path.suffix, MAX_STORED_BYTES // 2)
    return _cut(path.stem, MAX_STORED_BYTES - len(suffix.encode())).rstrip() + suffix


def _cut(text: str, max_bytes: int) -> str:
    """Return as many whole characters as fit; marks stay with the letter that they belong to."""
    kept = text.encode()[:max_bytes].decode(errors="ignore")
    rest = text[len(kept) :]
    while rest and kept and unicodedata.combining(rest[0]):
        rest, kept = kept[-1] + rest, kept[:-1]
    return kept
