"""The cells of XLSX files: openpyxl reads back every value of every kind, and each looks as its column says."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.document import Cell, Column, Kind, Link, Row
from tests.integration.xlsx_files import NOW, cell, document, parts, rendered, rows, table

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_NUMBERS = [Kind.INTEGER, Kind.DECIMAL, Kind.MINUTES, Kind.PERCENT, Kind.MONEY]


def _stored(kind: Kind, value: Cell, zone: str = "Asia/Kolkata") -> str | None:
    """The digits that stand in the file."""
    content, _ = rendered(document(table([Column("k", "K", kind)], [(value,)]), zone=zone))
    found = ET.fromstring(parts(content)["xl/worksheets/sheet1.xml"]).findall(f".//{_MAIN}c")[1]  # noqa: S314 # ours
    return found.findtext(f"{_MAIN}v")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("count", [1, 499, 501, 1_600])
def test_all_kinds_come_back(count: int, read_only: bool) -> None:  # noqa: FBT001 # pytest gives it
    """Rows of all kinds, with blanks in every column, are read back equal in both of openpyxl's modes."""
    columns = [Column(kind.value, kind.value.title(), kind) for kind in Kind]
    columns.append(Column("few", "Few", few_values=True))

    def row(number: int) -> Row:
        at = NOW + timedelta(minutes=number)
        values: tuple[Cell, ...] = (
            *(f"text {number}", number, number / 3, number * 1.5, 99.5, date(2026, 3, 10), at),
            *(timedelta(minutes=number), Decimal(number) / 4, Link(f"View {number}", "https://e.com"), number % 2 == 0),
            ("yes", "no")[number % 2],
        )
        return tuple(None if number % 13 == place else value for place, value in enumerate(values))

    written = [row(number) for number in range(1, count + 1)]
    content, facts = rendered(document(table(columns, written)))
    found = rows(content, read_only=read_only)
    assert list(found[0]) == [column.label for column in columns]
    assert found[1:] == [tuple(_as_read(value) for value in row) for row in written]
    assert facts.rows == {"Calls": count}


def _as_read(value: Cell) -> object:
    """What a spreadsheet's reader gives for a value: wall clock without a zone, Yes and No, a link's text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return (value + timedelta(hours=5, minutes=30)).replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 # a cell knows no zone
    return value.text if isinstance(value, Link) else value


@pytest.mark.parametrize("kind", _NUMBERS)
@pytest.mark.parametrize("value", [0, -7, 2.5, 1 / 3, 1e-300, 1e300, 2**53, Decimal("1234567.89"), Decimal("1E+20")])
def test_numbers_are_numbers(kind: Kind, value: float | Decimal) -> None:
    """A number of any kind is a numeric cell of exactly that value."""
    found = cell(kind, value)
    assert (found.data_type, float(found.value)) == ("n", float(value))


@settings(max_examples=20)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, max_value=9e307, min_value=-9e307), min_size=1))
def test_numbers_keep_double_precision(values: list[float]) -> None:
    """Every finite number that Excel knows comes back to the last bit."""
    content, _ = rendered(document(table([Column("k", "K", Kind.DECIMAL)], [(value,) for value in values])))
    assert [row[0] for row in rows(content)[1:]] == values


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 1.7e308, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")]
)
@pytest.mark.parametrize("kind", _NUMBERS)
def test_odd_numbers_are_blank_and_counted(kind: Kind, value: float | Decimal) -> None:
    """What no cell can hold is blank, its neighbours are not harmed, and the file's facts count it."""
    content, facts = rendered(document(table([Column("k", "K", kind)], [(1,), (value,), (None,), (2.5,)])))
    assert [row[0] for row in rows(content)[1:]] == [1, None, None, 2.5]
    assert facts.odd_values == 1


def test_integers_beyond_exactness_are_text() -> None:
    """An integer that a spreadsheet would round is kept as text, and counted."""
    content, facts = rendered(document(table([Column("k", "K", Kind.INTEGER)], [(12345678901234567,), (5,)])))
    assert [row[0] for row in rows(content)[1:]] == ["12345678901234567", 5]
    assert facts.odd_values == 1


@pytest.mark.parametrize(
    ("zone", "at", "wall"),
    [
        ("Asia/Kolkata", NOW, "2026-03-10 10:00:00"),
        ("America/Los_Angeles", datetime(2026, 3, 8, 9, 59, 59, tzinfo=UTC), "2026-03-08 01:59:59"),
        ("America/Los_Angeles", datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "2026-03-08 03:00:00"),
        ("America/Los_Angeles", datetime(2026, 11, 1, 8, 30, tzinfo=UTC), "2026-11-01 01:30:00"),
        ("America/Los_Angeles", datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "2026-11-01 01:30:00"),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 59, 59, tzinfo=UTC), "2026-04-05 01:59:59"),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 0, tzinfo=UTC), "2026-04-05 01:30:00"),
        ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 29, tzinfo=UTC), "1972-01-06 23:59:59"),
        ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC), "1972-01-07 00:44:30"),
        ("Asia/Kolkata", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31 23:59:59"),
    ],
)
def test_instants_show_the_zones_clock(zone: str, at: datetime, wall: str) -> None:
    """An instant is the wall clock of the business zone, also on days on which its offset changes within an hour."""
    assert cell(Kind.DATE_TIME, at, zone=zone).value.isoformat(" ") == wall


