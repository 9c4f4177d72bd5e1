"""The CSV format: any reader takes its files apart again, no spreadsheet runs them, and empty ones say so."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dev.still_meter import StillMeter
from shared.document import Cell, Column, Document, Facts, Kind, Link, Note, Row, Table
from shared.preview import previewed
from shared.rendering import RenderOptions, find_format
from shared.rows import metered

NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
FORMULA_STARTS = tuple("=+-@\t\r")
any_text = st.text(st.characters())


def _document(
    columns: Sequence[Column], rows: Iterable[Row], zone: str = "Asia/Kolkata", notes: tuple[Note, ...] = ()
) -> Document:
    table = Table.eager("Calls", tuple(columns), list(rows), is_main=True)
    return Document("r", "R", "", ZoneInfo(zone), NOW, NOW, "d", (table,), notes=notes)


def _render(document: Document, *, bom: bool = False) -> tuple[bytes, Facts]:
    """The file as a job makes it: rows cleaned on their way."""
    target = io.BytesIO()
    facts = find_format("csv").render(metered(document, StillMeter())[0], RenderOptions(csv_bom=bom), target)
    assert not target.closed
    return target.getvalue(), facts


def _records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def _cell(kind: Kind, cell: Cell, zone: str = "Asia/Kolkata", **column: Any) -> str:
    document = _document([Column("k", "K", kind, **column), Column("x", "X")], [(cell, "x")], zone)
    return _records(_render(document)[0])[1][0]


@given(st.lists(st.tuples(any_text, any_text), min_size=1, max_size=5))
@example([('a,"b"\r\n', "\n"), ("", "'")])
@example([("\x00=1+1", "\ufeff=1")])
def test_text_comes_back(rows: list[tuple[str, str]]) -> None:
    """An RFC 4180 reader gets the text that went in, cleaned, and nothing that a spreadsheet would run."""
    document = _document([Column("a", "A, a"), Column("b", 'B "b"')], rows)
    records = _records(_render(document)[0])
    assert records[0] == ["A, a", 'B "b"']
    written = list(metered(document, StillMeter())[0].main.rows())
    for record, row in zip(records[1:], written, strict=True):
        for text, cell in zip(record, row, strict=True):
            assert isinstance(cell, str)
            assert text == (f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell)
            assert not text.startswith(FORMULA_STARTS)


@pytest.mark.parametrize("text", ["=1+1", "+91 98", "-5", "@SUM(A1)", "\t=1", '=cmd|"/c calc"!A1', "\x01=1"])
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.LINK])
def test_formulas_become_text(text: str, kind: Kind) -> None:
    """Text that a spreadsheet would run begins with an apostrophe, in text columns and in links."""
    cell = Link(text, "https://e.com") if kind is Kind.LINK else text
    assert _cell(kind, cell) == "'" + text.removeprefix("\x01")


def test_file_is_rfc_4180() -> None:
    """Records end in CR LF, cells with commas, quotes or line ends are quoted, quotes are doubled."""
    content, facts = _render(_document([Column("a", "A"), Column("b", "B")], [('x"y', "1,2"), ("p\nq", None)]))
    assert content == b'A,B\r\n"x""y","1,2"\r\n"p\nq",\r\n'
    assert (facts.format, facts.rows) == ("csv", {"Calls": 2})


def test_byte_order_mark_is_a_choice() -> None:
    """With the setting the file begins with a UTF-8 byte order mark, which Excel needs; otherwise with the heading."""
    document = _document([Column("a", "नाम")], [("😀",)])
    assert _render(document, bom=True)[0] == b"\xef\xbb\xbf" + _render(document)[0]
    assert _render(document)[0] == "नाम\r\n😀\r\n".encode()


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        (Kind.INTEGER, 0, "0"),
        (Kind.INTEGER, 12345678901234567, "12345678901234567"),
        (Kind.INTEGER, Decimal(5), "5"),
        (Kind.DECIMAL, 12.9715987, "12.9715987"),
        (Kind.DECIMAL, 1e-7, "0.0000001"),
        (Kind.DECIMAL, -0.5, "-0.5"),
        (Kind.MINUTES, 2.005, "2.01"),
        (Kind.MINUTES, -3.0, "-3.00"),
        (Kind.PERCENT, 200 / 3, "66.67"),
        (Kind.PERCENT, 0.0, "0.00"),
        (Kind.MONEY, Decimal("1234567.5"), "1234567.50"),
        (Kind.DATE, date(2026, 3, 9), "2026-03-09"),
        (Kind.DURATION, timedelta(hours=30, minutes=1, seconds=2), "30:01:02"),
        (Kind.DURATION, -timedelta(minutes=90), "-1:30:00"),
        (Kind.BOOLEAN, True, "Yes"),
        (Kind.BOOLEAN, False, "No"),
        (Kind.TEXT, "", ""),
        (Kind.LINK, Link("View"), "View"),
    ],
)
def test_cells_by_kind(kind: Kind, cell: Cell, text: str) -> None:
    """Numbers are written in full without exponents, minutes and percentages to 2 decimals, dates as ISO 8601."""
    assert _cell(kind, cell) == text


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_blank(kind: Kind) -> None:
    """A missing value of any kind is an empty cell, never a word and never 0."""
    assert _cell(kind, None) == ""


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.DECIMAL, Kind.MINUTES, Kind.PERCENT, Kind.MONEY])
def test_odd_numbers_are_blank_and_counted(kind: Kind, value: float | Decimal) -> None:
    """What is no finite number is an empty cell, and the file's facts count it."""
    document = _document([Column("k", "K", kind), Column("x", "X")], [(value, "x")])
    content, facts = _render(document)
    assert content == b"K,X\r\n,x\r\n"
    assert facts.odd_values == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain_numbers_come_back_exactly(value: float) -> None:
    """A number without a fixed number of decimals is read back as the very same number."""
    assert float(_cell(Kind.DECIMAL, value)) == value


