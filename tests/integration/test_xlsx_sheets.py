"""The sheets of XLSX files: looks, order, links, splits at the limits, empty tables, and nothing left behind (I4)."""

import io
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.document import Chart, ChartKind, Column, Facts, Kind, Link, Note, Row, Series, Table, Tone, clean_text
from shared.errors import JobCancelled
from shared.rendering import RenderOptions, find_format
from shared.rendering._xlsx_sheets import Limits
from tests.integration.xlsx_files import NOW, document, parts, rendered, rows, sheet, table, workbook
from tests.unit.test_zip import OneWay

_CHART = Chart("c", "By status", ChartKind.BAR, ("open", "closed"), (Series("Calls", (1, 2)),), "Calls by status")
_TEXT = [Column("a", "A")]


def _info(facts: Facts) -> tuple[Table, ...]:
    lines: list[Row] = [(name, str(count)) for name, count in facts.rows.items()]
    return (Table.eager("Export Info", [Column("item", "Item"), Column("value", "Value")], lines),)


def test_sheets_stand_in_order() -> None:
    """The report's sheets come as listed, then the charts, Export Info last, which tells the rows per sheet."""
    made = document(table(_TEXT, [("x",)], "First"), table(_TEXT, [], "Second"), charts=(_CHART,), closing=_info)
    content, facts = rendered(made)
    book = workbook(content)
    assert book.sheetnames == ["First", "Second", "Charts", "Export Info"]
    assert "xl/charts/chart1.xml" in parts(content)
    assert rows(content, "Export Info")[1:] == [("First", "1"), ("Second", "0")]
    assert facts == Facts("xlsx", {"First": 1, "Second": 0})
    assert book.active is book["First"]


def test_charts_and_export_info_are_choices() -> None:
    """Without them the file holds the report's sheets only."""
    made = document(table(_TEXT, [("x",)]), charts=(_CHART,), closing=_info)
    content, _ = rendered(made, include_charts=False, include_metadata=False)
    assert workbook(content).sheetnames == ["Calls"]
    assert not [name for name in parts(content) if "chart" in name or "drawing" in name]


def test_charts_carry_values_and_descriptions() -> None:
    """A viewer that does not compute finds the charts' numbers in them, and a screen reader what they show."""
    found = parts(rendered(document(table(_TEXT, [("x",)]), charts=(_CHART,)))[0])
    assert b"numCache" in found["xl/charts/chart1.xml"]
    assert b'descr="Calls by status"' in found["xl/drawings/drawing1.xml"]


def test_looks() -> None:
    """Headings are bold white on blue and centred, bodies left or right with light rules, as reports.md §4 has it."""
    columns = [Column("a", "Text"), Column("n", "Number", Kind.INTEGER), Column("l", "Long", long_text=True)]
    found = sheet(rendered(document(table(columns, [("x", 1, "y"), (None, None, None)])))[0])
    heading, text, number, wrapped = found["A1"], found["A2"], found["B2"], found["C2"]
    assert (heading.font.b, heading.font.sz, heading.font.color.rgb) == (True, 12, "00FFFFFF")
    assert (heading.fill.fgColor.rgb, heading.alignment.horizontal) == ("000066CC", "center")
    assert heading.border.left.style == "thin"
    assert [cell.alignment.horizontal for cell in (text, number)] == ["left", "right"]
    assert {cell.alignment.vertical for cell in (heading, text, number)} == {"center"}
    assert (text.font.sz, text.font.b, text.fill.fill_type) == (11, False, None)
    assert [bool(cell.alignment.wrap_text) for cell in (text, number, wrapped)] == [False, False, True]
    for cell in (text, found["A3"], found["B3"]):
        assert (cell.border.top.style, cell.border.top.color.rgb) == ("thin", "00E0E0E0")


def test_sheet_is_ready_to_read_and_print() -> None:
    """The header row is frozen, filtered and repeated in print; pages are A4 landscape, one page wide."""
    content, _ = rendered(document(table([*_TEXT, Column("b", "B")], [("x", "y")] * 20)))
    found = sheet(content)
    assert (found.freeze_panes, found.auto_filter.ref, found.print_title_rows) == ("A2", "A1:B21", "$1:$1")
    assert (found.page_setup.paperSize, found.page_setup.orientation) == (9, "landscape")
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (1, 0)
    assert b'fitToPage="1"' in parts(content)["xl/worksheets/sheet1.xml"]
    assert found.dimensions == "A1:B21"


def test_widths_follow_the_first_500_rows() -> None:
    """A column is as wide as its content and 2, at least 10 and at most 50; later rows change nothing."""
    columns = [Column(str(place), "H") for place in range(4)]
    cells = [("x" * 20, "x", "x" * 200, "x")] * 500 + [("x", "x", "x", "x" * 40)]
    found = sheet(rendered(document(table(columns, cells)))[0])
    assert [found.column_dimensions[letter].width for letter in "ABCD"] == [22, 10, 50, 10]


