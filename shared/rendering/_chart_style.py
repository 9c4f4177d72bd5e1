"""How charts look in every drawing format: colours, labels and scales; knows no file format and draws nothing."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.document import Chart, ChartKind, Tone

BRAND = "0066CC"
INK = "404040"  # text on charts
RULE = "E0E0E0"  # grid lines and thin borders
HOTTEST = "6BA8E5"  # ground of the largest number of a heat map, from white for 0; black on it is 8 : 1

# Any two stay apart on a grey printer (16 or more of 255 in luma), neighbours by 38 or more.
PALETTE = (BRAND, "FFB433", "581343", "54BEA9", "6E3309", "4A9ED2", "10240C", "D54C6F")

# Ink and ground of states in tables; contrast at least 4.5 : 1 (WCAG 2.2, 1.4.3). The text always says the state too.
TONES = {Tone.GOOD: ("006100", "C6EFCE"), Tone.WARNING: ("7F6000", "FFEB9C"), Tone.BAD: ("9C0006", "FFC7CE")}

# What tells series apart without colour, in DrawingML's words: markers of lines by place, the rest by round.
MARKERS: tuple[Literal["circle", "square", "triangle", "diamond"], ...] = ("circle", "square", "triangle", "diamond")
DASHES: tuple[Literal["solid", "dash", "sysDot"], ...] = ("solid", "dash", "sysDot")
PATTERNS: tuple[Literal["dkUpDiag", "lgCheck"], ...] = ("dkUpDiag", "lgCheck")  # of bars, from the second round on

CROWDED = 60  # categories; more points than these would run into one, and edges hide bars
MOST_LEGENDS_BELOW = 8  # series; the legend of more stands at the right

_LETTER = 0.17  # cm, the mean width of one letter at 9 pt
_MOST_LINES = 3  # a level label wraps over so many
_BETWEEN = 1.0  # cm between level labels
_PERIOD = re.compile(r"\d{4}-")
_SLANTED, _UPRIGHT = 0.7, 0.4  # cm along the axis that one turned label needs
_LABEL_EVERY_TICK = 10  # whole values up to here get a tick each


@dataclass(frozen=True)
class Look:
    """How one series is told from the others: its colour, a tint of it, and the round of the palette (0 is plain)."""

    colour: str
    tint: str
    round: int


@dataclass(frozen=True)
class Labels:
    """How categories are written under the axis: degrees turned to the left, and one label for every so many."""

    angle: int
    every: int


@dataclass(frozen=True)
class Scale:
    """The axis of values: its floor and step where automatic ones would mislead, and the number formats."""

    floor: float | None
    step: float | None
    tick_format: str
    value_format: str


def look(index: int) -> Look:
    """The look of the series at this place; no two of the first 24 share one where rounds are drawn differently."""
    turn, place = divmod(index, len(PALETTE))
    colour = PALETTE[place]
    half_white = ((255 + int(colour[part : part + 2], 16)) // 2 for part in (0, 2, 4))
    return Look(colour, "".join(f"{part:02X}" for part in half_white), turn)


def finite(value: float | None) -> float | int | None:
    """The value, or None (a gap) for what no axis can show: NaN and the infinities."""
    return value if value is not None and math.isfinite(value) else None


def has_lone_point(values: Sequence[float | None]) -> bool:
    """Whether a value stands between two gaps: with no line to either side, only a marker shows it."""
    gaps = [True, *(finite(value) is None for value in values), True]
    return any(left and right and not here for left, here, right in zip(gaps, gaps[1:], gaps[2:], strict=False))


def category_labels(chart: Chart, width: float) -> Labels:
    """Labels that do not run into each other on an axis of `width` cm.

    Names turn as far as they must; periods stay level, and only so many are written as fit.
    """
    count = len(chart.categories)
    if _fit_level(chart.categories, width):
        return Labels(0, 1)
    if chart.kind is ChartKind.LINE or all(map(_PERIOD.match, chart.categories)):
        longest = max(map(len, chart.categories)) * _LETTER + _BETWEEN
        return Labels(0, math.ceil(count * longest / width))
    angle, room = (45, _SLANTED) if count * _SLANTED <= width else (90, _UPRIGHT)
    return Labels(angle, math.ceil(count * room / width))


def _fit_level(categories: Sequence[str], width: float) -> bool:
    letters = int(width / max(len(categories), 1) / _LETTER) - 1
    words = (len(word) for category in categories for word in category.split())
    return max(words, default=0) <= letters and max(map(len, categories), default=0) <= _MOST_LINES * letters


def scale(chart: Chart) -> Scale:
    """The axis of values: from 0 unless a value is negative, and no tick that rounding would show twice."""
    values = [value for series in chart.series for value in map(finite, series.values) if value is not None]
    is_whole = all(value == int(value) for value in values)
    top = max(map(abs, _reaches(chart)), default=0)
    few = is_whole and top <= _LABEL_EVERY_TICK
    return Scale(
        floor=None if min(values, default=0) < 0 else 0,
        step=1 if few else None,
        tick_format="#,##0" if is_whole else _tick_format(top),
        value_format="#,##0" if is_whole else "#,##0.00",
    )


def _reaches(chart: Chart) -> Iterator[float]:
    """How far from 0 each bar or point is; stacked values reach as far as their sum."""
    for place in range(len(chart.categories)):
        values = [finite(series.values[place]) or 0 for series in chart.series]
        yield from [sum(map(abs, values))] if chart.kind is ChartKind.STACKED_BAR else values


def _tick_format(top: float) -> str:
    if top >= _LABEL_EVERY_TICK:
        return "#,##0"
    return "0.0" if top >= 1 else "0.00"
