"""Whole columns of CSV give what the csv module writes of single cells, byte for byte, and take little memory."""

import csv
import io
import math
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.document import Cell, Column, Document, Kind, Link, Row, Table
from shared.rendering import RenderOptions, find_format

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
FIXED = {Kind.MINUTES: 2, Kind.PERCENT: 2, Kind.MONEY: 2}
NUMBERS = {Kind.INTEGER, Kind.DECIMAL, *FIXED}


class Sink(io.RawIOBase):
    """Takes bytes and keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return len(content)


def _render(columns: Sequence[Column], rows: Iterable[Row], zone: ZoneInfo = LOS_ANGELES) -> bytes:
    table = Table("Calls", tuple(columns), lambda: rows)
    target = io.BytesIO()
    document = Document("r", "R", "", zone, NOW, NOW, "d", (table,))
    find_format("csv").render(document, RenderOptions(csv_bom=False), target)
    return target.getvalue()


def _expected(columns: Sequence[Column], rows: Iterable[Row], zone: ZoneInfo = LOS_ANGELES) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([_guarded(column.label) for column in columns])
    writer.writerows([[_text(column, cell, zone) for column, cell in zip(columns, row, strict=True)] for row in rows])
    return target.getvalue().encode()


def _text(column: Column, cell: Any, zone: ZoneInfo) -> str:
    """A cell's text, written down once more and as plainly as it can be."""
    if cell is None:
        return ""
    plain: dict[Kind, Callable[[Any], str]] = {
        Kind.TEXT: _guarded,
        Kind.LINK: lambda link: _guarded(link.text if isinstance(link, Link) else link),
        Kind.BOOLEAN: lambda value: "Yes" if value else "No",
        Kind.DATE: lambda day: str(day.isoformat()),
        Kind.DATE_TIME: lambda at: str(at.astimezone(zone).isoformat(timespec="seconds")),
        Kind.DURATION: lambda duration: _hours(round(duration.total_seconds())),
    }
    decimals = FIXED.get(column.kind) if column.decimals is None else column.decimals
    if column.kind is Kind.INTEGER and isinstance(cell, int):
        decimals = None
    return plain.get(column.kind, lambda number: _number(number, decimals))(cell)


def _guarded(text: str) -> str:
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text


def _hours(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' * (seconds < 0)}{hours}:{rest // 60:02}:{rest % 60:02}"


def _number(cell: float | Decimal, decimals: int | None) -> str:
    exact = Decimal(str(cell))
    if not exact.is_finite():
        return ""
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        exact = abs(exact) if exact == 0 else exact
    return f"{exact:f}"


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "=1", "-", "+1,2", '"', "a\nb", "\0=1"]
)
zones = st.sampled_from([UTC, LOS_ANGELES, timezone(timedelta(hours=5, minutes=45))])
numbers = (
    st.integers(-(10**17), 10**17)
    | st.floats(-1e17, 1e17)
    | st.integers(-(10**7), 10**7).map(lambda thousandth: thousandth / 1000)
    | st.sampled_from([0.0, -0.0, math.nan, math.inf, 0.125, 1e-7, 1, 1.0, Decimal(1), Decimal("-0.005")])
)
CELLS: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts,
    Kind.LINK: texts | st.builds(Link, texts),
    Kind.BOOLEAN: st.booleans() | st.sampled_from([0, 1]),
    Kind.DATE: st.dates() | st.datetimes(),
    Kind.DATE_TIME: st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 the zone comes by itself
    | st.datetimes(datetime(2026, 3, 7), datetime(2026, 3, 9), timezones=st.just(UTC)),  # noqa: DTZ001
    Kind.DURATION: st.timedeltas(timedelta(-9999), timedelta(9999)),
    **dict.fromkeys(NUMBERS, numbers),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[Row]]:
    """Some columns of any kind with rows that mix types and have gaps."""
    kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=5))
    columns = [
        Column(
            f"c{place}", draw(texts), kind, few_values=draw(st.booleans()), decimals=draw(st.sampled_from([None, 0, 1]))
        )
        for place, kind in enumerate(kinds)
    ]
    rows = draw(st.lists(st.tuples(*[st.none() | CELLS[kind] for kind in kinds]), min_size=1, max_size=20))
    return columns, rows


