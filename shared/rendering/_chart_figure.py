"""Charts as pictures, by matplotlib's Figure: SVG for pages and PNG for mails, as native charts of other formats look.

The title is not in the picture: it stands above as text. No pyplot, no global state, no date: equal charts give equal
bytes.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.document import Chart, ChartKind, clean_text
from shared.rendering import _chart_style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CM = 1 / 2.54  # inches
_DPI = 96  # of PNG
_SIZE, _SMALL = 8, 7  # points
_FONTS = {  # by family, the beginning of its file's name
    "Noto Sans": "NotoSans-Regular",
    "Noto Sans Devanagari": "NotoSansDevanagari-Regular",
    "Noto Sans Arabic": "NotoSansArabic-Regular",
    "Noto Sans CJK JP": "NotoSansCJK-Regular",
    "Noto Sans Symbols2": "NotoSansSymbols2-Regular",
}
_ALWAYS_THERE = "DejaVu Sans"  # matplotlib brings it
_LEGEND_WIDTH = 3.5  # cm
_AXIS_WIDTH = 1.6  # cm
_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D"}
_DASHES = {"solid": "-", "dash": "--", "sysDot": ":"}
_HATCHES = {"dkUpDiag": "////", "lgCheck": "xxxx"}
_EDGE = 0.3  # points of white between stacked bars
_GROUP = 0.8  # of a category's width that its bars take together
_LONGEST_LABEL = 40  # letters
_SMALLER = 9 / _SMALL  # labels of native charts are of 9 pt
_LETTER = 0.17 / _SMALLER  # cm, the mean width of one letter


@dataclass(frozen=True)
class _Bars:
    """The bars of one series: where they stand, how high and wide they are, and what they begin at."""

    places: Sequence[float]
    values: Sequence[float]
    width: float
    starts: Any


def chart_svg(chart: Chart, width: float, height: float) -> bytes:
    """The chart as an SVG picture of so many centimetres; its letters are shapes."""
    with _settings():
        return _printed(_figure(chart, width, height), "svg", metadata={"Date": None, "Creator": None})


def chart_png(chart: Chart, width: int, height: int) -> bytes:
    """The chart as a PNG picture of so many pixels."""
    with _settings():
        figure = _figure(chart, width / _DPI / _CM, height / _DPI / _CM)
        return _printed(figure, "png", dpi=_DPI, metadata={"Software": None})


@contextmanager
def _settings() -> Iterator[None]:
    """Fonts, and names within SVG that do not differ from run to run."""
    from matplotlib import rc_context

    with (
        rc_context(
            {
                "font.family": _families(),
                "font.size": _SIZE,
                "svg.fonttype": "path",  # text would be set letter by letter, which no Indian script can bear
                "svg.hashsalt": "chart",
                "text.parse_math": False,
            }
        ),
    ):
        yield


@cache
def _families() -> list[str]:
    """The families that there are; matplotlib's own list may be older than the fonts of the machine."""
    from matplotlib import font_manager

    known = font_manager.fontManager
    if not _FONTS.keys() <= set(known.get_font_names()):
        for path in map(Path, font_manager.findSystemFonts()):
            if path.stem in _FONTS.values():
                known.addfont(path)
    return [*(family for family in _FONTS if family in set(known.get_font_names())), _ALWAYS_THERE]


def _printed(figure: "Figure", kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format=kind, **options)
    return target.getvalue()


def _figure(chart: Chart, width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * _CM, height * _CM), layout="constrained")
    axes = figure.add_subplot()
    if chart.kind is ChartKind.LINE:
        _draw_lines(axes, chart)
    else:
        _draw_bars(axes, chart)
    is_beside = len(chart.series) > style.MOST_LEGENDS_BELOW
    _set_categories(axes, chart, width - _AXIS_WIDTH - (_LEGEND_WIDTH if is_beside else 0))
    _set_values(axes, chart)
    if len(chart.series) > 1:
        _add_legend(figure, chart, is_beside=is_beside)
    return figure


def _draw_lines(axes: "Axes", chart: Chart) -> None:
    marked = len(chart.categories) <= style.CROWDED
    for place, series in enumerate(chart.series):
        look = style.look(place)
        values = [float("nan") if (value := style.finite(each)) is None else value for each in series.values]
        axes.plot(
            range(len(values)),
            values,
            color=f"#{look.colour}",
            linewidth=1.5,
            linestyle=_DASHES[style.DASHES[look.round % len(style.DASHES)]],
            marker=_MARKERS[style.MARKERS[place % len(style.MARKERS)]],
            markersize=3 if marked else 1,
            label=_label(series.name),
        )


