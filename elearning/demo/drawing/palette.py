"""The colors of the covers, and the chance that scatters their shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from elearning.demo.drawing.canvas import Color


@dataclass(frozen=True)
class Palette:
    """A dark start (a white label must stay readable on it), an end, a light and an accent."""

    start: Color
    end: Color
    light: Color
    accent: Color


def _palette(start: str, end: str, light: str, accent: str) -> Palette:
    return Palette(*(_color(name) for name in (start, end, light, accent)))


def _color(name: str) -> Color:
    red, green, blue = bytes.fromhex(name)
    return red, green, blue


OCEAN = _palette("12305e", "3a2bb5", "8fd3ff", "ffd166")
VIOLET = _palette("26165f", "9a2bb0", "e3b5ff", "ffb86b")
CORAL = _palette("5c123f", "d0433a", "ffc2b0", "ffe08a")
FOREST = _palette("0d3b3c", "1f8a5f", "a6f0c6", "ffcf70")
STEEL = _palette("0f2a44", "1d7f9c", "9fe6f5", "ff9d6c")
ORCHID = _palette("341257", "b3268c", "ffb3e6", "7ee8d8")
JADE = _palette("0c3a4a", "1e9a86", "b2fbe3", "f9d65c")
INDIGO = _palette("171a52", "3f5be0", "b9c7ff", "ffd43b")
SLATE = _palette("14203f", "3d6aa8", "cfe3ff", "ff8f70")
DAWN = _palette("5a1046", "f2603a", "ffc9a0", "ffe06b")
OLIVE = _palette("1f3320", "6b8f2f", "e2f5a8", "ffbf5e")
MIDNIGHT = _palette("0d1330", "52309e", "c5b8ff", "5ef0d0")

ALL = (OCEAN, VIOLET, CORAL, FOREST, STEEL, ORCHID, JADE, INDIGO, SLATE, DAWN, OLIVE, MIDNIGHT)


def chances(seed: str) -> Iterator[float]:
    """Yield numbers from 0 to 1 without end, the same ones for the same seed everywhere."""
    count = 0
    while True:
        digest = sha256(f"{seed}:{count}".encode()).digest()
        for first in range(0, len(digest), 4):
            yield int.from_bytes(digest[first : first + 4]) / 2**32
        count += 1
