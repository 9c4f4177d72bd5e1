"""Relative periods: pure calendar arithmetic without gaps or overlaps."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.reports._period import PERIODS, Period, dates_of, days_of, previous_dates

DAY = timedelta(days=1)
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))
CALENDAR: tuple[tuple[Period, Period], ...] = (
    ("this_week", "last_week"),
    ("this_month", "last_month"),
    ("this_quarter", "last_quarter"),
)


@given(days)
@pytest.mark.parametrize(("period", "count"), [("last_7_days", 7), ("last_30_days", 30), ("last_90_days", 90)])
def test_last_days_end_yesterday(period: Period, count: int, due: date) -> None:
    """last_N_days are N days, of which the last is yesterday."""
    first, last = dates_of(period, due)
    assert last == due - DAY
    assert (last - first).days + 1 == count


@given(days)
def test_single_days(due: date) -> None:
    """Today is the day itself, yesterday the day before."""
    assert dates_of("today", due) == (due, due)
    assert dates_of("yesterday", due) == (due - DAY, due - DAY)


@given(days)
@example(date(2024, 2, 29))
@example(date(2026, 1, 1))
@example(date(2026, 12, 31))
@pytest.mark.parametrize(("this", "last"), CALENDAR)
def test_calendar_periods_tile(this: Period, last: Period, due: date) -> None:
    """This period holds the day, the last one ends right before it, and the next begins right after it."""
    first, end = dates_of(this, due)
    assert first <= due <= end
    assert dates_of(this, first) == dates_of(this, end) == (first, end)
    assert dates_of(last, due) == dates_of(this, first - DAY)
    assert dates_of(last, due)[1] == first - DAY
    assert dates_of(this, end + DAY)[0] == end + DAY


@given(days)
def test_calendar_periods_begin_where_people_expect(due: date) -> None:
    """Weeks run from Monday to Sunday, months from the first, quarters are January to March and so on."""
    monday, sunday = dates_of("this_week", due)
    assert (monday.isoweekday(), sunday.isoweekday()) == (1, 7)
    first, last = dates_of("this_month", due)
    assert (first.day, (last + DAY).day, first.month) == (1, 1, due.month)
    first, last = dates_of("this_quarter", due)
    assert (first.day, first.month in {1, 4, 7, 10}, last.month - first.month) == (1, True, 2)


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        ("last_7_days", ("2026-03-03", "2026-03-09")),
        ("this_week", ("2026-03-09", "2026-03-15")),
        ("last_week", ("2026-03-02", "2026-03-08")),
        ("last_month", ("2026-02-01", "2026-02-28")),
        ("this_quarter", ("2026-01-01", "2026-03-31")),
        ("last_quarter", ("2025-10-01", "2025-12-31")),
    ],
)
def test_periods_of_one_tuesday(period: Period, dates: tuple[str, str]) -> None:
    """The periods of Tuesday, 10 March 2026, as a calendar on the wall shows them."""
    assert tuple(map(str, dates_of(period, date(2026, 3, 10)))) == dates


@given(days, st.integers(0, 400))
def test_previous_dates_are_as_many_days_just_before(first: date, more: int) -> None:
    """The previous period is as long, and ends on the day before the first."""
    last = first + more * DAY
    before, until = previous_dates(first, last)
    assert until == first - DAY
    assert until - before == last - first


@given(days, st.integers(0, 400))
def test_days_of_a_range(first: date, more: int) -> None:
    """Every day of the range once, in order, both ends included."""
    found = days_of(first, first + more * DAY)
    assert found == sorted(set(found))
    assert (found[0], found[-1], len(found)) == (first, first + more * DAY, more + 1)


def test_every_period_has_dates() -> None:
    """Each name of the contract is known, and its first day is not after its last."""
    assert len(PERIODS) == 11
    for period in PERIODS:
        first, last = dates_of(period, date(2026, 3, 10))  # type: ignore[arg-type] # the names are those of the type
        assert first <= last
