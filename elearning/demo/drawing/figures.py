"""Motifs made of numbers: ridges, scattered classes, spreadsheets, joined sets."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, exp, pi, sin

from elearning.demo.drawing.canvas import HEIGHT, WHITE, WIDTH, Canvas, Point, mixed
from elearning.demo.drawing.palette import Palette

STEP = 6


def ridges(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Distributions behind one another, the nearest one brightest, with its peak marked."""
    canvas.glow((880, 120), 620, palette.light, 0.5)
    layers = 8
    for layer in range(layers):
        near = layer / (layers - 1)
        curve = _ridge(base=250 + 46 * layer, height=70 + 95 * near, chance=chance)
        color = mixed(palette.end, palette.light, 0.25 + 0.6 * near)
        canvas.polygon([*curve, (WIDTH, HEIGHT), (0, HEIGHT)], palette.start, 0.34)
        canvas.fading_area([*curve, (WIDTH, HEIGHT), (0, HEIGHT)], color, 0.55)
        canvas.line(curve, color, width=2.5, opacity=0.4 + 0.5 * near)
        if layer % 2:
            peak = min(curve, key=lambda point: point[1])
            _peak_mark(canvas, peak, palette, strength=near)


def _ridge(*, base: float, height: float, chance: Iterator[float]) -> list[Point]:
    bells = [
        (420 + 640 * next(chance), 50 + 90 * next(chance), 0.35 + 0.65 * next(chance))
        for _ in range(3)
    ]
    phase, pitch = 2 * pi * next(chance), 110 + 90 * next(chance)

    def height_at(x: float) -> float:
        swell = 0.13 * sin(x / pitch + phase) + 0.06 * sin(2.7 * x / pitch - phase)
        return swell + sum(tall * exp(-(((x - at) / wide) ** 2)) for at, wide, tall in bells)

    return [(x, base - height * height_at(x)) for x in range(-STEP, WIDTH + 2 * STEP, STEP)]


def _peak_mark(canvas: Canvas, peak: Point, palette: Palette, *, strength: float) -> None:
    canvas.glow(peak, 26, palette.accent, 0.5 * strength)
    canvas.disc(peak, 2 + 5 * strength, palette.accent, 0.35 + 0.65 * strength)


def classes(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Two clouds of points with contours, and the boundary that a model drew between them."""
    centers = ((560.0, 400.0, palette.light), (930.0, 230.0, palette.accent))
    for x, y, color in centers:
        canvas.glow((x, y), 430, color, 0.5)
        for ring in range(1, 6):
            canvas.line(_contour((x, y), 46.0 * ring), color, width=2, opacity=0.5 - 0.075 * ring)
    boundary = [(590 + 360 * (t - 0.5) + 70 * sin(4.2 * t), 660 * t - 10) for t in _steps(60)]
    boundary = [(x + 120, y) for x, y in boundary]
    canvas.polygon([*boundary, (WIDTH, HEIGHT), (WIDTH, 0)], palette.accent, 0.1)
    canvas.line(boundary, WHITE, width=3.5, opacity=0.85)
    for x, y, color in centers:
        for _ in range(64):
            angle, distance = 2 * pi * next(chance), 190 * (next(chance) + next(chance)) / 1.15
            spot = (x + 1.15 * distance * cos(angle), y + 0.75 * distance * sin(angle))
            canvas.disc(spot, 4 + 3.5 * next(chance), color, 0.9)


def _contour(center: Point, radius: float) -> list[Point]:
    tilt = -0.45
    turns = [2 * pi * t for t in _steps(72)]
    return [
        (
            center[0] + radius * (1.25 * cos(a) * cos(tilt) - 0.8 * sin(a) * sin(tilt)),
            center[1] + radius * (1.25 * cos(a) * sin(tilt) + 0.8 * sin(a) * cos(tilt)),
        )
        for a in turns
    ]


def joined_sets(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Two overlapping sets, with the rows of a table running through what they share."""
    left, right, radius = (660.0, 315.0), (900.0, 315.0), 232.0
    canvas.glow((780, 315), 560, palette.light, 0.4)
    for row in range(15):
        y = 21.0 + 42 * row
        for x in _cells(chance):
            shared = all((x + 30 - cx) ** 2 + (y - cy) ** 2 < radius**2 for cx, cy in (left, right))
            in_one = any((x + 30 - cx) ** 2 + (y - cy) ** 2 < radius**2 for cx, cy in (left, right))
            width = 26 + 40 * next(chance)
            color = palette.accent if shared else palette.light
            opacity = 0.95 if shared else 0.5 if in_one else 0.13
            canvas.panel((x, y - 6, x + width, y + 6), color, radius=6, opacity=opacity)
    for center in (left, right):
        canvas.disc(center, radius, palette.light, 0.10)
        canvas.ring(center, radius, WHITE, width=3.5, opacity=0.85)


def _cells(chance: Iterator[float]) -> list[float]:
    return [380 + 84.0 * column + 6 * next(chance) for column in range(10)]


def spreadsheet(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """A sheet of shaded cells, out of which the columns of a report grow."""
    size, gap = 58.0, 6.0
    for row in range(10):
        for column in range(20):
            x, y = 10 + (size + gap) * column, 2 + (size + gap) * row
            heat = next(chance) ** 2 * min(1.0, column / 12)
            box = (x, y, x + size, y + size)
            canvas.panel(box, palette.light, radius=7, opacity=0.03 + 0.22 * heat)
    for column, height in enumerate((2, 3, 3, 5, 4, 6, 7)):
        x, top = 10 + (size + gap) * (10 + column), 2 + (size + gap) * (9 - height)
        box = (x, top, x + size, HEIGHT - 54.0)
        is_last = column == 6
        canvas.shadow(box, radius=9, blur=22, opacity=0.4)
        canvas.panel(box, palette.accent if is_last else palette.light, radius=9, opacity=0.92)
        shine = [(x, top + 8), (x + size, top + 8), (x + size, HEIGHT - 54), (x, HEIGHT - 54)]
        canvas.fading_area(shine, WHITE, 0.35)


def _steps(count: int) -> list[float]:
    return [step / count for step in range(count + 1)]
