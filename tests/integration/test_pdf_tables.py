"""Tables of PDF files, re-opened: every row once and whole, headings on every page, links, states, splits and bands."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.document import Column, Kind, Kpi, Link, Note, Row, Table, Tone
from tests.integration.pdf_files import (
    body_texts,
    bookmarks,
    complaints,
    document,
    file_of,
    ink,
    links,
    page_texts,
    pictures,
    reader,
    rendered,
    squeezed,
    table,
    texts,
)

_COLUMNS = (
    Column("number", "Call Number"),
    Column("name", "Client Name"),
    Column("day", "Scheduled Date", Kind.DATE),
    Column("at", "Completed At", Kind.DATE_TIME),
    Column("minutes", "Response Time", Kind.MINUTES),
    Column("count", "Photos", Kind.INTEGER),
)
_HEADINGS = "".join(column.label for column in _COLUMNS)


def _rows(count: int) -> list[Row]:
    at = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    return [
        (f"C-{number:06}", f"Shop ({number})", date(2026, 3, 1 + number % 28), at, number / 3, number * 1000)
        for number in range(count)
    ]


def _shown(number: int) -> str:
    minutes = f"{number / 3:.2f}"
    thousands = f"{number * 1000:,}" if number < 100 else f"{number // 100},{number % 100:02},000"
    return squeezed(f"C-{number:06}Shop ({number}){1 + number % 28:02}-03-202601-03-2026 09:30{minutes}{thousands}")


@pytest.mark.parametrize("count", [1, 30, 700])
def test_every_row_is_there_once_in_order(count: int) -> None:
    """The pages' rows, one after another, are the table's rows as they are shown, none twice and none missing."""
    found = body_texts(file_of(table(_COLUMNS, _rows(count))), _HEADINGS)
    assert "".join(found) == "".join(map(_shown, range(count)))


def test_headings_and_numbers_are_on_every_page() -> None:
    """Each page has the headings, its number and how many pages there are; following ones name report and table."""
    found = page_texts(file_of(table(_COLUMNS, _rows(700)), title="My Calls"))
    assert len(found) > 10
    for number, text in enumerate(found, start=1):
        assert squeezed(_HEADINGS) in text
        assert f"Page{number}of{len(found)}" in text
        assert "GeneratedbyCoSTARReportsv1.2.3" in text
        assert ("Calls,continued" in text) == (number > 1)
        assert "MyCalls" in text


def test_tables_are_in_the_outline() -> None:
    """The outline leads to the report's first page and to where each table begins."""
    first, second = table(_COLUMNS, _rows(300), "First"), table(_COLUMNS, _rows(3), "Second")
    content = file_of(first, second, title="Two Tables")
    found = bookmarks(content)
    assert [title for title, _ in found] == ["Two Tables", "First", "Second"]
    shown = page_texts(content)
    for title, page in found[1:]:
        assert f"{title}{squeezed(_HEADINGS)}" in shown[page - 1]


def test_properties_tell_title_language_and_time(tmp_path: Path) -> None:
    """Title, language and the document's own time are in the file, which qpdf has nothing against."""
    content = file_of(texts(("a", "b")), title="Title ≠ <b>", language="en-IN")
    file = reader(content)
    assert file.metadata is not None
    assert (file.metadata.title, file.metadata.creation_date) == (
        "Title ≠ <b>",
        datetime(2026, 3, 10, 4, 30, tzinfo=UTC),
    )
    assert str(file.root_object["/Lang"]) == "en-IN"
    assert not {"/MarkInfo", "/StructTreeRoot"} & set(file.root_object)
    assert complaints(content, tmp_path) == ""


def test_pages_are_a4_landscape() -> None:
    """Every page is 297 mm wide and 210 mm high, the designed and the drawn ones."""
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader(file_of(texts(("a",)))).pages}
    assert sizes == {(842, 595)}


def test_two_runs_give_equal_bytes() -> None:
    """The same document gives the same file, to the byte."""
    made = document(table(_COLUMNS, _rows(100)), texts(("नमस्ते", "العربية")), texts(("b", "c")))
    assert rendered(made)[0] == rendered(made)[0]


def test_links_lead_to_the_web_only() -> None:
    """Links of http and https are clickable, quotes in them harmless; others are text, and counted."""
    cells = [
        Link("photos", "https://example.com/a?b='c')(\\d&e=é"),
        Link("plain", "http://example.com/"),
        Link("script", "javascript:alert(1)"),
        Link("file", "file:///etc/passwd"),
        Link("none"),
        None,
    ]
    content, facts = rendered(document(table([Column("k", "K", Kind.LINK)], [(cell,) for cell in cells])))
    assert links(content) == ["https://example.com/a?b=%27c%27%29%28%5Cd&e=%C3%A9", "http://example.com/"]
    assert body_texts(content, "CallsK") == ["photosplainscriptfilenone"]
    assert facts.dropped_links == 2


def test_a_bare_address_is_a_short_link() -> None:
    """A link that has its own address for a text says Open on pages, and leads there."""
    signed = "https://example.com/photo.jpg?sig=" + "a" * 200
    content = file_of(table([Column("k", "K", Kind.LINK)], [(Link(signed, signed),)]))
    assert (body_texts(content, "CallsK"), links(content)) == (["Open"], [signed])


