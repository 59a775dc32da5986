"""The color tokens as ``static/css/tokens.css`` has them, and the contrast between two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

_COLOR = re.compile(
    r"--color-([\w-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));"
)


@dataclass(frozen=True)
class Color:
    name: str
    light: str
    dark: str


def list_colors() -> list[Color]:
    """Return the colors in the order of the file; those with transparency are left out."""
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    css = css.partition("@media print")[0]
    return [
        Color(name, light or both, dark or both) for name, light, dark, both in _COLOR.findall(css)
    ]


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2 between two colors as ``#rrggbb``, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
