"""Motifs made of signs: focus rings, pages of text, Hangul letters, attention between words."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi, sin

from elearning.demo.drawing.canvas import WHITE, Box, Canvas, Color, Point, mixed
from elearning.demo.drawing.palette import Palette


def focus_rings(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Rings around a disc that is half light and half dark: focus and contrast."""
    center = (800.0, 315.0)
    canvas.glow(center, 640, palette.light, 0.45)
    for number in range(7):
        radius = 170 + 52.0 * number
        canvas.ring(center, radius, palette.light, width=1.5, opacity=0.28 - 0.03 * number)
        first = 360 * next(chance)
        sweep = 40 + 90 * next(chance)
        color = palette.accent if number in {1, 4} else WHITE
        canvas.arc(
            center,
            radius,
            color,
            angles=(first, first + sweep),
            width=9,
            opacity=0.85 - 0.09 * number,
        )
    canvas.shadow((680, 200, 920, 440), radius=120, blur=40, opacity=0.5)
    canvas.disc(center, 122, WHITE)
    canvas.pie(center, 122, palette.start, angles=(90, 270))
    canvas.disc(center, 62, palette.start)
    canvas.pie(center, 62, WHITE, angles=(90, 270))
    canvas.ring(center, 140, palette.accent, width=7)


def pages(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Sheets of text, the first line of the front one carrying the point."""
    canvas.glow((700, 620), 700, palette.accent, 0.45)
    sheets = ((900.0, 60.0, 0.28), (760.0, 96.0, 0.5), (600.0, 132.0, 1.0))
    for left, top, brightness in sheets:
        box = (left, top, left + 380, top + 620)
        canvas.shadow(box, radius=18, blur=50, opacity=0.5)
        canvas.panel(box, mixed(palette.end, WHITE, 0.1 + 0.85 * brightness), radius=18)
    ink = mixed(palette.start, palette.end, 0.4)
    canvas.panel((640, 176, 900, 200), palette.accent, radius=12)
    canvas.panel((640, 214, 820, 238), palette.accent, radius=12)
    for row in range(11):
        is_gap = row in {3, 7}
        if not is_gap:
            right = 760 + 180 * next(chance) if row in {2, 6} else 900 + 40 * next(chance)
            top = 268 + 32.0 * row
            canvas.panel((640, top, right, top + 12), ink, radius=6, opacity=0.42)
    for row in range(9):
        top = 150 + 34.0 * row
        canvas.panel((1002, top, 1100, top + 11), ink, radius=5, opacity=0.3)


def hangul(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Two syllables written by compass and ruler on squared paper: han and geul."""
    canvas.glow((790, 315), 640, palette.light, 0.45)
    _squared_paper(canvas, palette.light)
    for _ in range(26):
        spot = (1200 * next(chance), 630 * next(chance))
        canvas.disc(spot, 3 + 5 * next(chance), palette.light, 0.18)
    for box in ((450.0, 155.0, 770.0, 475.0), (810.0, 155.0, 1130.0, 475.0)):
        canvas.shadow(box, radius=36, blur=40, opacity=0.4)
        canvas.panel(box, palette.start, radius=36, opacity=0.55)
        canvas.frame(box, WHITE, radius=36, width=2, opacity=0.4)
    _han(canvas, (450, 155), palette)
    _geul(canvas, (810, 155), palette)


def _squared_paper(canvas: Canvas, color: Color) -> None:
    for at in range(10, 1200, 40):
        canvas.line([(at, 0), (at, 630)], color, width=1, opacity=0.14)
    for at in range(-5, 630, 40):
        canvas.line([(0, at), (1200, at)], color, width=1, opacity=0.14)


def _han(canvas: Canvas, corner: Point, palette: Palette) -> None:
    x, y = corner
    _stroke(canvas, [(x + 92, y + 42), (x + 142, y + 42)], palette.light)
    _stroke(canvas, [(x + 56, y + 78), (x + 178, y + 78)], palette.light)
    canvas.ring((x + 117, y + 143), 38, palette.light, width=20)
    _stroke(canvas, [(x + 228, y + 40), (x + 228, y + 190)], WHITE)
    _stroke(canvas, [(x + 228, y + 112), (x + 276, y + 112)], WHITE)
    _stroke(canvas, [(x + 86, y + 214), (x + 86, y + 276), (x + 250, y + 276)], palette.accent)


def _geul(canvas: Canvas, corner: Point, palette: Palette) -> None:
    x, y = corner
    _stroke(canvas, [(x + 80, y + 46), (x + 240, y + 46), (x + 240, y + 104)], palette.light)
    _stroke(canvas, [(x + 46, y + 138), (x + 274, y + 138)], WHITE)
    rieul = [(80, 178), (240, 178), (240, 228), (80, 228), (80, 278), (244, 278)]
    _stroke(canvas, [(x + dx, y + dy) for dx, dy in rieul], palette.accent)


def _stroke(canvas: Canvas, points: list[Point], color: Color) -> None:
    canvas.line(points, color, width=20)


def attention(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Words in a row, and arcs for how much each of them looks at the others."""
    canvas.glow((760, 430), 680, palette.light, 0.4)
    words = _words(chance)
    for first in range(len(words)):
        for second in range(first + 1, len(words)):
            weight = next(chance) ** 3
            if weight > 0.05:
                color = palette.accent if weight > 0.6 else palette.light
                _arch(canvas, words[first], words[second], color, weight)
    for number, word in enumerate(words):
        color = palette.accent if number == 6 else WHITE
        canvas.panel(word, color, radius=13, opacity=0.95 if number == 6 else 0.8)
        canvas.panel(_mirrored(word), color, radius=13, opacity=0.16)


BASELINE = 430.0


def _words(chance: Iterator[float]) -> list[Box]:
    words: list[Box] = []
    left = 250.0
    while left < 1130:
        width = 42 + 58 * next(chance)
        words.append((left, BASELINE, left + width, BASELINE + 26))
        left += width + 16
    return words


def _mirrored(box: Box) -> Box:
    return box[0], box[1] + 44, box[2], box[3] + 36


def _arch(canvas: Canvas, first: Box, second: Box, color: Color, weight: float) -> None:
    start, end = (first[0] + first[2]) / 2, (second[0] + second[2]) / 2
    height = 0.46 * (end - start)
    points = [
        (start + (end - start) * step / 40, BASELINE - 12 - height * sin(pi * step / 40) ** 0.8)
        for step in range(41)
    ]
    canvas.line(points, color, width=1.2 + 5 * weight, opacity=0.22 + 0.65 * weight)
