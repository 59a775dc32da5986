"""How a payment's number is made up, and read however it is typed."""

from __future__ import annotations

import re

from foundation.text.lookup import lookup_key

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0, O, 1, I, L and U: nothing can be taken for another when a number is read aloud or typed."""
NUMBER_LENGTH = 8
_NUMBER = re.compile(rf"P?([{NUMBER_ALPHABET}]{{4}})([{NUMBER_ALPHABET}]{{4}})")


def format_number(letters: str) -> str:
    """Return the number of these eight letters as it is stored and shown: ``P-7K3M-QX92``."""
    return f"P-{letters[:4]}-{letters[4:]}"


def number_in(text: str) -> str:
    """Return the number that the text is, as payments have it; empty where it is none.

    Any case and width, with or without the ``P``, ``#``, hyphens and blanks.
    """
    typed = lookup_key(text).upper().replace("-", "").removeprefix("#")
    found = _NUMBER.fullmatch(typed)
    return format_number("".join(found.groups())) if found else ""
