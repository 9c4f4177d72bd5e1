"""The slides with a report's key figures: a tile for each, with its change; formulas in the notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from shared.document import Kpi, clean_text
from shared.rendering._page_text import change_text, tile_text
from shared.rendering._pptx_deck import BODY, GREY, TILES, Deck, add_notes
from shared.rendering._slides_fit import cut_to_lines, cut_to_width, largest_size, line_height
from shared.rendering._slides_shapes import INSET, Box, Paragraph, Run, add_band, add_text

_MOST = 12  # tiles of a slide
_GAP, _BAND = 14.0, 4.0  # points
_ALIKE = 24.0  # sizes from here on: the values of a slide share the smallest of them
_ABOVE_VALUE, _ABOVE_CHANGE, _ABOVE_FORMULA = 2.0, 2.0, 8.0
_FEWEST_LINES = 2  # that a formula in a tile is worth
_ARROWS = {"+": "▲", "−": "▼", "±": "■"}
_GRIDS = {1: 1, 2: 2, 3: 3, 5: 3, 6: 3, 9: 5, 10: 5}  # columns by number of tiles; else four


@dataclass(frozen=True)
class _Sizes:
    """Points: how tall a tile may be, and its letters; of several the first that fit."""

    tallest: float
    labels: tuple[float, ...]
    values: tuple[float, ...]
    change: float
    formula: float


_LARGE = _Sizes(275, (18, 16, 14, 12), (54, 48, 44, 40, 36, 32, 28, 24, 20, 16), 18, 14)  # where there is one row
_USUAL = _Sizes(190, (14, 13, 12, 11), (40, 36, 32, 28, 24, 20, 16, 14), 14, 12)


def add_tiles(deck: Deck) -> None:
    """Adds the slides, none where there are no figures."""
    groups = list(_groups(deck.document.kpis))
    for number, kpis in enumerate(groups, start=1):
        part = f" ({number} of {len(groups)})" if len(groups) > 1 else ""
        has_changes = any(change_text(kpi, deck.document.zone, deck.options.locale) for kpi in kpis)
        against = " · changes against the previous period" if has_changes else ""
        slide = deck.add(TILES, f"Key figures{part}", f"{deck.about}{against}")
        boxes, sizes = _boxes(len(kpis)), _sizes(len(kpis))
        shared = _shared_sizes(deck, kpis, boxes[0].width - 2 * INSET, sizes)
        for kpi, box in zip(kpis, boxes, strict=True):
            add_text(slide, f"Tile {kpi.key}", box, _paragraphs(deck, kpi, box, shared), ground="bg2")
            add_band(slide, f"Edge {kpi.key}", Box(box.left, box.top, _BAND, box.height), "accent1")
        add_notes(slide, [f"{kpi.label}: {kpi.formula}" for kpi in kpis if kpi.formula])


def _groups(kpis: Sequence[Kpi]) -> Iterator[Sequence[Kpi]]:
    """As few slides as hold them, filled evenly."""
    slides = ceil(len(kpis) / _MOST)
    for number in range(slides):
        yield kpis[len(kpis) * number // slides : len(kpis) * (number + 1) // slides]


def _columns(count: int) -> int:
    return _GRIDS.get(count, 4)


def _sizes(count: int) -> _Sizes:
    return _LARGE if count <= _columns(count) else _USUAL


def _boxes(count: int) -> list[Box]:
    columns = _columns(count)
    rows = ceil(count / columns)
    width = (BODY.width - _GAP * (columns - 1)) / columns
    height = min((BODY.height - _GAP * (rows - 1)) / rows, _sizes(count).tallest)
    places = (divmod(place, columns) for place in range(count))
    return [
        Box(BODY.left + column * (width + _GAP), BODY.top + row * (height + _GAP), width, height)
        for row, column in places
    ]


def _shared_sizes(deck: Deck, kpis: Sequence[Kpi], width: float, sizes: _Sizes) -> _Sizes:
    """The sizes that let all labels fit, and all values but long ones, which go on to smaller letters."""
    labels = min(largest_size(kpi.label, sizes.labels, width) for kpi in kpis)
    values = [largest_size(_value(deck, kpi), sizes.values, width, is_bold=True) for kpi in kpis]
    largest = min((size for size in values if size >= _ALIKE), default=sizes.values[0])
    return replace(sizes, labels=(labels,), values=tuple(size for size in sizes.values if size <= largest))


def _value(deck: Deck, kpi: Kpi) -> str:
    return clean_text(tile_text(kpi, deck.document.zone, deck.options.locale))


def _paragraphs(deck: Deck, kpi: Kpi, box: Box, sizes: _Sizes) -> list[Paragraph]:
    width, value, label = box.width - 2 * INSET, _value(deck, kpi), sizes.labels[0]
    size = largest_size(value, sizes.values, width, is_bold=True)
    number = Run(cut_to_width(value, size, width, is_bold=True), size, is_bold=True, colour="tx2")
    shown = [
        Paragraph((Run(cut_to_width(kpi.label, label, width), label, colour=GREY),)),
        Paragraph((number,), _ABOVE_VALUE),
    ]
    if change := change_text(kpi, deck.document.zone, deck.options.locale):
        said = cut_to_width(f"{_ARROWS[change[0]]} {change}", sizes.change, width)
        shown.append(Paragraph((Run(said, sizes.change),), _ABOVE_CHANGE))
    used = sum(line_height(paragraph.runs[0].size) + paragraph.space_before for paragraph in shown)
    lines = int((box.height - 2 * INSET - used - _ABOVE_FORMULA) / line_height(sizes.formula))
    if kpi.formula and lines >= _FEWEST_LINES:
        formula = cut_to_lines(kpi.formula, sizes.formula, width, lines)
        shown.append(Paragraph((Run(formula, sizes.formula, colour=GREY),), _ABOVE_FORMULA))
    return shown
