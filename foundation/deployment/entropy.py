"""How hard a secret is to guess."""

from __future__ import annotations

import math

from zxcvbn import zxcvbn

MEASURED_CHARACTERS = 72
"""More are not looked at: the time that zxcvbn takes grows with the square of the length."""
MIN_BITS = 128
MIN_UNPREDICTABLE_BYTES = 20


def is_guessable(text: str) -> bool:
    """Return whether words, repetitions and sequences leave a text below 128 bits."""
    return _count_unpredictable(text) * math.log2(10) < MIN_BITS


def bytes_are_guessable(key: bytes) -> bool:
    """Return whether bytes repeat, count up, or are a text: random bytes are none of it."""
    text = key.decode("latin-1")
    if all(32 <= byte < 127 for byte in key):
        return is_guessable(text)
    return _count_unpredictable(text) < MIN_UNPREDICTABLE_BYTES


def _count_unpredictable(text: str) -> float:
    """Return how many characters nothing predicts; zxcvbn counts each as ten guesses."""
    return float(zxcvbn(text[:MEASURED_CHARACTERS])["guesses_log10"]) if text else 0.0
