"""Cells as spreadsheet XML, a column of a batch at a time; knows neither rows nor files.

A writer gives what follows the cells' references in the row's template, with one `%s`, and what is put there row by
row. Where all cells of a batch are alike, the values themselves are put there, and no cell costs a line of Python.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shared.document import Cell, Column, Kind
from shared.rendering._xlsx_text import BLANK, FILLED, escaped, text_end, text_ends
from shared.rendering._xlsx_times import FIRST_SERIAL, WallClock, day_serial

Slot = tuple[str, Sequence[Any]]
Writer = Callable[[Sequence[Any]], Slot]

_NUMBER = "><v>%s</v></c>"
_EXACT = 2**53  # whole numbers up to here are exact in a spreadsheet
_LARGEST = 9.99e307  # Excel's
_KNOWN_AT_MOST = 20_000
_DAY = timedelta(days=1)


@dataclass
class Tally:
    """What a cell could not hold as it was."""

    odd_values: int = 0


def writer(column: Column, style: int, zone: ZoneInfo, tally: Tally) -> Writer:
    """The writer of a column of any kind but links, in the style of this number."""
    each: dict[Kind, Callable[[Any], str]] = {
        Kind.DATE: lambda day: _day(day, tally),
        Kind.BOOLEAN: lambda value: text_end("Yes" if value else "No"),
        Kind.DURATION: lambda value: _duration(value, tally),
    }
    if column.kind is Kind.TEXT:
        return _known(style, text_end) if column.few_values else _texts(style)
    if column.kind is Kind.DATE_TIME:
        return _instants(style, zone, tally)
    return _known(style, each[column.kind]) if column.kind in each else _numbers(style, tally)


class _Known(dict[Any, str]):
    """Ends of cells by value, made once each; forgets all of them when there are too many."""

    def __init__(self, end: Callable[[Any], str]) -> None:
        super().__init__({None: BLANK})
        self._end = end

    def __missing__(self, cell: Any) -> str:
        if len(self) > _KNOWN_AT_MOST:
            self.clear()
            self[None] = BLANK
        found = self[cell] = self._end(cell)
        return found


def _known(style: int, end: Callable[[Any], str]) -> Writer:
    known = _Known(end)
    return lambda cells: (f' s="{style}"%s', [*map(known.__getitem__, cells)])


def _texts(style: int) -> Writer:
    mixed, filled = f' s="{style}"%s', f' s="{style}"{FILLED}'

    def write(cells: Sequence[str | None]) -> Slot:
        texts = [cell or "" for cell in cells]
        return (filled, escaped(texts)) if all(texts) else (mixed, text_ends(texts))

    return write


def _numbers(style: int, tally: Tally) -> Writer:
    mixed, filled = f' s="{style}"%s', f' s="{style}"{_NUMBER}'

    def write(cells: Sequence[Cell]) -> Slot:
        numbers: Sequence[Any] = [cell for cell in cells if cell is not None]
        if not (set(map(type, numbers)) <= {int, float} and sum(map(abs, numbers)) < _EXACT):
            return mixed, [_number(cell, tally) for cell in cells]
        if len(numbers) == len(cells):
            return filled, numbers
        return mixed, [BLANK if cell is None else f"><v>{cell}</v></c>" for cell in cells]

    return write


def _number(cell: Any, tally: Tally) -> str:
    """The end of a numeric cell: blank where there is no finite number, text where a spreadsheet would round it."""
    if cell is None:
        return BLANK
    if isinstance(cell, Decimal) or not isinstance(cell, int):
        value = cell if isinstance(cell, Decimal) else Decimal(repr(float(cell)))
        if value.is_finite() and abs(value) < _LARGEST:
            return _NUMBER % (f"{value:f}" if isinstance(cell, Decimal) else repr(float(cell)))
        tally.odd_values += 1
        return BLANK
    if abs(cell) <= _EXACT:
        return _NUMBER % int(cell)
    tally.odd_values += 1
    return text_end(str(cell))


def _day(day: date, tally: Tally) -> str:
    serial = day_serial(day)
    if serial >= FIRST_SERIAL:
        return _NUMBER % serial
    tally.odd_values += 1
    return text_end(day.isoformat())


def _duration(value: timedelta, tally: Tally) -> str:
    if value >= timedelta(0):
        return _NUMBER % (value / _DAY)
    tally.odd_values += 1  # a spreadsheet shows a negative time as #####
    seconds = round(-value.total_seconds())
    return text_end(f"-{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}")


def _instants(style: int, zone: ZoneInfo, tally: Tally) -> Writer:
    mixed, filled = f' s="{style}"%s', f' s="{style}"{_NUMBER}'
    wall = WallClock(zone)

    def write(cells: Sequence[datetime | None]) -> Slot:
        serials = wall.serials(cells)
        if min((serial for serial in serials if serial is not None), default=FIRST_SERIAL) < FIRST_SERIAL:
            return mixed, [_instant(cell, serial, wall, tally) for cell, serial in zip(cells, serials, strict=True)]
        if None not in serials:
            return filled, serials
        return mixed, [BLANK if serial is None else f"><v>{serial}</v></c>" for serial in serials]

    return write


def _instant(at: datetime | None, serial: float | None, wall: WallClock, tally: Tally) -> str:
    if at is None or serial is None:
        return BLANK
    if serial >= FIRST_SERIAL:
        return _NUMBER % serial
    tally.odd_values += 1
    return text_end(wall.read(at).isoformat(" ", "seconds"))
