"""The gate that text is searched and looked up through: how it was typed makes no difference."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

from foundation.text.gate import purify

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def plain_text(text: str) -> str:
    """Return the text in plain letters (NFKC): full-width, decomposed and circled are folded."""
    return " ".join(purify(unicodedata.normalize("NFKC", text)).split())


def lookup_key(text: str) -> str:
    """Return what two texts have in common that mean the same: letters, not case or spaces."""
    return "".join(plain_text(text).translate(_DASHES).casefold().split())


def last_segment(text: str) -> str:
    """Return what names a thing in an address that was copied, whole or in part.

    Percent-encoding is undone, however often it was done. A text that is no address comes back as
    it is.
    """
    path = _decoded(plain_text(text))
    if "/" in path:
        path = urlsplit(path if "://" in path else f"//-/{path.lstrip('/')}").path
    return plain_text(path.strip("/").rpartition("/")[2])


def _decoded(text: str) -> str:
    """Undo percent-encoding twice at most: chats and proxies encode what is encoded already."""
    for _time in range(2):
        decoded = unquote(text, errors="strict") if _is_encoded(text) else text
        if decoded == text:
            break
        text = decoded
    return text


def _is_encoded(text: str) -> bool:
    try:
        return "%" in text and unquote(text, errors="strict") != text
    except UnicodeDecodeError:
        return False
