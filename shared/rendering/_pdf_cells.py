"""Cells of drawn tables: each value as a text set into lines, with its state, address or pictures; places nothing."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from shared.document import Cell, Column, Kind, Link
from shared.rendering._page_text import page_text
from shared.rendering._pdf_canvas import Canvas, address
from shared.rendering._pdf_columns import PAD, Frame
from shared.rendering._pdf_letters import letters
from shared.rendering._pdf_paper import CHIPS, INK, LINK, Chip, Colour, heat
from shared.rendering._pdf_pictures import GAP, Shown
from shared.rendering._pdf_text import Block, Line, Style, Typesetter

_REMEMBERED = 200  # cells of a column; shaped ones take some KiB each
_OPEN = "Open"
_CHIP_PAD = 4.0  # points
_CHIP_TRIM = 0.08  # em that a chip is lower than its line, at either end
_UNDERLINE = 0.12, 0.06  # em: its distance from the base line and its thickness


@dataclass
class Tally:
    """What a page could not hold as it was."""

    odd_values: int = 0
    dropped_links: int = 0
    photos_left_out: int = 0
    photos_unshown: int = 0


@dataclass(slots=True)
class Filled:
    """A cell ready to be drawn; `height` is without the row's padding."""

    block: Block
    style: Style
    height: float
    chip: Chip | None = None
    url: str | None = None
    shown: Shown | None = None
    ground: Colour | None = None  # of the whole cell

    @property
    def simple(self) -> Line | None:
        """The cell's line where it is one of Latin letters, with nothing else in the cell."""
        if self.chip is not None or self.url is not None or self.shown is not None or len(self.block.lines) != 1:
            return None
        return self.block.lines[0] if self.block.lines[0].run is None else None


@dataclass(frozen=True)
class Manner:
    """How all cells of a document are told: the zone, the locale, and the count of what cannot be."""

    zone: ZoneInfo
    locale: str
    tally: Tally


class _Known(dict[Any, Filled]):
    """Cells by value, made once each; forgets all when there are many."""

    def __init__(self, make: Callable[[Any], Filled]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Filled:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self._make(value)
        if not _is_odd(value):
            self[value] = made
        return made


@dataclass(frozen=True)
class Maker:
    """Makes the cells of one column, a batch at a time."""

    column: Column
    frame: Frame
    size: float
    manner: Manner
    typesetter: Typesetter
    hottest: float = 0  # the largest number of a heat map

    def batches(self) -> Callable[[Sequence[Any]], list[Filled]]:
        """What turns some values of the column into cells; values that come again are made once."""
        if self.column.kind is Kind.LINK:
            return lambda cells: [self._linked(cell) for cell in cells]
        known = _Known(self._plain)
        return lambda cells: [known[cell] for cell in cells]

    def _plain(self, cell: Cell) -> Filled:
        if _is_odd(cell):
            self.manner.tally.odd_values += 1
        text = _said(cell, self.column, self.manner)
        tone = self.column.tones.get(text)
        chip = CHIPS[tone] if tone else None
        is_link = isinstance(cell, Link) and address(cell.url) is not None
        style = _style(self.size, chip.letters if chip else LINK if is_link else INK)
        room = self.frame.room - 2 * _CHIP_PAD if chip else self.frame.room
        block = self.typesetter.block(text, style, room, is_right=self.frame.is_right)
        return Filled(block, style, block.height, chip, ground=self._ground(cell))

    def _ground(self, cell: Cell) -> Colour | None:
        if self.hottest <= 0 or not isinstance(cell, int | float) or not math.isfinite(cell):
            return None
        return heat(cell / self.hottest)

    def _linked(self, cell: Link | None) -> Filled:
        filled = self._plain(cell)
        if isinstance(cell, Link) and cell.url:
            filled.url = address(cell.url)
            self.manner.tally.dropped_links += filled.url is None
        return filled


def texts(column: Column, cells: Sequence[Cell], manner: Manner) -> Iterator[str]:
    """The texts of a column's cells."""
    return (_said(cell, column, manner) for cell in cells)


def _said(cell: Cell, column: Column, manner: Manner) -> str:
    """The text of a cell; a link that would show its own address, signature and all, says what it does."""
    if isinstance(cell, Link) and cell.text == cell.url and address(cell.url) is not None:
        return _OPEN
    return page_text(cell, column, manner.zone, manner.locale)


def add_pictures(filled: Filled, shown: Shown, tally: Tally) -> None:
    """Puts pictures under the text of a cell, and counts those that are not to be seen."""
    filled.shown = shown
    filled.height += GAP + shown.height
    tally.photos_left_out += shown.more
    tally.photos_unshown += sum(picture.is_placeholder for picture in shown.pictures)


@cache
def _style(size: float, letters_colour: Colour) -> Style:
    """One value per look, so that a page is told of it once for a run of cells."""
    return Style(letters().regular, size, letters_colour)


def _is_odd(value: Any) -> bool:
    return isinstance(value, float | Decimal) and not math.isfinite(value)


def lines_within(filled: Filled, start: int, room: float) -> slice:
    """The lines from `start` on for which there is room, at least one where there are any left.

    The last line stays with the pictures under it.
    """
    lines, stop = filled.block.lines, start
    room -= filled.height - filled.block.height if len(lines) - start == 1 else 0
    while stop < len(lines) and (room := room - lines[stop].height) >= 0:
        stop += 1
    if filled.shown is not None and stop == len(lines) and room < filled.height - filled.block.height:
        stop -= 1
    return slice(start, max(stop, min(start + 1, len(lines))))


def height_from(filled: Filled, lines: slice) -> float:
    """Points that these lines take, with the pictures under the last."""
    own = sum(line.height for line in filled.block.lines[lines])
    is_end = lines.start < lines.stop == len(filled.block.lines)
    return own + (filled.height - filled.block.height if is_end else 0)


def draw(canvas: Canvas, filled: Filled, frame: Frame, top: float, lines: slice | None) -> None:
    """Draws some lines of a cell from `top` down, or all; the last of them with all that is not text."""
    if lines is None and (line := filled.simple) is not None:
        x = frame.x + frame.width - PAD - line.width if frame.is_right else frame.x + PAD
        canvas.text(x, top + line.ascent, line.text, filled.style)
        return
    y, chosen = top, filled.block.lines[lines or slice(None)]
    for line in chosen:
        _draw_line(canvas, filled, _left(filled, frame, line), y, line)
        y += line.height
    if filled.shown is not None and chosen and chosen[-1] is filled.block.lines[-1]:
        filled.shown.draw(canvas, frame.x + PAD, y + GAP)


def _draw_line(canvas: Canvas, filled: Filled, x: float, y: float, line: Line) -> None:
    style = filled.style
    if filled.chip is not None and line.width:
        trim = _CHIP_TRIM * style.size
        box = x - _CHIP_PAD, y + trim, line.width + 2 * _CHIP_PAD, line.height - 2 * trim
        canvas.chip(filled.chip.ground, box)
    canvas.line(x, y, line, style)
    if filled.url is not None:
        below, thickness = (part * style.size for part in _UNDERLINE)
        canvas.fill(style.colour, [(x, y + line.ascent + below, line.width, thickness)])
        canvas.link(filled.url, (x, y, line.width, line.height))


def _left(filled: Filled, frame: Frame, line: Line) -> float:
    """Where a line begins; Pango's lines know how far they stand from their column's edge."""
    left = frame.x + PAD + (_CHIP_PAD if filled.chip else 0)
    if line.run is not None:
        return left + line.left
    return frame.x + frame.width - PAD - line.width if frame.is_right else left
