"""Draws a cover picture for each course of the demo school."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from elearning.demo.drawing import figures, palette, signs, structures
from elearning.demo.drawing.canvas import Canvas
from elearning.demo.drawing.palette import Palette

Choice = TypeVar("Choice")
Motif = Callable[[Canvas, Palette, Iterator[float]], None]

DESIGNS: dict[str, tuple[Motif, Palette]] = {
    "python-data-analysis": (figures.ridges, palette.OCEAN),
    "django-reservation-service": (structures.calendar, palette.VIOLET),
    "design-system": (structures.tiles, palette.CORAL),
    "git-first-steps": (structures.commit_graph, palette.SLATE),
    "cloud-infrastructure": (structures.containers, palette.STEEL),
    "machine-learning-basics": (figures.classes, palette.ORCHID),
    "introduction-to-sql": (figures.joined_sets, palette.JADE),
    "web-accessibility": (signs.focus_rings, palette.INDIGO),
    "clear-business-writing": (signs.pages, palette.DAWN),
    "read-hangul-in-a-week": (signs.hangul, palette.FOREST),
    "excel-vba-reporting": (figures.spreadsheet, palette.OLIVE),
    "evaluating-llm-applications": (signs.attention, palette.MIDNIGHT),
}
MOTIFS = tuple(motif for motif, _palette in DESIGNS.values())


def draw_cover(*, slug: str, category: str, title: str) -> bytes:
    """Return a WebP picture of 1200 by 630 pixels, the same for the same course every time.

    A course without a design of its own gets its motif from the category, its colors from the
    title and its details from the slug.
    """
    motif, colors = DESIGNS.get(slug) or (_one_of(MOTIFS, category), _one_of(palette.ALL, title))
    canvas = Canvas(start=colors.start, end=colors.end)
    motif(canvas, colors, palette.chances(slug))
    return canvas.webp()


def _one_of(choices: Sequence[Choice], seed: str) -> Choice:
    return choices[int(next(palette.chances(seed)) * len(choices))]
