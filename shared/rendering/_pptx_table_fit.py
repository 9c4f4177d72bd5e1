"""Fits a table to a slide: letters as large as they can be, columns as wide as they must; draws nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.document import Column
from shared.rendering._slides_fit import count_lines, cut_to_lines, line_height, text_width

PADDING, ABOVE = 6.0, 2.0  # points left and right of a cell's text, and above and below it
_SIZES = (14.0, 13, 12, 11, 10, 9, 8)  # points
_NARROWEST = 78.0  # of a cut column: an instant in the smallest letters is narrower
_WIDEST = 0.3  # of the table: a column of long texts
_MOST_STRETCHED = 2.5  # times what a column asks for
_TALLEST = 28.0  # points: a row where there is room
_HEADING_LINES = 3

Texts = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Fitted:
    """A table that fits: its letters' size in points, and of the columns that have room widths, headings and texts."""

    size: float
    widths: tuple[float, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    heading_height: float
    row_height: float


@dataclass(frozen=True)
class _Room:
    """What a table may take: points, the size of its letters, and the lines of a cell."""

    width: float
    height: float
    size: float
    lines: int


def fit(columns: Sequence[Column], rows: Texts, width: float, height: float) -> Fitted:
    """The table within `width` times `height` points.

    Where even the smallest letters do not fit on one line each, the widest texts take two and are cut after them; where
    that is not enough, columns at the end are left out.
    """
    for size in _SIZES:
        widths = _asked(columns, rows, size, width)
        if sum(widths) <= width:
            made = _fitted(columns, rows, widths, _Room(width, height, size, 1))
            if _height(made) <= height:
                return made
    squeezed = _squeezed(widths, width)
    fitted = (_fitted(columns, rows, squeezed, _Room(width, height, _SIZES[-1], lines)) for lines in (2, 1))
    return min(fitted, key=lambda made: _height(made) > height)


def _height(made: Fitted) -> float:
    return made.heading_height + made.row_height * len(made.rows)


def _asked(columns: Sequence[Column], rows: Texts, size: float, width: float) -> list[float]:
    """What texts and headings ask for; long texts ask for no more than a part of the table."""
    asked = []
    for place, column in enumerate(columns):
        widest = max((text_width(cells[place], size) for cells in rows), default=0.0)
        asked.append(min(max(widest, _heading_width(column.label, size, width)), width * _WIDEST) + 2 * PADDING)
    return asked


def _heading_width(label: str, size: float, most: float) -> float:
    """The least width in which a heading takes no more lines than it may, and no word is broken; at most `most`."""
    width = max((text_width(each, size, is_bold=True) for each in label.split()), default=0.0)
    while width < most and count_lines(label, size, width, is_bold=True) > _HEADING_LINES:
        width += size
    return width


def _squeezed(widths: Sequence[float], width: float) -> list[float]:
    """The widths with the widest brought down to one that lets all fit, or as many as fit at the narrowest."""
    kept = list(widths)
    while sum(min(each, _NARROWEST) for each in kept) > width:
        kept.pop()
    widest, rest = _NARROWEST, width
    for place, each in enumerate(ordered := sorted(kept)):
        widest = rest / (len(ordered) - place)
        if each > widest:
            break
        rest -= each
    return [min(each, widest) for each in kept]


def _fitted(columns: Sequence[Column], rows: Texts, asked: Sequence[float], room: _Room) -> Fitted:
    size = room.size
    widths = [each * min(room.width / sum(asked), _MOST_STRETCHED) for each in asked]
    inner = [each - 2 * PADDING for each in widths]
    headings = tuple(
        cut_to_lines(column.label, size, each, _HEADING_LINES, is_bold=True)
        for column, each in zip(columns, inner, strict=False)
    )
    texts = tuple(
        tuple(cut_to_lines(text, size, each, room.lines) for text, each in zip(cells, inner, strict=False))
        for cells in rows
    )
    heading_height = _row_height([headings], inner, size, is_bold=True)
    spread = min((room.height - heading_height) / max(len(rows), 1), _TALLEST)
    return Fitted(
        size=size,
        widths=tuple(widths),
        headings=headings,
        rows=texts,
        heading_height=heading_height,
        row_height=max(_row_height(texts, inner, size, is_bold=False), spread),
    )


def _row_height(rows: Texts, widths: Sequence[float], size: float, *, is_bold: bool) -> float:
    """The height that all of the rows have room in."""
    lines = (
        count_lines(text, size, width, is_bold=is_bold)
        for cells in rows
        for text, width in zip(cells, widths, strict=True)
    )
    return max(lines, default=1) * line_height(size) + 2 * ABOVE
