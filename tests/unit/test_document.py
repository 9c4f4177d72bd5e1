"""The document model: text that every format can hold, rounding as people round, and tiles that compare."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.document import (
    CUT_MARK,
    MAX_TEXT,
    Column,
    Document,
    Kind,
    Kpi,
    Link,
    Table,
    clean_text,
    cleaned,
    rounded,
)

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\r]")
any_text = st.text(st.characters())  # surrogates too


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(any_text)
@example("\x00a\r\n\rb\ud800\udfff\uffff\ufffe\x0b")
@example("\r\x00\n")
def test_clean_text_fits_xml(text: str) -> None:
    """Clean text holds nothing that XML or UTF-8 cannot, and an XML reader gives it back as it was written."""
    clean = clean_text(text)
    assert FORBIDDEN.search(clean) is None
    element = ET.Element("t")
    element.text = clean
    assert (ET.fromstring(ET.tostring(element)).text or "") == clean  # noqa: S314 our own XML


@given(any_text, st.integers(len(CUT_MARK), 40))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    """Clean text stays as it is."""
    once = clean_text(text, limit)
    assert clean_text(once, limit) == once


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=200))
def test_good_text_is_not_touched(text: str) -> None:
    """Letters of any script, emoji, spaces and formulas pass unchanged."""
    assert clean_text(text) is text


@given(any_text, st.integers(len(CUT_MARK), 40))
@example("😀" * 20, 17)
@example("a" + "😀" * 20, 17)
def test_long_text_is_cut_with_a_mark(text: str, limit: int) -> None:
    """No text is longer than the limit, counted as spreadsheets count; what was cut says so and is a beginning."""
    whole, cut = clean_text(text), clean_text(text, limit)
    assert _units(cut) <= limit
    if _units(whole) <= limit:
        assert cut == whole
    else:
        assert cut.endswith(CUT_MARK)
        assert whole.startswith(cut.removesuffix(CUT_MARK))
        assert _units(cut) >= limit - 1


def test_limit_of_a_cell() -> None:
    """Exactly 32,767 characters fit, one more is cut; an emoji counts as two, as in a spreadsheet."""
    assert clean_text("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert len(clean_text("x" * (MAX_TEXT + 1))) == MAX_TEXT
    assert not clean_text("😀" * 16_383).endswith(CUT_MARK)
    assert clean_text("😀" * 16_384).endswith(CUT_MARK)


def test_line_ends_become_one_kind() -> None:
    """Windows and old Macintosh line ends become LF; lone surrogates leave a sign that something stood there."""
    assert clean_text("a\r\nb\rc\nd") == "a\nb\nc\nd"
    assert clean_text("\ud83d") == "\N{REPLACEMENT CHARACTER}"
    assert clean_text(12) == "12"


def test_only_text_cells_are_cleaned() -> None:
    """Text and links are cleaned, their addresses and all other cells pass untouched."""
    columns = (Column("a", "A"), Column("b", "B", Kind.LINK), Column("c", "C", Kind.INTEGER), Column("d", "D"))
    link = Link("x\x00", "https://e.com/\x00", "y" * 300)
    row = next(cleaned([("a\x01", link, 7, None)], columns))
    assert (row[0], row[2], row[3]) == ("a", 7, None)
    assert isinstance(row[1], Link)
    assert (row[1].text, row[1].url, len(row[1].tooltip)) == ("x", "https://e.com/\x00", 250)


cells = st.none() | any_text | st.integers() | st.builds(Link, any_text, st.none() | any_text, any_text)


@given(st.lists(st.tuples(cells, cells, cells), max_size=8))
@example([(None, None, None), ("a\nb", "\r", 1)])
@example([("", Link(""), 0), ("\ud800", Link("x\x00", None, "\uffff"), 1)])
@example([("x", Link("x", None, "é" * 200), 1), ("ü" * MAX_TEXT, Link("x", None, "é" * 251), "\x00")])
def test_columns_are_cleaned_as_single_texts_are(rows: list[tuple[Any, Any, Any]]) -> None:
    """However many rows come together, each cell is what cleaning it alone makes of it."""
    columns = (Column("a", "A"), Column("b", "B", Kind.LINK), Column("c", "C", Kind.INTEGER))
    assert list(cleaned(rows, columns)) == [(_alone(row[0]), _alone(row[1]), row[2]) for row in rows]


def _alone(cell: Any) -> Any:
    if isinstance(cell, Link):
        return Link(clean_text(cell.text), cell.url, clean_text(cell.tooltip, limit=250))
    return clean_text(cell) if isinstance(cell, str) else cell


def test_cleaning_reads_few_rows_ahead() -> None:
    """Of a million rows only a few hundred are read when the first ones are asked for."""
    source = ((f"row {n}",) for n in range(1_000_000))
    assert list(islice(cleaned(source, (Column("a", "A"),)), 200))[-1] == ("row 199",)
    assert next(source) < ("row 700",)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_250])
def test_every_row_comes_once(count: int) -> None:
    """Rows come in order, whether or not something in their neighbourhood has to be cleaned."""
    rows = [(f"{n}\x00" if n % 700 == 3 else f"{n}", n) for n in range(count)]
    columns = (Column("a", "A"), Column("n", "N", Kind.INTEGER))
    assert list(cleaned(rows, columns)) == [(f"{n}", n) for n in range(count)]


def test_cut_texts_are_told_of() -> None:
    """Texts and links over the limit are told of, one by one; tooltips, which are always short, are not."""
    long, told = "x" * (MAX_TEXT + 1), []
    rows = [
        (long, Link(long, None, "y" * 300)),
        ("x" * MAX_TEXT, Link("a\x00", None, "z" * 300)),
        ("\x00" + long, None),
    ]
    list(cleaned(rows, (Column("a", "A"), Column("b", "B", Kind.LINK)), lambda: told.append(1)))
    assert len(told) == 3


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (2.675, 2, "2.68"),  # as it is written; its binary value lies below
        (1.005, 2, "1.01"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-0.001, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (Decimal("0.005"), 2, "0.01"),
        (7, 2, "7.00"),
        (1e22, 2, "10000000000000000000000.00"),
        (1e300, 2, "1" + "0" * 300 + ".00"),
        (5e-324, 2, "0.00"),
    ],
)
def test_rounding(value: float | Decimal, decimals: int, text: str) -> None:
    """Halves go away from zero, as the number is written; no size is too large, and nothing is minus zero."""
    assert format(rounded(value, decimals), "f") == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_rounding_is_near_and_even_handed(value: float, decimals: int) -> None:
    """A rounded number is within half a unit of the number, has the digits asked for, and mirrors its negative."""
    found = rounded(value, decimals)
    assert abs(found - Decimal(repr(value))) <= Decimal("0.5").scaleb(-decimals)
    assert -found == rounded(-value, decimals)
    assert found.as_tuple().exponent == -decimals


@pytest.mark.parametrize(
    ("value", "previous", "change"),
    [
        (5, 3, 2.0),
        (3, 5, -2.0),
        (Decimal("1.5"), 1.0, 0.5),
        (0, 0, 0.0),
        (None, 3, None),
        (5, None, None),
        ("5", 3, None),
        (True, 0, None),
        (datetime(2026, 1, 1, tzinfo=UTC), 0, None),
    ],
)
def test_change_of_a_tile(value: Any, previous: Any, change: float | None) -> None:
    """The change is the difference of two numbers; of anything else there is none, never 0."""
    assert Kpi("k", "K", Kind.INTEGER, value, previous).change == change


def _document(*tables: Table) -> Document:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    return Document("r", "R", "", ZoneInfo("Asia/Kolkata"), now, now, "d", tables)


def test_main_table() -> None:
    """The main table is the marked one, or the first."""
    first, second = Table.eager("a", (), ()), Table.eager("b", (), (), is_main=True)
    assert _document(first, second).main is second
    assert _document(first).main is first


def test_eager_rows_come_again() -> None:
    """A table's rows can be asked for again and again, and changed tables leave the document as it was."""
    table = Table.eager("a", (Column("n", "N", Kind.INTEGER),), [(1,), (2,)])
    document = _document(table)
    changed = document.with_tables(lambda each: each.with_rows(lambda: [(9,)]))
    assert [list(table.rows()), list(table.rows()), table.count] == [[(1,), (2,)], [(1,), (2,)], 2]
    assert list(changed.main.rows()) == [(9,)]
    assert list(document.main.rows()) == [(1,), (2,)]