def test_rows_that_wrap_are_high_enough() -> None:
    """A row with long text has room for its lines; others keep the usual height."""
    cells = [("short",), ("a\nb\nc",), ("word " * 30,), (None,)]
    found = sheet(rendered(document(table([Column("a", "A", long_text=True)], cells)))[0])
    assert [found.row_dimensions[number].height for number in range(2, 6)] == [None, 45, 45, None]


def test_states_are_coloured_and_say_so() -> None:
    """A column with tones colours its states by rules over all rows; the text stays in the cell."""
    columns = [Column("s", "SLA", tones={"met": Tone.GOOD, 'the "late"': Tone.BAD}), Column("o", "Other")]
    found = sheet(rendered(document(table(columns, [("met", "x"), ('the "late"', "y")])))[0])
    rules = [(str(each.sqref), rule.formula) for each in found.conditional_formatting for rule in each.rules]
    assert rules == [("A2:A3", ['"met"']), ("A2:A3", ['"the ""late"""'])]
    assert found["A2"].value == "met"


def test_heat_map_is_coloured_by_all_its_numbers() -> None:
    """One scale runs from white for 0 to the strongest tint for the largest number of all such columns."""
    hours = [Column(f"h{hour:02}", f"{hour:02}", Kind.INTEGER, heat=True) for hour in range(24)]
    found = sheet(rendered(document(table([Column("d", "Weekday"), *hours], [("Monday", *range(24))] * 7)))[0])
    (block,) = found.conditional_formatting
    (rule,) = block.rules
    assert (str(block.sqref), rule.type) == ("B2:Y8", "colorScale")
    assert [(end.type, end.val) for end in rule.colorScale.cfvo] == [("num", 0), ("max", None)]
    assert [colour.rgb for colour in rule.colorScale.color] == ["00FFFFFF", "006BA8E5"]
    assert found["Y2"].value == 23


def test_document_tells_title_and_time() -> None:
    """The properties hold title, product and the time of the document, not of the machine."""
    properties = workbook(rendered(document(table(_TEXT, [])), product_name="Reports & Co")[0]).properties
    assert (properties.title, properties.subject, properties.creator) == ("Report", "March", "Reports & Co")
    assert properties.created == properties.modified == NOW.replace(tzinfo=None)


def test_links_open_and_tell() -> None:
    """A link is blue, underlined, leads to its address and shows its tooltip, cut at 250; one to nowhere is text."""
    cells: list[Row] = [
        (Link("View Photos (2)", "https://e.com/a b?x=1&y=<2>#z%", "a.jpg\n" + "x" * 300),),
        (Link("No photos"),),
        (None,),
        (Link("Too long", "https://e.com/" + "x" * 2_079),),
        (Link("घर", "https://e.com/घर%20"),),
    ]
    content, facts = rendered(document(table([Column("l", "L", Kind.LINK)], cells)))
    found = sheet(content)
    first = found["A2"]
    assert (first.value, first.font.u, first.font.color.rgb) == ("View Photos (2)", "single", "000066CC")
    assert first.hyperlink.target == "https://e.com/a%20b?x=1&y=%3C2%3E#z%25"
    assert first.hyperlink.tooltip == clean_text("a.jpg\n" + "x" * 300, 250)
    assert [found[f"A{row}"].hyperlink for row in (3, 4, 5)] == [None] * 3
    assert [found[f"A{row}"].font.u for row in (3, 4, 5)] == [None] * 3
    assert [row[0] for row in rows(content)[1:]] == ["View Photos (2)", "No photos", None, "Too long", "घर"]
    assert found["A6"].hyperlink.target == "https://e.com/%E0%A4%98%E0%A4%B0%20"
    assert facts.dropped_links == 1


def test_links_beyond_the_limit_are_text() -> None:
    """Excel takes so many links on a sheet: the rest is plain text and counted; each sheet has its own limit."""
    cells = [(Link(f"View {number}", f"https://e.com/{number}"),) for number in range(25)]
    made = document(table([Column("l", "L", Kind.LINK)], cells))
    content, facts = rendered(made, Limits(rows=21, links=8))
    linked = [cell.value for name in ("Calls", "Calls (2)") for cell in sheet(content, name)["A"] if cell.hyperlink]
    assert linked == [f"View {number}" for number in (*range(8), *range(20, 25))]
    assert [row[0] for row in rows(content)[1:]] == [f"View {number}" for number in range(20)]
    assert facts.dropped_links == 12


