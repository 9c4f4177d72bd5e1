"""Columns of CSV: turns all cells of a column at once into texts that only need to be joined; writes no file.

Every column has an exact way for one cell, and a quick one for many of the usual type, which gives the same texts.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import local_time
from shared.document import Column, Kind, Link, rounded
from shared.rendering._zone_offsets import ZoneOffsets

CellWriter = Callable[[Any], str]
ColumnWriter = Callable[[Sequence[Any]], Sequence[str]]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FORMULA = re.compile("\0[=+@\t\r-]")  # quick, and may also find one within a text
_DECIMALS = {Kind.MINUTES: 2, Kind.PERCENT: 2, Kind.MONEY: 2}
_USUAL_TYPES = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.DATE: date,
    Kind.DATE_TIME: datetime,
    Kind.DURATION: timedelta,
    Kind.BOOLEAN: bool,
}
_REMEMBERED = 10_000  # different cells of a column
_EPOCH, _FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1)
_TO_OFFSET = len("2026-03-10T10:00:00")


@dataclass
class Tally:
    """What was met while writing: numbers that are none."""

    odd_values: int = 0


class _Memory(dict[Any, Any]):
    """Remembers what was made of a key, and forgets everything when it is full."""

    def __init__(self, make: Callable[[Any], Any], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: Any) -> Any:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made


def column_writers(columns: Sequence[Column], zone: ZoneInfo, tally: Tally) -> list[ColumnWriter]:
    """For each column the function that turns its cells into texts, guarded and quoted, None into an empty one."""
    instants = _Instants(zone)
    return [_column_writer(column, _cell_writer(column, instants, tally), instants) for column in columns]


def quoted(texts: Sequence[str]) -> Sequence[str]:
    """The texts as fields of RFC 4180: in quotes, and quotes doubled, where a comma, quote or line end is in them."""
    joined = "".join(texts)
    if not any(mark in joined for mark in ',"\r\n'):
        return texts
    return [
        '"' + text.replace('"', '""') + '"' if "," in text or '"' in text or "\n" in text or "\r" in text else text
        for text in texts
    ]


def _column_writer(column: Column, exact: CellWriter, instants: "_Instants") -> ColumnWriter:
    usual, quick = _USUAL_TYPES.get(column.kind, float), _quick_writer(column, exact, instants)
    if column.kind is Kind.LINK:
        return lambda cells: guarded([cell.text if isinstance(cell, Link) else cell for cell in cells])

    def write(cells: Sequence[Any]) -> Sequence[str]:
        if set(map(type, cells)) <= {usual, NoneType}:
            return quick(cells)
        return _one_by_one(cells, exact)

    return write


def _quick_writer(column: Column, exact: CellWriter, instants: "_Instants") -> ColumnWriter:
    """The function for cells of the column's usual type, or None."""
    if column.kind is Kind.TEXT and not column.few_values:
        return guarded
    if column.kind is Kind.DATE_TIME:
        return instants.write
    if column.kind not in _USUAL_TYPES:
        decimals = _decimals(column)
        return _plain_floats(exact) if decimals is None else _rounded_floats(exact, decimals)
    memory = _Memory(lambda cell: "" if cell is None else exact(cell))
    return lambda cells: [*map(memory.__getitem__, cells)]


def _one_by_one(cells: Sequence[Any], exact: CellWriter) -> Sequence[str]:
    return ["" if cell is None else exact(cell) for cell in cells]


def guarded(cells: Sequence[str | None]) -> Sequence[str]:
    """The texts as fields: a leading apostrophe keeps spreadsheets from running one as a formula."""
    texts = [cell or "" for cell in cells]
    if _FORMULA.search("\0" + "\0".join(texts)):
        texts = [f"'{text}" if text.startswith(_FORMULA_STARTS) else text for text in texts]
    return quoted(texts)


def _plain_floats(exact: CellWriter) -> ColumnWriter:
    def write(cells: Sequence[float | None]) -> Sequence[str]:
        texts = ["" if cell is None else repr(cell) for cell in cells]
        joined = "".join(texts)
        return _one_by_one(cells, exact) if "e" in joined or "n" in joined else texts  # an exponent; nan and inf

    return write


def _rounded_floats(exact: CellWriter, decimals: int) -> ColumnWriter:
    """C's rounding is ours where the number lies clearly beside the half between two results."""
    pattern, scale = f"%.{decimals}f", 10**decimals
    most, low, high = 1e9 / scale, 0.4999, 0.5001

    def write(cells: Sequence[float | None]) -> Sequence[str]:
        return [
            ""
            if cell is None
            else pattern % cell
            if 0 < cell < most and not low < cell * scale % 1 < high
            else exact(cell)
            for cell in cells
        ]

    return write


class _Instants:
    """Writes instants in a zone: days and times of day come again, and most batches have one offset from UTC."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets = ZoneOffsets(zone)
        self._days = _Memory(lambda days: f"{_FIRST_DAY + timedelta(days)}T")
        self._minutes = _Memory(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}:")

    def exact(self, at: datetime) -> str:
        return local_time(at, self._zone).isoformat(timespec="seconds")

    def write(self, cells: Sequence[datetime | None]) -> Sequence[str]:
        present = [*filter(None, cells)]
        offset = self._offsets.steady(present)
        if offset is None:
            return _one_by_one(cells, self.exact)
        days, minutes, start = self._days, self._minutes, _EPOCH - offset
        endings = [f"{second:02}{self.exact(present[0])[_TO_OFFSET:]}" for second in range(60)]
        return [
            ""
            if at is None
            else f"{days[(since := at - start).days]}{minutes[(of_day := since.seconds) // 60]}{endings[of_day % 60]}"
            for at in cells
        ]


def _decimals(column: Column) -> int | None:
    return _DECIMALS.get(column.kind) if column.decimals is None else column.decimals


def _cell_writer(column: Column, instants: _Instants, tally: Tally) -> CellWriter:
    """The function that turns a cell of this column, never None, into its text, whatever its type."""
    decimals = _decimals(column)

    def number(value: float | Decimal) -> str:
        if not math.isfinite(value):
            tally.odd_values += 1
            return ""
        written = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return format(written if decimals is None else rounded(written, decimals), "f")

    def integer(value: float | Decimal) -> str:
        return str(value) if isinstance(value, int) else number(value)

    def day(value: date) -> str:
        return value.strftime(column.date_format) if column.date_format else value.isoformat()

    writers: dict[Kind, CellWriter] = {
        Kind.TEXT: lambda text: guarded([text])[0],
        Kind.INTEGER: integer,
        Kind.DATE: lambda value: quoted([day(value)])[0],
        Kind.DATE_TIME: instants.exact,
        Kind.DURATION: _hours,
        Kind.BOOLEAN: lambda value: "Yes" if value else "No",
    }
    return writers.get(column.kind, number)


def _hours(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
