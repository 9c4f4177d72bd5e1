"""Values as text on pages and slides: grouping, order of dates, units, signs and what is missing."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.document import Cell, Column, Kind, Kpi, Link
from shared.rendering._page_text import change_text, instant_text, page_text, tile_text

INDIA = ZoneInfo("Asia/Kolkata")
AT = datetime(2026, 3, 9, 19, 5, 59, tzinfo=UTC)


def _shown(cell: Cell, kind: Kind, locale: str = "en-IN", **column: object) -> str:
    return page_text(cell, Column("k", "K", kind, **column), INDIA, locale)  # type: ignore[arg-type] # a test's short form


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en-IN", "1,23,45,678"), ("hi-IN", "1,23,45,678"), ("en-GB", "12,345,678"), ("fr-FR", "12,345,678")],
)
def test_digits_are_grouped_by_locale(locale: str, text: str) -> None:
    """India reads lakhs and crores, everyone else thousands."""
    assert _shown(12_345_678, Kind.INTEGER, locale) == text
    assert _shown(-12_345_678, Kind.INTEGER, locale) == f"−{text}"


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en-IN", "10-03-2026"), ("en-GB", "10/03/2026"), ("en-US", "03/10/2026"), ("xx", "2026-03-10")],
)
def test_dates_and_instants_are_ordered_by_locale(locale: str, text: str) -> None:
    """Day or month first as in the spreadsheet; instants are the zone's wall clock to the minute."""
    assert _shown(date(2026, 3, 10), Kind.DATE, locale) == text
    assert _shown(AT, Kind.DATE_TIME, locale) == instant_text(AT, INDIA, locale) == f"{text} 00:35"


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (None, Kind.INTEGER, ""),
        (0, Kind.INTEGER, "0"),
        (999, Kind.INTEGER, "999"),
        (1000, Kind.INTEGER, "1,000"),
        (100_000, Kind.INTEGER, "1,00,000"),
        (2.5, Kind.INTEGER, "3"),
        (0.125, Kind.MINUTES, "0.13"),
        (-0.001, Kind.MINUTES, "0.00"),
        (123_456.789, Kind.MINUTES, "1,23,456.79"),
        (100.0, Kind.PERCENT, "100.00"),
        (12_345.6, Kind.PERCENT, "12345.60"),
        (Decimal("10.005"), Kind.MONEY, "10.01"),
        (28.613900000000002, Kind.DECIMAL, "28.6139"),
        (-77.0, Kind.DECIMAL, "−77"),
        (1e-9, Kind.DECIMAL, "0"),
        (math.nan, Kind.DECIMAL, ""),
        (math.inf, Kind.MINUTES, ""),
        (Decimal("NaN"), Kind.MONEY, ""),
        (True, Kind.BOOLEAN, "Yes"),
        (False, Kind.BOOLEAN, "No"),
        (timedelta(hours=100, seconds=5), Kind.DURATION, "100:00:05"),
        (timedelta(seconds=-61), Kind.DURATION, "−0:01:01"),
        (Link("View Photos (2)", "https://x"), Kind.LINK, "View Photos (2)"),
        ("=1+1", Kind.TEXT, "=1+1"),
        ("", Kind.TEXT, ""),
        (date(1, 1, 1), Kind.DATE, "01-01-0001"),
    ],
)
def test_cells(cell: Cell, kind: Kind, text: str) -> None:
    """Every kind has its way; numbers that are none, and None, are blank."""
    assert _shown(cell, kind) == text


def test_column_decides_decimals_and_dates() -> None:
    """A column's own number of decimals and its own order of a date go before the kind's."""
    assert _shown(2.345, Kind.DECIMAL, decimals=1) == "2.3"
    assert _shown(1_234.5, Kind.DECIMAL, decimals=2) == "1,234.50"
    assert _shown(date(987, 3, 2), Kind.DATE, date_format="%d-%m-%Y") == "02-03-0987"
    assert _shown(AT, Kind.DATE_TIME, date_format="%d-%m-%Y") == "10-03-2026"


def _kpi(kind: Kind, value: Cell, previous: Cell = None) -> Kpi:
    return Kpi("k", "K", kind, value, previous)


@pytest.mark.parametrize(
    ("kind", "value", "previous", "tile", "change"),
    [
        (Kind.INTEGER, 1_234_567, 1_234_555, "12,34,567", "+12"),
        (Kind.INTEGER, 5, 5, "5", "±0"),
        (Kind.INTEGER, 5, None, "5", ""),
        (Kind.INTEGER, None, 3, "n/a", ""),
        (Kind.PERCENT, 87.5, 90.7, "87.50%", "−3.20 pp"),
        (Kind.PERCENT, 87.5, 87.499, "87.50%", "±0.00 pp"),
        (Kind.MINUTES, 42.5, 40, "42.50 min", "+2.50 min"),
        (Kind.DECIMAL, 4.25, 4, "4.25", "+0.25"),
        (Kind.DECIMAL, math.nan, 4, "n/a", ""),
        (Kind.TEXT, "parts_not_available", "other", "parts_not_available", ""),
        (Kind.TEXT, "", None, "n/a", ""),
        (Kind.DATE, date(2026, 3, 10), date(2026, 3, 9), "10-03-2026", ""),
    ],
)
def test_tiles(kind: Kind, value: Cell, previous: Cell, tile: str, change: str) -> None:
    """Tiles carry their unit, changes their sign and unit, points for percent; what is missing says so."""
    kpi = _kpi(kind, value, previous)
    assert (tile_text(kpi, INDIA, "en-IN"), change_text(kpi, INDIA, "en-IN")) == (tile, change)


@given(st.integers(-(10**18), 10**18), st.sampled_from(["en-IN", "en-GB"]))
def test_grouping_loses_no_digit(value: int, locale: str) -> None:
    """Without its commas the text is the number."""
    assert int(_shown(value, Kind.INTEGER, locale).replace(",", "").replace("−", "-")) == value
