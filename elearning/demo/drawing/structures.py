"""Motifs made of parts: commits, containers, calendars, tiles."""

from __future__ import annotations

from collections.abc import Iterator

from elearning.demo.drawing.canvas import WHITE, Box, Canvas, Color, Point, mixed
from elearning.demo.drawing.palette import Palette

Commit = tuple[int, int]


def commit_graph(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Branches that leave a main line and come back to it."""
    canvas.glow((820, 300), 640, palette.light, 0.4)
    for _ in range(70):
        canvas.disc((1200 * next(chance), 630 * next(chance)), 1.6, palette.light, 0.35)
    lanes = (
        (((0, 2), (13, 2)), WHITE, 7.0),
        (((3, 2), (4, 1), (7, 1), (8, 2)), palette.accent, 6.0),
        (((4, 2), (5, 3), (10, 3), (11, 2)), palette.light, 6.0),
        (((6, 3), (7, 4), (9, 4), (10, 3)), mixed(palette.light, palette.end, 0.45), 5.0),
        (((8, 2), (9, 1), (11, 1), (12, 0), (13, 0)), palette.accent, 5.0),
    )
    for corners, color, width in lanes:
        canvas.line(_track(corners), color, width=width, opacity=0.9)
    for commit, color in _commits(palette):
        _node(canvas, _spot(commit), color, palette.start)


def _commits(palette: Palette) -> list[tuple[Commit, Color]]:
    main = [((at, 2), WHITE) for at in (1, 3, 4, 6, 8, 11)]
    fix = [((at, 1), palette.accent) for at in (5, 6, 10)]
    feature = [((at, 3), palette.light) for at in (6, 8, 10)]
    return [*main, *fix, *feature, ((8, 4), mixed(palette.light, palette.end, 0.45))]


def _spot(commit: Commit) -> Point:
    at, lane = commit
    return 60 + 95.0 * at, 315 + 98.0 * (lane - 2)


def _track(corners: tuple[Commit, ...]) -> list[Point]:
    """Return a path through the commits that changes lanes in smooth curves."""
    track: list[Point] = []
    for (x1, y1), (x2, y2) in zip(map(_spot, corners), map(_spot, corners[1:]), strict=False):
        for step in range(25):
            t = step / 24
            ease = t * t * (3 - 2 * t)
            track.append((x1 + (x2 - x1) * t, y1 + (y2 - y1) * ease))
    return track


def _node(canvas: Canvas, center: Point, color: Color, hole: Color) -> None:
    canvas.glow(center, 44, color, 0.35)
    canvas.disc(center, 17, color)
    canvas.disc(center, 9, hole)


def containers(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Boxes stacked on a floor, some of them running and lit."""
    canvas.glow((800, 380), 640, palette.light, 0.4)
    heights = [[3, 3, 2, 1], [3, 2, 1, 2], [2, 1, 2, 0], [1, 2, 0, 1]]
    for row, stacks in enumerate(heights):
        for column, height in enumerate(stacks):
            _tile(canvas, _corner(column, row, 0), palette.light)
            for level in range(height):
                is_lit = level == height - 1 and next(chance) > 0.72
                color = palette.accent if is_lit else mixed(palette.light, palette.end, 0.55)
                _cube(canvas, _corner(column, row, level), color, palette.start)


HALF_WIDTH, HALF_DEPTH, LEVEL = 88.0, 46.0, 74.0


def _corner(column: int, row: int, level: int) -> Point:
    x = 790 + (column - row) * HALF_WIDTH
    return x, 250 + (column + row) * HALF_DEPTH - level * LEVEL


def _tile(canvas: Canvas, corner: Point, color: Color) -> None:
    x, y = corner
    edge = [
        (x, y),
        (x + HALF_WIDTH, y + HALF_DEPTH),
        (x, y + 2 * HALF_DEPTH),
        (x - HALF_WIDTH, y + HALF_DEPTH),
        (x, y),
    ]
    canvas.line(edge, color, width=2, opacity=0.35)


def _cube(canvas: Canvas, corner: Point, color: Color, shade: Color) -> None:
    """Draw a box whose floor has its far corner at ``corner``."""
    x, y = corner
    wide, deep, margin = HALF_WIDTH - 6, HALF_DEPTH - 3, 3.0
    back, right = (x, y + margin - LEVEL), (x + wide, y + margin + deep - LEVEL)
    front, left = (x, y + margin + 2 * deep - LEVEL), (x - wide, y + margin + deep - LEVEL)
    canvas.polygon([back, right, front, left], mixed(color, WHITE, 0.25))
    canvas.polygon([left, front, _down(front), _down(left)], mixed(color, shade, 0.25))
    canvas.polygon([front, right, _down(right), _down(front)], mixed(color, shade, 0.55))
    for share in (0.34, 0.67):
        seam = [_along(left, front, share), _down(_along(left, front, share))]
        canvas.line(seam, shade, width=1.5, opacity=0.35)
    canvas.line([left, front, right], WHITE, width=1.5, opacity=0.5)


def _down(point: Point) -> Point:
    return point[0], point[1] + LEVEL - 4


def _along(first: Point, second: Point, share: float) -> Point:
    return first[0] + (second[0] - first[0]) * share, first[1] + (second[1] - first[1]) * share


def calendar(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """A booking page: days across, hours down, taken slots, and the one just chosen."""
    canvas.glow((840, 300), 700, palette.light, 0.45)
    sheet = (430.0, 86.0, 1150.0, 700.0)
    canvas.shadow((430, 110, 1150, 720), radius=26, blur=60, opacity=0.55)
    canvas.panel(sheet, mixed(palette.start, palette.end, 0.35), radius=26)
    canvas.frame(sheet, WHITE, radius=26, width=2, opacity=0.35)
    for number in range(3):
        canvas.disc((466 + 26.0 * number, 122), 7, palette.light, 0.6)
    for column in range(6):
        canvas.panel((470 + 110.0 * column, 158, 530 + 110.0 * column, 168), WHITE, radius=5,
                     opacity=0.55)  # fmt: skip
        for row in range(6):
            _slot(canvas, _slot_box(column, row), palette, taken=next(chance) > 0.55)
    _chosen(canvas, _slot_box(3, 1), palette)


def _slot_box(column: int, row: int) -> Box:
    left, top = 470 + 110.0 * column, 190 + 82.0 * row
    return left, top, left + 94, top + 66


def _slot(canvas: Canvas, box: Box, palette: Palette, *, taken: bool) -> None:
    if taken:
        canvas.panel(box, palette.light, radius=12, opacity=0.62)
    else:
        canvas.panel(box, palette.light, radius=12, opacity=0.12)
        canvas.frame(box, palette.light, radius=12, width=1.5, opacity=0.4)


def _chosen(canvas: Canvas, box: Box, palette: Palette) -> None:
    left, top, right, bottom = box
    canvas.glow(((left + right) / 2, (top + bottom) / 2), 150, palette.accent, 0.7)
    grown = (left - 8, top - 8, right + 8, bottom + 8)
    canvas.shadow(grown, radius=16, blur=16, opacity=0.5)
    canvas.panel(grown, palette.accent, radius=16)
    tick = [(left + 30, top + 34), (left + 42, top + 46), (left + 66, top + 20)]
    canvas.line(tick, palette.start, width=8)


def tiles(canvas: Canvas, palette: Palette, chance: Iterator[float]) -> None:
    """Few shapes and few colors, combined again and again: what a design system is."""
    side = 126.0
    colors = (palette.light, palette.accent, mixed(palette.end, WHITE, 0.35), palette.end)
    for row in range(5):
        for column in range(3, 10):
            left, top = column * side - 60, row * side
            if next(chance) < 1.05 - 0.2 * column + 0.07 * row:
                continue
            ground, figure = _two_of(colors, chance)
            canvas.panel((left, top, left + side, top + side), ground, opacity=0.9)
            _shape(canvas, (left, top), side, figure, chance)


def _two_of(colors: tuple[Color, ...], chance: Iterator[float]) -> tuple[Color, Color]:
    first = int(next(chance) * len(colors))
    second = (first + 1 + int(next(chance) * (len(colors) - 1))) % len(colors)
    return colors[first], colors[second]


def _shape(
    canvas: Canvas, corner: Point, side: float, color: Color, chance: Iterator[float]
) -> None:
    left, top = corner
    middle = (left + side / 2, top + side / 2)
    kind, turn = int(next(chance) * 4), int(next(chance) * 4)
    corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    if kind == 0:
        canvas.pie(corners[turn], side, color, angles=(90 * turn, 90 * turn + 90))
    elif kind == 1:
        canvas.disc(middle, side * 0.34, color)
    elif kind == 2:
        canvas.pie(middle, side / 2, color, angles=(90 * turn, 90 * turn + 180))
    else:
        canvas.polygon([corners[turn], corners[(turn + 1) % 4], corners[(turn + 2) % 4]], color)
