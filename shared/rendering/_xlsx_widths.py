"""Widths of columns from what their first cells show, heights of rows from what wraps; formats nothing for a file."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from shared.document import Cell, Column, Kind, Link
from shared.rendering._xlsx_number_formats import DECIMALS, number_format

LOOKED_AT = 500  # rows
_NARROWEST, _WIDEST, _MARGIN = 10, 50, 2
_HEADING = 1.2  # its letters, bold and a point larger, to the body's
_LINE, _HIGHEST = 15, 409  # points
_MOST_LINES = ceil(_HIGHEST / _LINE)
_HEIGHTS = ("", "", *(f' ht="{min(_LINE * count, _HIGHEST)}"' for count in range(2, _MOST_LINES + 1)))
_GENERAL_DIGITS = 11  # as many as Excel shows of a number without a format


class Widths:
    """Collects the widths of a table's columns, in characters of the body's font."""

    def __init__(self, columns: Sequence[Column], locale: str) -> None:
        self._columns, self._locale = columns, locale
        self._widest = [ceil(_HEADING * _text_width(column.label)) for column in columns]
        self._wrapping = [place for place, column in enumerate(columns) if column.long_text]
        self._rows = 0

    def see(self, columnwise: Sequence[Sequence[Cell]]) -> None:
        """Takes the next rows into account, as columns, while there were fewer than 500."""
        if (room := LOOKED_AT - self._rows) <= 0:
            return
        for place, (column, cells) in enumerate(zip(self._columns, columnwise, strict=True)):
            shown = [_shown(cell, column, self._locale) for cell in cells[:room] if cell is not None]
            self._widest[place] = max([self._widest[place], *shown])
        self._rows += len(columnwise[0])

    def found(self) -> Sequence[float]:
        """The width of each column: content and a margin, within limits."""
        return [min(max(widest + _MARGIN, _NARROWEST), _WIDEST) for widest in self._widest]

    def heights(self, columnwise: Sequence[Sequence[Cell]]) -> Sequence[str]:
        """The `ht` attribute of each row's element: "" for a row of one line. Not all programs find heights."""
        lines, widths = [1] * len(columnwise[0]), self.found()
        for place in self._wrapping:
            width = widths[place]
            cells = [cell if isinstance(cell, str) else "" for cell in columnwise[place]]
            if "\n" in "".join(cells):
                lines = list(map(max, lines, (_lines(cell, width) for cell in cells)))
            elif max(map(len, cells)) > width:
                lines = list(map(max, lines, [ceil(len(cell) / width) for cell in cells]))
        return [_HEIGHTS[min(count, _MOST_LINES)] for count in lines]


def _lines(text: str, width: float) -> int:
    """How many lines a text takes, about."""
    return sum(ceil(len(line) / width) or 1 for line in text.split("\n"))


def _shown(cell: Any, column: Column, locale: str) -> int:
    """How many characters a cell shows."""
    if isinstance(cell, str | Link):
        return _text_width(cell if isinstance(cell, str) else cell.text)
    if column.kind in {Kind.DATE, Kind.DATE_TIME}:
        return len(number_format(column, locale))
    if isinstance(cell, timedelta):
        return len(str(cell.days * 24)) + len(":00:00")
    return 3 if column.kind is Kind.BOOLEAN else _number_width(cell, column)


def _number_width(cell: Any, column: Column) -> int:
    decimals = DECIMALS.get(column.kind) if column.decimals is None else column.decimals
    return min(len(str(cell)), _GENERAL_DIGITS) if decimals is None else len(f"{cell:,.{decimals}f}")


def _text_width(text: str) -> int:
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(sum(1 + (east_asian_width(sign) in "WF") for sign in line[:_WIDEST]) for line in text.split("\n"))
