"""Rows of one table on pages: title, headings on every page, rules, and rows that split where no page is high enough.

The rows of a page wait until it is full; then each band of columns gets its page. Nothing else is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.rendering._pdf_canvas import Canvas, Place
from shared.rendering._pdf_cells import Filled, draw, height_from, lines_within
from shared.rendering._pdf_columns import PAD, Frame, Plan
from shared.rendering._pdf_letters import letters
from shared.rendering._pdf_paper import BOTTOM, INK, LEFT, RIGHT, ROOM, RULE, SOFT, STRIPE, TOP, WHITE, Colour
from shared.rendering._pdf_text import Block, Style

_ROW_PAD = 2.6  # points above and below a cell's text
_HEADING_PAD = 3.6
_RULE_WIDTH = 0.4
_TITLE, _SMALL = 13, 8  # points
_TITLE_PART = 0.68  # of the width; a remark stands beside it
_BEFORE, _AFTER = 16, 5  # points around a title that stands under something
_FEWEST_ROWS = 3  # under a title, or it goes to the next page
_MOST_TOGETHER = 12  # rows of a table that is not parted where it need not be
_FEWEST_LINES = 3  # of a row that splits, at the foot of a page


@dataclass(frozen=True)
class Header:
    """What stands above the rows: the table's name, its headings, and a remark beside the name."""

    name: str
    labels: Sequence[str]
    remark: str
    on_new_page: bool


@dataclass(slots=True)
class _Part:
    """Some lines of a row on the page that waits, `top` points under its headings; all lines where `lines` is none."""

    cells: Sequence[Filled]
    top: float
    height: float
    lines: Sequence[slice] | None
    is_striped: bool