def _draw_bars(axes: "Axes", chart: Chart) -> None:
    is_stacked = chart.kind is ChartKind.STACKED_BAR
    width = _GROUP / (1 if is_stacked else max(len(chart.series), 1))
    above, below = [0.0] * len(chart.categories), [0.0] * len(chart.categories)
    for place, series in enumerate(chart.series):
        values = [style.finite(value) or 0 for value in series.values]
        starts = [(above if value >= 0 else below)[index] for index, value in enumerate(values)] if is_stacked else 0
        shift = 0 if is_stacked else (place - (len(chart.series) - 1) / 2) * width
        bars = _Bars([index + shift for index in range(len(values))], values, width, starts)
        _draw_series(axes, bars, style.look(place), series.name, is_edged=is_stacked)
        for index, value in enumerate(values):
            (above if value >= 0 else below)[index] += value


def _draw_series(axes: "Axes", bars: _Bars, look: style.Look, name: str, *, is_edged: bool) -> None:
    hatch = _HATCHES[style.PATTERNS[(look.round - 1) % len(style.PATTERNS)]] if look.round else ""
    axes.bar(
        bars.places,
        bars.values,
        bars.width,
        bottom=bars.starts,
        color=f"#{look.tint if hatch else look.colour}",
        edgecolor=f"#{look.colour}" if hatch else "white",
        linewidth=_EDGE if is_edged and len(bars.places) <= style.CROWDED else 0,
        hatch=hatch or None,
        label=_label(name),
    )


def _set_categories(axes: "Axes", chart: Chart, width: float) -> None:
    labels = style.category_labels(chart, width * _SMALLER)
    shown = range(0, len(chart.categories), labels.every)
    axes.set_xlim(-0.5, max(len(chart.categories), 1) - 0.5)
    axes.set_xticks(
        list(shown),
        [_wrapped(chart.categories[place], width / max(len(shown), 1), labels.angle) for place in shown],
        rotation=labels.angle,
        ha="right" if labels.angle else "center",
        rotation_mode="anchor" if labels.angle else "default",
        fontsize=_SMALL,
        color=f"#{style.INK}",
    )
    axes.tick_params("x", length=2 if labels.every == 1 else 0, width=0.5, color=f"#{style.INK}")


def _set_values(axes: "Axes", chart: Chart) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    scale = style.scale(chart)
    decimals = scale.tick_format.partition(".")[2].count("0")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.{decimals}f}".replace("-", "−")))
    if scale.step is not None:
        axes.yaxis.set_major_locator(MultipleLocator(scale.step))
    if scale.floor is not None:
        low, high = axes.get_ylim()
        axes.set_ylim(scale.floor, high if high > scale.floor and high > low else scale.floor + 1)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=f"#{style.RULE}", linewidth=0.6)
    axes.tick_params("y", length=0, labelsize=_SMALL, labelcolor=f"#{style.INK}")
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=f"#{style.INK}", linewidth=0.5)
    if chart.value_label:
        axes.set_ylabel(_label(chart.value_label), fontsize=_SMALL, color=f"#{style.INK}")


def _add_legend(figure: "Figure", chart: Chart, *, is_beside: bool) -> None:
    figure.legend(
        loc="outside right center" if is_beside else "outside lower center",
        ncols=1 if is_beside else len(chart.series),
        frameon=False,
        fontsize=_SMALL,
        labelcolor=f"#{style.INK}",
        handlelength=1.4,
        handleheight=0.8,
        columnspacing=1.4,
    )


def _label(text: str) -> str:
    """One line, cut, of the letters that there are pictures of: an emoji would be a box."""
    line = clean_text(" ".join(text.split()), _LONGEST_LABEL)
    return (line if line.isascii() else "".join(filter(_has_shape, line))).lstrip("_") or " "


def _has_shape(letter: str) -> bool:
    return letter.isascii() or any(font.get_char_index(ord(letter)) for font in _fonts())


@cache
def _fonts() -> list[Any]:
    from matplotlib import font_manager

    return [font_manager.get_font(font_manager.findfont(family)) for family in _families()]


def _wrapped(text: str, room: float, angle: int) -> str:
    """A level label in lines that fit its category."""
    from textwrap import wrap

    letters = max(int(room / _LETTER) - 1, 4)
    return "\n".join(wrap(_label(text), letters)) if angle == 0 else _label(text)