def test_columns_own_form() -> None:
    """A column may fix its decimals and the form of its dates."""
    assert _cell(Kind.DECIMAL, 2.345, decimals=1) == "2.3"
    assert _cell(Kind.DATE, date(2026, 3, 9), date_format="%d-%m-%Y") == "09-03-2026"


@pytest.mark.parametrize(
    ("zone", "at", "text"),
    [
        ("Asia/Kolkata", NOW, "2026-03-10T10:00:00+05:30"),
        ("America/Los_Angeles", datetime(2026, 3, 8, 9, 59, 59, tzinfo=UTC), "2026-03-08T01:59:59-08:00"),
        ("America/Los_Angeles", datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "2026-03-08T03:00:00-07:00"),
        ("America/Los_Angeles", datetime(2026, 11, 1, 8, 30, tzinfo=UTC), "2026-11-01T01:30:00-07:00"),
        ("America/Los_Angeles", datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "2026-11-01T01:30:00-08:00"),
        ("Asia/Kolkata", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59+00:00"),
        ("America/Los_Angeles", datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00+00:00"),
    ],
)
def test_instants_carry_their_offset(zone: str, at: datetime, text: str) -> None:
    """An instant is ISO 8601 in the business zone with its offset of that moment, also where an hour comes twice."""
    assert _cell(Kind.DATE_TIME, at, zone) == text
    assert datetime.fromisoformat(text) == at


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_headings_cannot_become_formulas_either(start: str) -> None:
    """A heading that the data decide, such as a bank's name in a pivot, is guarded as texts are."""
    content, _ = _render(_document([Column("a", "A"), Column("b", f"{start}1+1")], [("x", "y")]))
    assert _records(content)[0] == ["A", f"'{start}1+1"]


def test_empty_result_says_so() -> None:
    """A file without rows tells that nothing matched, and what the filters were, in a record of full width."""
    notes = (Note("Dates", "2026-03-01 to 2026-03-10"), Note("Banks", "A, B"))
    content, facts = _render(_document([Column("a", "A"), Column("b", "B")], [], notes=notes))
    said = "No calls match these filters (Dates: 2026-03-01 to 2026-03-10; Banks: A, B)"
    assert _records(content) == [["A", "B"], [said, ""]]
    assert facts.rows == {"Calls": 0}


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 2_500])
def test_no_row_is_lost_between_batches(count: int) -> None:
    """Every row is written once and in order, however many there are."""
    content, facts = _render(_document([Column("n", "N", Kind.INTEGER)], ((n,) for n in range(count))))
    assert [record[0] for record in _records(content)[1:]] == [str(n) for n in range(count)]
    assert facts.rows == {"Calls": count}


def test_same_document_gives_the_same_bytes() -> None:
    """Two files of one document are equal byte for byte."""
    document = _document([Column("a", "A")], [("x",), ("=1",)])
    assert _render(document) == _render(document)


def test_preview_shows_the_same_cells() -> None:
    """The preview cleans text as files do, gives numbers in full, instants with their offset, and blanks as null."""
    columns = [
        Column("a", "A"),
        Column("n", "N", Kind.MINUTES),
        Column("t", "T", Kind.DATE_TIME),
        Column("l", "L", Kind.LINK),
        Column("d", "D", Kind.DURATION),
    ]
    link = Link("View", "https://e.com")
    rows: list[Row] = [("x\x00", 2.005, NOW, link, timedelta(minutes=1)), (None, math.nan, None, None, None)]
    shown = previewed(_document(columns, rows), 10)
    assert shown["sheets"][0]["rows"] == [
        ["x", 2.005, "2026-03-10T10:00:00+05:30", {"text": "View", "url": "https://e.com"}, 60.0],
        [None, None, None, None, None],
    ]
    assert (shown["rowCount"], shown["totalRows"], shown["sheets"][0]["truncated"]) == (2, 2, False)


def test_preview_is_cut_and_says_so() -> None:
    """A preview holds as many rows as asked for, and tells how many there are."""
    shown = previewed(_document([Column("n", "N", Kind.INTEGER)], [(n,) for n in range(30)]), 7)
    sheet = shown["sheets"][0]
    assert (len(sheet["rows"]), sheet["totalRows"], sheet["truncated"]) == (7, 30, True)