class Grid:
    """One table on its way to the pages."""

    def __init__(self, header: Header, plan: Plan, canvas: Canvas, brand: Colour) -> None:
        self._header, self._plan, self._canvas, self._brand = header, plan, canvas, brand
        plain, bold = letters().regular, letters().bold
        self._body, self._heading = Style(plain, plan.size), Style(bold, plan.size, WHITE)
        self._title, self._note = Style(bold, _TITLE, INK), Style(plain, _SMALL, SOFT)
        self._headings = [self._heading_cells(band) for band in plan.bands]
        self._heading_height = max(cell.height for band in self._headings for cell in band) + 2 * _HEADING_PAD
        self._waiting: list[_Part] = []
        self._begun: Place | None = None
        self._top = self._used = 0.0  # where the headings stand on the page, and how far rows reach under them
        self._count = 0

    def place(self, cells: Sequence[Filled], together: int | None) -> None:
        """Puts the next row on a page; `together` is how many rows there are, where that is known."""
        height = max([cell.height for cell in cells]) + 2 * _ROW_PAD
        if self._begun is None:
            self._begin(height, together)
        if self._used + height > self._room:
            if height > BOTTOM - TOP - self._continued_height - self._heading_height:
                self._split(cells)
                return
            self._next_page()
        self._wait(cells, height, None)
        self._count += 1

    def say(self, text: str) -> None:
        """Says what stands in place of rows."""
        block = self._canvas.typesetter.block(text, self._body, ROOM - 2 * PAD)
        height = block.height + 2 * _ROW_PAD
        self._begin(height, None)
        self._flush()
        top = self._top + self._heading_height
        self._canvas.block(LEFT + PAD, top + _ROW_PAD, block, self._body)
        self._used = height

    def finish(self) -> Place:
        """Draws what still waits; where the table begins."""
        if self._waiting:
            self._flush()
        self._canvas.y = self._top + self._heading_height + self._used
        assert self._begun is not None  # noqa: S101 a row or a text came first
        return self._begun

    @property
    def _room(self) -> float:
        return BOTTOM - self._top - self._heading_height

    @property
    def _continued_height(self) -> float:
        return self._note.pitch + _AFTER

    def _heading_cells(self, band: Sequence[Frame]) -> list[Filled]:
        blocks = [self._heading_block(frame) for frame in band]
        return [Filled(block, self._heading, block.height) for block in blocks]

    def _heading_block(self, frame: Frame) -> Block:
        label = self._header.labels[frame.index]
        return self._canvas.typesetter.block(label, self._heading, frame.room, is_right=frame.is_right)

    def _begin(self, first_height: float, together: int | None) -> None:
        """Makes room for the title, the headings and a few rows, or all where they are few, and draws the title."""
        canvas, least = self._canvas, self._body.pitch + 2 * _ROW_PAD
        rows = together if together is not None and together <= _MOST_TOGETHER else _FEWEST_ROWS
        title = canvas.typesetter.block(self._header.name, self._title, ROOM * _TITLE_PART)
        above = title.height + _BEFORE + _AFTER + self._heading_height
        is_below = canvas.y > TOP
        if is_below and (self._header.on_new_page or canvas.y + above + max(first_height, rows * least) > BOTTOM):
            canvas.next_page()
            is_below = False
        canvas.y += _BEFORE if is_below else 0
        self._begun = canvas.place
        self._draw_title(title)
        self._top, self._used = canvas.y, 0

    def _draw_title(self, title: Block) -> None:
        canvas = self._canvas
        canvas.block(LEFT, canvas.y, title, self._title)
        remark = canvas.typesetter.block(self._header.remark, self._note)
        down = self._title.ascent - self._note.ascent
        canvas.block(RIGHT - remark.width, canvas.y + down, remark, self._note)
        canvas.y += title.height + _AFTER

    def _wait(self, cells: Sequence[Filled], height: float, lines: Sequence[slice] | None) -> None:
        self._waiting.append(_Part(cells, self._used, height, lines, self._count % 2 == 1))
        self._used += height

    def _split(self, cells: Sequence[Filled]) -> None:
        """Puts a row on as many pages as it takes, each of which gets the lines for which there is room."""
        if self._room - self._used < _FEWEST_LINES * self._body.pitch + 2 * _ROW_PAD:
            self._next_page()
        starts = [0] * len(cells)
        while True:
            room = self._room - self._used - 2 * _ROW_PAD
            lines = [lines_within(cell, start, room) for cell, start in zip(cells, starts, strict=True)]
            heights = [height_from(cell, part) for cell, part in zip(cells, lines, strict=True)]
            self._wait(cells, max(heights) + 2 * _ROW_PAD, lines)
            starts = [part.stop for part in lines]
            if all(start >= len(cell.block.lines) for start, cell in zip(starts, cells, strict=True)):
                self._count += 1
                return
            self._next_page()

    def _next_page(self) -> None:
        self._flush()
        self._canvas.next_page()
        self._continue()
        self._top, self._used = self._canvas.y, 0

    def _continue(self) -> None:
        """Says on a following page which table it is."""
        block = self._canvas.typesetter.block(f"{self._header.name}, continued", self._note, ROOM)
        self._canvas.line(LEFT, self._canvas.y, block.lines[0], self._note)
        self._canvas.y += self._continued_height

    def _flush(self) -> None:
        top = self._top
        for place, (band, headings) in enumerate(zip(self._plan.bands, self._headings, strict=True)):
            if place > 0:
                self._canvas.next_page()
                self._continue()
                top = self._canvas.y
            self._draw_band(band, headings, top)
        self._top = top
        self._waiting.clear()

    def _draw_band(self, band: Sequence[Frame], headings: Sequence[Filled], top: float) -> None:
        canvas, body = self._canvas, top + self._heading_height
        left, width = band[0].x, band[-1].x + band[-1].width - band[0].x
        canvas.fill(self._brand, [(left, top, width, self._heading_height)])
        for frame, heading in zip(band, headings, strict=True):
            draw(canvas, heading, frame, body - _HEADING_PAD - heading.height, None)
        waiting = self._waiting
        canvas.fill(STRIPE, [(left, body + part.top, width, part.height) for part in waiting if part.is_striped])
        ends = [body + part.top + part.height for part in waiting]
        canvas.fill(RULE, [(left, end - _RULE_WIDTH, width, _RULE_WIDTH) for end in ends])
        for part in waiting:
            y = body + part.top + _ROW_PAD
            for frame in band:
                if (ground := part.cells[frame.index].ground) is not None:
                    canvas.fill(ground, [(frame.x, body + part.top, frame.width, part.height - _RULE_WIDTH)])
                draw(canvas, part.cells[frame.index], frame, y, part.lines[frame.index] if part.lines else None)
