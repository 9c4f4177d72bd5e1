"""The main table on a slide: its first rows as a reader expects them, and what is not shown is told of."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.document import Chart, ChartKind, Column, Facts, Kind, Link, Note, Series, Table, Tone
from tests.integration import pptx_files as files
from tests.integration.xlsx_files import table


def test_first_fifteen_rows_are_shown_and_the_rest_told_of() -> None:
    """The table has 15 rows in their order and says of how many; the facts count all of them."""
    content, facts = files.rendered(files.counting(table([files.NAME, files.COUNT], files.counted(100_000))))
    slide = files.main(list(files.opened(content).slides))
    assert files.table(slide) == [["Name", "Count"], *([f"Row {n}", str(n)] for n in range(15))]
    assert "Report · March · first 15 of 1,00,000 rows · the full set is in XLSX and CSV" in files.texts(slide)
    assert facts == Facts("pptx", {"Calls": 100_000})


def test_reading_stops_at_the_rows_that_are_shown() -> None:
    """No more rows are read than the slide shows, and the stream is closed before anything else is read."""
    read: list[int] = []
    closed: list[bool] = []

    def rows() -> Any:
        try:
            for number in range(5_000_000):
                read.append(number)
                yield (f"Row {number}", number)
        finally:
            closed.append(True)

    made = files.counting(Table("Calls", (files.NAME, files.COUNT), rows, 5_000_000, is_main=True))
    made = replace(made, closing=lambda _facts: () if closed else pytest.fail("the stream is still open"))
    _, facts = files.rendered(made)
    assert facts.rows == {"Calls": 5_000_000}
    assert len(read) <= 1_000  # what the meter reads ahead
    assert closed == [True]


@pytest.mark.parametrize("count", [14, 15, 16, 40])
def test_rows_that_nobody_counts_are_counted(count: int) -> None:
    """A table that does not know how many rows it has is read to its end, and the slide still tells the truth."""
    uncounted = Table("Calls", (files.NAME, files.COUNT), lambda: iter(files.counted(count)), is_main=True)
    content, facts = files.rendered(files.counting(uncounted))
    said = " ".join(files.texts(files.main(list(files.opened(content).slides))))
    assert facts.rows == {"Calls": count}
    assert (f"first 15 of {count} rows" if count > 15 else f"all {count} rows") in said


def test_a_count_may_be_asked_for() -> None:
    """The number of rows may be a question, which is asked before the rows are read."""
    counted = Table("Calls", (files.NAME, files.COUNT), lambda: iter(files.counted(40)), lambda: 40, is_main=True)
    assert files.rendered(files.counting(counted))[1].rows == {"Calls": 40}


def test_columns_for_pages_are_shown() -> None:
    """Where a table names the columns for pages, those are shown, in that order, and the slide says how many of all."""
    columns = [Column(f"c{n}", f"Column {n}") for n in range(30)]
    wide = replace(table(columns, [tuple(f"v{n}" for n in range(30))]), page_columns=("c7", "c2", "c29"))
    slide = files.main(files.deck(files.counting(wide)))
    assert files.table(slide) == [["Column 7", "Column 2", "Column 29"], ["v7", "v2", "v29"]]
    assert "Report · March · 1 row · 3 of 30 columns · the full set is in XLSX and CSV" in files.texts(slide)


def test_too_many_columns_say_so() -> None:
    """Columns that no letters are small enough for are left out at the end, and the slide says how many are shown."""
    columns = [Column(f"c{n}", f"Heading number {n}") for n in range(60)]
    slide = files.main(files.deck(files.counting(table(columns, [("some text of a cell",) * 60] * 15))))
    shown = len(files.table(slide)[0])
    assert 8 <= shown < 60
    assert f"{shown} of 60 columns" in " ".join(files.texts(slide))
    assert files.overlapping(slide) == []


def test_cells_are_shown_as_a_reader_expects() -> None:
    """Every kind as on pages: grouped, in the zone, blank where nothing is; links lead on, states are coloured."""
    state = Column("state", "State", tones={"Breached": Tone.BAD})
    columns = [files.COUNT, Column("at", "At", Kind.DATE_TIME), Column("photo", "Photo", Kind.LINK), state, files.NAME]
    at = datetime(2026, 3, 10, 20, tzinfo=UTC)
    link = Link("View Photos (2)", "https://example.com/a b?c=1&d=<2>")
    slide = files.main(
        files.deck(files.counting(table(columns, [(123456, at, link, "Breached", None), (0, None, None, "Met", "x")])))
    )
    assert files.table(slide)[1:] == [
        ["1,23,456", "11-03-2026 01:30", "View Photos (2)", "Breached", ""],
        ["0", "", "", "Met", "x"],
    ]
    cells = next(shape.table for shape in slide.shapes if shape.has_table).rows[1].cells
    assert cells[2].text_frame.paragraphs[0].runs[0].hyperlink.address == "https://example.com/a%20b?c=1&d=%3C2%3E"
    assert str(cells[3].fill.fore_color.rgb) == "FFC7CE"


def test_long_texts_are_cut_with_a_mark() -> None:
    """A text that would run out of its cell is cut, ends in an ellipsis, and stays on the slide."""
    rows = [("word " * 2_000, "x" * 30_000)] * 15
    slide = files.main(files.deck(files.counting(table([files.NAME, Column("b", "B")], rows))))
    for first, second in files.table(slide)[1:]:
        assert first.endswith("…")
        assert second.endswith("…")
    assert files.overlapping(slide) == []


def test_empty_result_says_so_and_lists_the_filters() -> None:
    """Without rows there is no table, but the reason, the filters, and valid slides before it."""
    chart = Chart("c", "Nothing", ChartKind.LINE, ("a", "b"), (Series("s", (None, None)),), "Gaps only")
    made = files.counting(
        table([files.NAME], []), notes=(Note("Banks", "First Bank"), Note("Status", "pending")), charts=(chart,)
    )
    slides = files.deck(made)
    said = files.texts(files.main(slides))
    assert "No calls match these filters\nBanks: First Bank\nStatus: pending" in said
    assert "Nothing to draw" in files.texts(slides[1])
    assert not [shape for slide in slides for shape in slide.shapes if shape.has_table or shape.has_chart]


def test_a_main_table_in_parts_gets_a_slide_for_each() -> None:
    """Each part has its slide; after ten the last one says how many more there are, and the facts count them all."""
    many = [
        replace(table([files.NAME, files.COUNT], files.counted(n), f"Bank {n}"), is_main=True) for n in range(1, 14)
    ]
    content, facts = files.rendered(files.counting(*many))
    slides = list(files.opened(content).slides)[1:]
    assert [files.title(slide) for slide in slides] == [f"Bank {n}" for n in range(1, 11)]
    assert any("3 more tables are in XLSX and CSV" in text for text in files.texts(slides[-1]))
    assert facts.rows == {f"Bank {n}": n for n in range(1, 14)}


def test_notes_of_the_table_hold_export_info() -> None:
    """What reconciles the figures stands in the table's notes, unless nobody wants it: then the filters do."""
    info = Table.eager(
        "Export Info", (files.NAME, files.NAME), [("Excluded from Rate", "cancelled: 3"), ("Rows: Calls", "3")]
    )
    made = files.counting(
        closing=lambda facts: (info,) if facts.rows == {"Calls": 3} else (), notes=(Note("Banks", "all"),)
    )
    assert files.notes(files.main(files.deck(made))) == ["Excluded from Rate: cancelled: 3", "Rows: Calls: 3"]
    assert files.notes(files.main(files.deck(made, include_metadata=False))) == ["Report · March", "Banks: all"]