@pytest.mark.parametrize(
    ("count", "expected"), [(0, [0]), (8, [8]), (9, [9]), (10, [9, 1]), (18, [9, 9]), (19, [9, 9, 1])]
)
def test_tables_split_at_the_row_limit(count: int, expected: list[int]) -> None:
    """A table longer than a sheet goes on in "Calls (2)", with its headings, and no row is lost or doubled."""
    made = document(table([Column("n", "N", Kind.INTEGER)], [(number,) for number in range(count)]))
    content, facts = rendered(made, Limits(rows=10))
    assert list(facts.rows.values()) == expected
    assert list(facts.rows) == workbook(content).sheetnames == ["Calls", "Calls (2)", "Calls (3)"][: len(expected)]
    found = [rows(content, name) for name in facts.rows]
    assert all(part[0] == ("N",) for part in found)
    if count:
        assert [row[0] for part in found for row in part[1:]] == list(range(count))


def test_empty_table_says_so() -> None:
    """A table without rows says that nothing matched and what the filters were; a table's own words come first."""
    own = Table("Own", (Column("a", "A"),), tuple, empty_text="Nobody called")
    notes = (Note("Dates", "March"), Note("Banks", "A & B"))
    columns = [Column("n", "N", Kind.INTEGER), Column("b", "B")]
    content, facts = rendered(document(table(columns, []), own, notes=notes))
    assert rows(content) == [("N", "B"), ("No calls match these filters (Dates: March; Banks: A & B)", None)]
    assert rows(content, "Own")[1] == ("Nobody called (Dates: March; Banks: A & B)",)
    assert facts.rows == {"Calls": 0, "Own": 0}


def test_same_document_gives_the_same_bytes() -> None:
    """Two files of one document are equal byte for byte, charts, links and properties included."""
    cells = [(Link(f"V{number}", f"https://e.com/{number}"), NOW, number) for number in range(700)]
    columns = [Column("l", "L", Kind.LINK), Column("t", "T", Kind.DATE_TIME), Column("n", "N", Kind.INTEGER)]
    made = document(table(columns, cells), charts=(_CHART,), closing=_info)
    assert rendered(made)[0] == rendered(made)[0]


def test_stream_need_not_seek() -> None:
    """The file can go straight into a stream that only takes bytes."""
    made, target = document(table(_TEXT, [("x",)])), OneWay()
    find_format("xlsx").render(made, RenderOptions(), target)  # type: ignore[arg-type] # a raw stream has what it takes
    assert bytes(target.content) == rendered(made)[0]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go during a test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _endless(rows_before: int) -> Iterator[Row]:
    for number in range(rows_before):
        yield (Link("x" * 5_000, f"https://e.com/{number}"),)
    raise JobCancelled


@pytest.mark.parametrize("rows_before", [0, 1, 600, 3_000])
def test_cancelled_render_leaves_nothing(folder: Path, rows_before: int) -> None:
    """A render cut off in mid-rows leaves no temporary file and no open one, and not a byte in its target."""
    made = document(Table("Calls", (Column("l", "L", Kind.LINK),), lambda: _endless(rows_before)))
    target = io.BytesIO()
    with pytest.raises(JobCancelled):
        find_format("xlsx").render(made, RenderOptions(), target)
    assert list(folder.iterdir()) == []
    assert target.getvalue() == b""


def test_full_disk_leaves_nothing(folder: Path) -> None:
    """When the target takes no more bytes, the fault comes through and no temporary file stays."""

    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            """Takes nothing."""
            raise OSError(28, "No space left on device")

    made = document(table(_TEXT, [("x" * 3_000,)] * 2_000), charts=(_CHART,), closing=_info)
    with pytest.raises(OSError, match="No space"):
        find_format("xlsx").render(made, RenderOptions(), Full())
    assert list(folder.iterdir()) == []


def test_finished_render_leaves_nothing(folder: Path) -> None:
    """After a file is made its temporary files are gone, the large ones too."""
    cells = [(Link("x" * 3_000 + str(number), f"https://e.com/{number}"),) for number in range(3_000)]
    rendered(document(table([Column("l", "L", Kind.LINK)], cells), charts=(_CHART,), closing=_info))
    assert list(folder.iterdir()) == []


def test_long_durations_and_dates_fit_their_columns() -> None:
    """Values that are shorter in the file than on the screen get the width that they are shown with."""
    columns = [Column("t", "T", Kind.DATE_TIME), Column("d", "D", Kind.DURATION), Column("m", "M", Kind.MONEY)]
    found = sheet(rendered(document(table(columns, [(NOW, timedelta(days=100), 123456789)])))[0])
    widths = [found.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [len("10-03-2026 10:00:00") + 2, len("2400:00:00") + 2, len("123,456,789.00") + 2]