def test_instants_keep_double_precision() -> None:
    """A serial number is the nearest double to the exact quotient of microseconds and days, or its neighbour."""
    epoch, day = datetime(1899, 12, 30, tzinfo=UTC), timedelta(days=1)
    instants = [NOW + timedelta(microseconds=number * 7_919_333) for number in range(200)]
    content, _ = rendered(document(table([Column("k", "K", Kind.DATE_TIME)], [(at,) for at in instants]), zone="UTC"))
    root = ET.fromstring(parts(content)["xl/worksheets/sheet1.xml"])  # noqa: S314 # ours
    found = [float(node.text or "") for node in root.iter(f"{_MAIN}v")]
    for serial, at in zip(found, instants, strict=True):
        assert abs(serial - (at - epoch) / day) <= math.ulp(serial)


def test_days_before_excels_calendar_are_text() -> None:
    """Excel counts a 29 February 1900 that never was: what lies before 1 March is text, and counted."""
    days = [date(1, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31)]
    content, facts = rendered(document(table([Column("k", "K", Kind.DATE)], [(day,) for day in days])))
    found = [str(row[0]) for row in rows(content)[1:]]
    assert found == ["0001-01-01", "1900-02-28", "1900-03-01 00:00:00", "9999-12-31 00:00:00"]
    assert facts.odd_values == 2
    assert (_stored(Kind.DATE, days[2]), _stored(Kind.DATE, days[3])) == ("61", "2958465")


def test_instants_before_excels_calendar_are_text() -> None:
    """The edge is that of the zone's wall clock; rows around it keep their numbers."""
    edge = datetime(1900, 3, 1, tzinfo=UTC)
    instants = [(datetime(1, 1, 1, tzinfo=UTC),), (edge - timedelta(seconds=1),), (None,), (edge,)]
    content, facts = rendered(document(table([Column("k", "K", Kind.DATE_TIME)], instants), zone="UTC"))
    found = [row[0] for row in rows(content)[1:]]
    assert found[:3] == ["0001-01-01 00:00:00", "1900-02-28 23:59:59", None]
    assert found[3].isoformat() == "1900-03-01T00:00:00"
    assert facts.odd_values == 2


def test_durations_may_pass_a_day_but_not_be_negative() -> None:
    """Hours count on beyond 24; a negative time, which Excel shows as #####, is text and counted."""
    spans = [timedelta(hours=30, minutes=1, seconds=2), -timedelta(minutes=90)]
    content, facts = rendered(document(table([Column("k", "K", Kind.DURATION)], [(span,) for span in spans])))
    assert [row[0] for row in rows(content)[1:]] == [spans[0], "-1:30:00"]
    assert facts.odd_values == 1


@pytest.mark.parametrize(
    ("kind", "value", "column", "locale", "expected"),
    [
        (Kind.PERCENT, 66.7, {}, "en-IN", "0.00"),
        (Kind.PERCENT, 66.7, {"decimals": 1}, "en-US", "0.0"),
        (Kind.INTEGER, 1, {}, "en-US", "#,##0"),
        (Kind.MINUTES, 1.0, {}, "de-DE", "#,##0.00"),
        (Kind.MONEY, 1.0, {"decimals": 0}, "en-US", "#,##0"),
        (Kind.DECIMAL, 1.0, {}, "en-US", "General"),
        (Kind.DECIMAL, 1.0, {"decimals": 3}, "en-US", "#,##0.000"),
        (Kind.INTEGER, 1, {}, "en-IN", r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;#,##0"),
        (Kind.DATE, date(2026, 3, 9), {}, "en-IN", "dd-mm-yyyy"),
        (Kind.DATE, date(2026, 3, 9), {}, "en-US", "mm/dd/yyyy"),
        (Kind.DATE, date(2026, 3, 9), {}, "de-DE", "yyyy-mm-dd"),
        (Kind.DATE_TIME, NOW, {}, "en-IN", "dd-mm-yyyy hh:mm:ss"),
        (Kind.DATE, date(2026, 3, 9), {"date_format": "%d-%m-%Y"}, "en-US", "dd-mm-yyyy"),
        (Kind.DATE, date(2026, 3, 9), {"date_format": "%d %b %y"}, "en-US", "dd mmm yy"),
        (Kind.DATE_TIME, NOW, {"date_format": "%H:%M at %B"}, "en-US", 'hh:mm "at" mmmm'),
        (Kind.DURATION, timedelta(1), {}, "en-IN", "[h]:mm:ss"),
        (Kind.TEXT, "007", {}, "en-IN", "@"),
    ],
)
def test_number_formats(kind: Kind, value: Cell, column: dict[str, Any], locale: str, expected: str) -> None:
    """Digits, grouping and order of dates follow column and locale."""
    assert cell(kind, value, locale=locale, **column).number_format == expected