@given(tables())
@example(([Column("a", "")], [(None,), ("",), ("x",)]))
@example(([Column("a", "A", Kind.INTEGER)], [(1,), (1.0,), (Decimal(1),)]))
@example(([Column("a", "A", Kind.DECIMAL)], [(0.0,), (-0.0,), (1e-7,)]))
def test_same_bytes_as_the_csv_module(table: tuple[list[Column], list[Row]]) -> None:
    """Whatever stands together in a column, the file is what the csv module writes of the cells one by one."""
    columns, rows = table
    assert _render(columns, rows) == _expected(columns, rows)


@given(st.lists(st.integers(0, 10**8), min_size=1), st.integers(0, 4))
def test_halves_go_away_from_zero(thousandths: list[int], decimals: int) -> None:
    """Numbers at or near the half between two results are rounded as they are written, on either side of zero."""
    columns = [Column("a", "A", Kind.DECIMAL, decimals=decimals), Column("b", "B", Kind.MINUTES)]
    near = [number / 1000 + step for number in thousandths for step in (0.0, 0.005, 0.0050001, 0.0049999)]
    rows = [(each, -each) for each in near]
    assert _render(columns, rows) == _expected(columns, rows)


@pytest.mark.parametrize("step", [timedelta(minutes=7), timedelta(hours=11), timedelta(days=40), timedelta(days=900)])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_instants_on_both_sides_of_a_clock_change(zone: str, step: timedelta) -> None:
    """However far apart the instants of a column lie, each carries the offset of its own moment."""
    first = datetime(2026, 3, 5, 0, 0, 59, 999_999, tzinfo=UTC)
    rows: list[Row] = [(first + number * step, "x") for number in range(1_200)]
    columns = [Column("a", "A", Kind.DATE_TIME), Column("b", "B")]
    assert _render(columns, rows, ZoneInfo(zone)) == _expected(columns, rows, ZoneInfo(zone))


def test_columns_of_few_values_may_have_many() -> None:
    """A column that was said to have few values may have tens of thousands."""
    rows: list[Row] = [(f"value {n % 25_000}, {n}" if n % 3 else None, n) for n in range(40_000)]
    columns = [Column("a", "A", few_values=True), Column("b", "B", Kind.INTEGER)]
    assert _render(columns, rows) == _expected(columns, rows)


def test_odd_numbers_are_counted_each_time() -> None:
    """Values that are no numbers are counted however often they come."""
    columns = (Column("a", "A", Kind.INTEGER), Column("b", "B", Kind.DECIMAL), Column("c", "C", Kind.MINUTES))
    table = Table.eager("Calls", columns, [(math.nan, math.inf, Decimal("NaN"))] * 5)
    document = Document("r", "R", "", LOS_ANGELES, NOW, NOW, "d", (table,))
    assert find_format("csv").render(document, RenderOptions(), io.BytesIO()).odd_values == 15


def _many(count: int) -> Iterator[tuple[Cell, ...]]:
    for number in range(count):
        at = NOW + timedelta(seconds=977 * number)
        yield f"Call {number}, {number}", number, at, at.date(), number / 7, number / 60


def _peak(count: int) -> int:
    columns = (
        Column("a", "A", few_values=True),
        Column("b", "B", Kind.INTEGER),
        Column("c", "C", Kind.DATE_TIME),
        Column("d", "D", Kind.DATE),
        Column("e", "E", Kind.DECIMAL),
        Column("f", "F", Kind.MINUTES),
    )
    document = Document("r", "R", "", LOS_ANGELES, NOW, NOW, "d", (Table("Calls", columns, lambda: _many(count)),))
    tracemalloc.start()
    find_format("csv").render(document, RenderOptions(), Sink())  # type: ignore[arg-type] # all that a format asks of it
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_rows() -> None:
    """More rows, all different, take no more memory, and little of it."""
    small, large = _peak(12_000), _peak(30_000)
    assert large < small + (1 << 20)
    assert large < 12 << 20
