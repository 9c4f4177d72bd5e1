"""CSV: the main table as RFC 4180 text in UTF-8, instants in ISO 8601 with offset; text can never become a formula."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from shared.clock import local_time
from shared.document import Column, Document, Facts, Kind, Link, Row, rounded
from shared.rendering._model import Format, RenderOptions

_BATCH = 1_000  # rows formatted column by column
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_DECIMALS = {Kind.MINUTES: 2, Kind.PERCENT: 2, Kind.MONEY: 2}


@dataclass
class _Tally:
    rows: int = 0
    odd_values: int = 0


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the main table; an empty one says so in its first record and lists the filters."""
    table, tally = document.main, _Tally()
    encoding = "utf-8-sig" if options.csv_bom else "utf-8"
    text = io.TextIOWrapper(target, encoding=encoding, newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([column.label for column in table.columns])
    writer.writerows(_records(table.rows(), table.columns, document.zone, tally))
    if tally.rows == 0:
        writer.writerow([_empty_text(document), *[""] * (len(table.columns) - 1)])
    text.flush()
    text.detach()  # the caller owns the file
    return Facts("csv", {table.name: tally.rows}, odd_values=tally.odd_values)


FORMAT = Format(content_type="text/csv; charset=utf-8", render=render)


def _records(rows: Iterable[Row], columns: tuple[Column, ...], zone: ZoneInfo, tally: _Tally) -> Iterator[Any]:
    writers = [_cell_writer(column, zone, tally) for column in columns]
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        tally.rows += len(batch)
        columnwise = (
            [None if cell is None else write(cell) for cell in cells]
            for write, cells in zip(writers, zip(*batch, strict=True), strict=True)
        )
        yield from zip(*columnwise, strict=True)


def _cell_writer(column: Column, zone: ZoneInfo, tally: _Tally) -> Callable[[Any], str]:
    """The function that turns a cell of this column, never None, into its text."""
    decimals = _DECIMALS.get(column.kind) if column.decimals is None else column.decimals

    def number(value: float | Decimal) -> str:
        if not math.isfinite(value):
            tally.odd_values += 1
            return ""
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return format(exact if decimals is None else rounded(exact, decimals), "f")

    def integer(value: float | Decimal) -> str:
        return str(value) if isinstance(value, int) else number(value)

    def instant(at: datetime) -> str:
        return local_time(at, zone).isoformat(timespec="seconds")

    def day(value: date) -> str:
        return value.strftime(column.date_format) if column.date_format else value.isoformat()

    writers: dict[Kind, Callable[[Any], str]] = {
        Kind.TEXT: _guarded,
        Kind.LINK: lambda link: _guarded(link.text if isinstance(link, Link) else link),
        Kind.INTEGER: integer,
        Kind.DATE: day,
        Kind.DATE_TIME: instant,
        Kind.DURATION: _hours,
        Kind.BOOLEAN: lambda value: "Yes" if value else "No",
    }
    return writers.get(column.kind, number)


def _guarded(text: str) -> str:
    """A leading apostrophe keeps spreadsheets from running text as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _hours(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _empty_text(document: Document) -> str:
    filters = "; ".join(f"{note.label}: {note.text}" for note in document.notes)
    return f"{document.empty_text} ({filters})" if filters else document.empty_text