def test_states_are_coloured_and_said() -> None:
    """A column's states stand on grounds of their own and are text all the same."""
    column = Column("s", "SLA State", tones={"Met": Tone.GOOD, "Breached": Tone.BAD})
    content = file_of(table([column], [("Met",), ("Breached",), ("Unknown",)]))
    assert body_texts(content, "SLA State") == ["MetBreachedUnknown"]
    drawn = b"".join(page.get_contents().get_data() for page in reader(content).pages)  # type: ignore[union-attr] # pages have contents
    assert b"0.776471 0.937255 0.807843 rg" in drawn


def test_a_row_higher_than_a_page_is_split(tmp_path: Path) -> None:
    """A cell of 300 lines goes over several pages, each line once, and its neighbours are said once."""
    lines = [f"line {number:03}" for number in range(300)]
    content = file_of(texts(("before", "x"), ("tall", "\n".join(lines)), ("after", "y")))
    found = "".join(body_texts(content, "AB"))
    assert found == squeezed("beforextall" + "".join(lines) + "aftery")
    assert len(reader(content).pages) > 5
    assert _is_within_margins(content, tmp_path)


def test_a_long_cell_is_whole() -> None:
    """A cell of as many letters as a cell can have is there to the last, in words and in one word."""
    words = " ".join(f"word{number:05}" for number in range(3_270))
    word = "".join(f"{number:05}" for number in range(6_550))
    found = "".join(body_texts(file_of(texts(("a", words), ("b", word), ("c", "end"))), "AB"))
    assert found == squeezed(f"a{words}b{word}cend")


def test_a_cut_cell_says_so() -> None:
    """Text over the limit of a cell ends in the mark, and the count is told."""
    made = document(texts(("x" * 40_000,)))
    target, facts = rendered(made)
    assert "[cut]" in "".join(page_texts(target))
    assert facts.rows == {"Calls": 1}


def test_thirty_columns_go_over_bands_of_pages(tmp_path: Path) -> None:
    """What no page is wide enough for stands on pages side by side, each with the first column, every cell once."""
    columns = [Column(f"k{place}", f"Heading {place:02}") for place in range(30)]
    rows = [tuple(f"r{row:02}c{place:02} some text" for place in range(30)) for row in range(40)]
    content = file_of(table(columns, rows))
    found = "".join(page_texts(content))
    for row in rows:
        assert [found.count(squeezed(cell)) for cell in row[1:]] == [1] * 29
        assert found.count(squeezed(row[0])) > 1
    assert all("r00c00" in text or "r39c00" in text or "c00" in text for text in page_texts(content)[1:])
    assert _is_within_margins(content, tmp_path)


def test_pages_show_the_columns_for_pages() -> None:
    """Where a table names columns for pages, only those are shown, in that order, and the page says how many."""
    shown = Table("Calls", _COLUMNS, lambda: _rows(3), count=3, is_main=True, page_columns=("name", "number"))
    content = file_of(shown)
    assert body_texts(content, "Client Name Call Number") == [
        squeezed("".join(f"Shop ({n})C-{n:06}" for n in range(3)))
    ]
    assert squeezed("2 of 6 columns; the full set is in XLSX and CSV") in page_texts(content)[0]


def test_long_words_stay_on_the_page(tmp_path: Path) -> None:
    """Titles, filters, tiles and headings of long words keep to the margins."""
    long = "A very long title with Unbreakablewordsthatareverylongindeed " * 4
    made = table([Column("k", long), Column("l", "L", Kind.INTEGER)], [("x" * 200, 10**12)], name=long)
    kpis = tuple(Kpi(str(place), long, Kind.TEXT, long) for place in range(5))
    content = file_of(made, title=long, subtitle=long, notes=(Note(long, long),), kpis=kpis)
    assert _is_within_margins(content, tmp_path)


@pytest.mark.parametrize("tables", [[], [0], [3], [0, 5, 0]])
def test_an_empty_table_says_so(tables: list[int], tmp_path: Path) -> None:
    """Without rows the file is valid, says the document's words and lists the filters."""
    made = [table(_COLUMNS, _rows(count), f"T{place}") for place, count in enumerate(tables)] or [texts(("a",))]
    content = file_of(*made, **_filters())
    found = "".join(page_texts(content))
    assert squeezed("Banks: Cedar Bank") in found
    assert found.count("Nocallsmatch") >= tables.count(0)
    assert complaints(content, tmp_path) == ""


def _filters() -> dict[str, object]:
    return {"notes": (Note("Banks", "Cedar Bank"),)}


def test_odd_values_are_blank_and_counted() -> None:
    """NaN and the infinities are blank, each counted; None is blank, and a negative span has its sign."""
    columns = [Column("n", "N", Kind.DECIMAL), Column("d", "D", Kind.DURATION)]
    rows: list[Row] = [(float("nan"), None), (float("inf"), timedelta(hours=-1)), (1.5, timedelta(minutes=90))]
    content, facts = rendered(document(table(columns, rows)))
    assert body_texts(content, "ND") == ["1.51:30:00"]
    assert "−1:00:00" in page_texts(content)[0]
    assert facts.odd_values == 2


def _is_within_margins(content: bytes, folder: Path) -> bool:
    """Whether nothing is drawn outside the margins at the sides."""
    found = pictures(content, folder, dpi=40)
    side = int(14.5 / 25.4 * 40)
    sides = [
        box
        for picture in found
        for box in (
            (picture, (0, 0, side, picture.height)),
            (picture, (picture.width - side, 0, picture.width, picture.height)),
        )
    ]
    return all(ink(picture, box) == 0 for picture, box in sides)
