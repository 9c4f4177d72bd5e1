"""What stands between rows and formats: clean rows, counts, cut texts told to the closing sheets, and a way to stop."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.document import MAX_TEXT, Column, Document, Facts, Kind, Link, Row, Table
from shared.errors import JobCancelled
from shared.preview import previewed
from shared.rendering import RenderOptions, find_format
from shared.rows import known_total, metered

NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
LONG = "x" * (MAX_TEXT + 1)
COLUMNS = (Column("a", "A"), Column("l", "L", Kind.LINK))


class CountingMeter:
    """Counts rows, and wants no more when it has seen `most`."""

    def __init__(self, most: int = 10**9) -> None:
        self.rows, self._most = 0, most

    def begin(self, rows_total: int | None, cancel: Any) -> None:
        """Takes no notice."""

    def advance(self, rows: int) -> None:
        """Counts, or stops."""
        self.rows += rows
        if self.rows >= self._most:
            raise JobCancelled


def _closing(facts: Facts) -> Sequence[Table]:
    rows: list[Row] = [("cut", facts.cut_texts), ("by", "Eve\x00")]
    return [Table.eager("Export Info", (Column("item", "Item"), Column("value", "Value")), rows)]


def _document(*tables: Table) -> Document:
    return Document("r", "R", "", ZoneInfo("Asia/Kolkata"), NOW, NOW, "d", tables, closing=_closing)


def _told(document: Document) -> dict[Any, Any]:
    """The rows of the closing sheet, asked for as a format asks, with facts of its own."""
    (table,) = document.closing(Facts("csv", {"Calls": 1}))
    return {row[0]: row[1] for row in table.rows()}


def test_closing_is_told_of_texts_cut_on_the_way_to_a_file() -> None:
    """Export Info learns how many texts and links of a file were cut, and comes clean itself."""
    rows: list[Row] = [(LONG, None), ("x", Link(LONG, "https://e.com")), ("y\x00", None), (LONG + "\x00", None)]
    document, counts = metered(_document(Table.eager("Calls", COLUMNS, rows)), CountingMeter())
    facts = find_format("csv").render(document, RenderOptions(), io.BytesIO())
    assert (facts.rows, counts.by_table, counts.cut_texts) == ({"Calls": 4}, {"Calls": 4}, 3)
    assert _told(document) == {"cut": 3, "by": "Eve"}


def test_tables_are_counted_together_and_a_second_reading_anew() -> None:
    """Cuts of all tables add up; a table that is read again is not counted twice."""
    tables = [Table.eager(name, COLUMNS, [(LONG, None)] * 2) for name in ("a", "b")]
    document, counts = metered(_document(*tables), CountingMeter())
    for table in (*document.tables, document.tables[0]):
        assert len(list(table.rows())) == 2
    assert (counts.by_table, counts.cut_texts) == ({"a": 2, "b": 2}, 4)
    assert known_total(document) == 4


def test_clean_rows_cut_nothing() -> None:
    """Where every text fits, the closing sheet is told of no cut."""
    document, _ = metered(_document(Table.eager("Calls", COLUMNS, [("x" * MAX_TEXT, None)])), CountingMeter())
    assert len(list(document.main.rows())) == 1
    assert _told(document)["cut"] == 0


def _numbered(read: list[int]) -> Iterator[Row]:
    for number in range(1_000_000):
        read.append(number)
        yield f"row {number}", None


def test_a_render_that_is_not_wanted_stops_soon() -> None:
    """When the meter says stop, at most a few hundred more rows of a million have been read."""
    read: list[int] = []
    document, _ = metered(_document(Table("Calls", COLUMNS, lambda: _numbered(read))), CountingMeter(1_000))
    with pytest.raises(JobCancelled):
        find_format("csv").render(document, RenderOptions(), io.BytesIO())
    assert len(read) < 2_000


def test_preview_reads_no_more_than_it_shows() -> None:
    """A preview of 200 rows reads 200 rows of a million."""
    read: list[int] = []
    shown = previewed(_document(Table("Calls", COLUMNS, lambda: _numbered(read), count=1_000_000)), 200)
    assert (len(shown["sheets"][0]["rows"]), shown["totalRows"], len(read)) == (200, 1_000_000, 200)
