"""Bar charts as SVG, drawn by the server: axes, values, words for whoever does not see them.

Positions are percentages of the drawing and sizes of type are not, so a chart stays readable on a
phone. The same numbers stand in a table below each chart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.desk import Text

MOST_LABELS = 7
MOST_LETTERS = 36
"""How many letters the values on bars may have before they run into each other on a phone."""
TICKS = 4
STEPS = (1, 2, 2.5, 5, 10)
GROUP_SHARE = 0.72
"""How much of a unit's width its bars take."""


@dataclass(frozen=True)
class Series:
    """One row of values; ``tone`` names the color of its bars."""

    label: Text
    tone: str
    values: Sequence[int]


@dataclass(frozen=True)
class Bar:
    """A rectangle, in percent of the drawing; ``text`` is its value, ``about`` says all of it."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    text: str
    about: str

    @property
    def center(self) -> float:
        return round(self.x + self.width / 2, 3)


@dataclass(frozen=True)
class Mark:
    """A label of an axis and where it stands, in percent."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """What the template draws. ``rows`` are the cells of the table below."""

    title: Text
    summary: Text
    legend: list[Series]
    bars: list[Bar]
    shows_values: bool
    x_marks: list[Mark]
    y_marks: list[Mark]
    baseline: float
    unit_label: Text
    rows: list[tuple[str, list[str]]]


def draw_bars(
    *,
    title: Text,
    summary: Text,
    unit_label: Text,
    names: Sequence[str],
    short_names: Sequence[str],
    series: list[Series],
    full: Callable[[int], str],
    short: Callable[[int], str],
    whole_steps: bool,
) -> Chart:
    """Return the chart of one or more series over the same units.

    ``full`` writes a value in words and tables, ``short`` on bars and axes; ``whole_steps`` is for
    what cannot be halved.
    """
    ticks = _ticks([value for row in series for value in row.values], whole=whole_steps)
    scale = _Scale(ticks[0], ticks[-1])
    bars = _bars(series, names, scale, full, short)
    return Chart(
        title=title,
        summary=summary,
        legend=series,
        bars=bars,
        shows_values=_letters(bars, units=len(names) * len(series)) <= MOST_LETTERS,
        x_marks=_x_marks(short_names),
        y_marks=[Mark(scale.y(tick), short(tick)) for tick in ticks],
        baseline=scale.y(0),
        unit_label=unit_label,
        rows=[
            (name, [full(row.values[at]) for row in series]) for at, name in enumerate(names)
        ],
    )  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    low: int
    high: int

    def y(self, value: int) -> float:
        return round((self.high - value) / (self.high - self.low) * 100, 3)


def _ticks(values: list[int], *, whole: bool) -> list[int]:
    """Return round numbers that enclose zero and every value, a few of them."""
    low, high = min([0, *values]), max([0, *values])
    step = _round_step((high - low) / TICKS, whole=whole)
    first, last = low // step, -(-high // step)
    return [at * step for at in range(first, max(last, first + 1) + 1)]


def _round_step(rough: float, *, whole: bool) -> int:
    """Return the round number at or above ``rough``, at least 1."""
    if rough <= 1:
        return 1
    power = 10 ** (len(str(int(rough))) - 1)
    steps = [int(step * power) for step in STEPS if not whole or step * power == int(step * power)]
    return next(step for step in steps if step >= rough)


def _bars(
    series: list[Series],
    names: Sequence[str],
    scale: _Scale,
    full: Callable[[int], str],
    short: Callable[[int], str],
) -> list[Bar]:
    slot = 100 / max(len(names), 1)
    width = slot * GROUP_SHARE / len(series)
    left = slot * (1 - GROUP_SHARE) / 2
    return [
        Bar(
            x=round(slot * at + left + width * place, 3),
            y=scale.y(max(row.values[at], 0)),
            width=round(width, 3),
            height=round(abs(scale.y(row.values[at]) - scale.y(0)), 3),
            tone=row.tone,
            text=short(row.values[at]),
            about=f"{name} · {row.label}: {full(row.values[at])}",
        )
        for at, name in enumerate(names)
        for place, row in enumerate(series)
        if row.values[at]
    ]


def _letters(bars: list[Bar], *, units: int) -> int:
    return units * max((len(bar.text) for bar in bars), default=0)


def _x_marks(names: Sequence[str]) -> list[Mark]:
    """Return labels in the middle of their units, so few that they have room on a phone."""
    slot = 100 / max(len(names), 1)
    every = -(-len(names) // MOST_LABELS) or 1
    return [
        Mark(round(slot * (at + 0.5), 3), name)
        for at, name in enumerate(names)
        if at % every == 0
    ]  # fmt: skip
