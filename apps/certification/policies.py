"""How a certificate's code is read, however it is typed."""

from __future__ import annotations

import re

from foundation.text.lookup import last_segment

_LOOKALIKES = str.maketrans("OIL", "011")
_CODE = re.compile(r"(?<![0-9A-Z])" + r"[^0-9A-Z]?".join(["([0-9A-Z]{4})"] * 3) + r"(?![0-9A-Z])")


def code_in(text: str) -> str:
    """Return the code that the text holds, as certificates have it; empty where it holds none.

    Any case and width, with dashes, blanks or nothing between, as it is printed (``제 … 호``),
    or as the address of the certificate's page. Letters that look like digits are taken for them.
    """
    typed = last_segment(text).upper()
    found = _CODE.search(typed)
    letters = "".join(found.groups()) if found else _letters(typed)
    letters = letters.translate(_LOOKALIKES)
    return "-".join(filter(None, (letters[:4], letters[4:8], letters[8:])))


def _letters(typed: str) -> str:
    return "".join(character for character in typed if character.isascii() and character.isalnum())
