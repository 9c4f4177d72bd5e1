"""Clock, ids and local dates."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import FixedClock, SystemClock, local_date, local_midnight, local_time, new_id
from shared.jobs.messages import JOB_ID

moments = st.datetimes(datetime(1971, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 aware by timezones
zones = st.sampled_from(
    [
        "Asia/Kolkata",
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Beirut",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "America/Havana",
        "Pacific/Kiritimati",
        "UTC",
    ]
).map(ZoneInfo)


@given(moments, moments)
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    """Of two ids made in different milliseconds the earlier one sorts first."""
    earlier, later = sorted((one, other))
    if later - earlier >= timedelta(milliseconds=1):
        assert new_id("job", earlier) < new_id("job", later)


def test_ids_are_unique_and_well_formed() -> None:
    """10,000 ids of the same instant differ, and all are of the form that messages demand."""
    ids = {new_id("job", datetime(2026, 3, 10, tzinfo=UTC)) for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(JOB_ID.fullmatch(each) for each in ids)


@given(st.dates(date(1971, 1, 2), date(2037, 12, 31)), zones)
def test_midnight_is_the_first_instant_of_the_day(day: date, zone: ZoneInfo) -> None:
    """A day begins at its local midnight; an instant before it is still the day before."""
    at = local_midnight(day, zone)
    assert at.utcoffset() == timedelta(0)
    assert local_date(at - timedelta(microseconds=1), zone) < day
    assert local_date(at, zone) >= day


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        ("Asia/Kolkata", date(2026, 3, 10), "2026-03-09T18:30"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00"),  # 00:00 did not exist: the day began at 01:00
        ("Asia/Beirut", date(2022, 3, 27), "2022-03-26T22:00"),  # as above
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00"),  # as above
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00"),  # 00:00 came twice: the first counts
        ("America/Los_Angeles", date(2026, 3, 8), "2026-03-08T08:00"),
        ("America/Los_Angeles", date(2026, 3, 9), "2026-03-09T07:00"),
        (
            "Pacific/Apia",
            date(2011, 12, 30),
            "2011-12-30T10:00",
        ),  # a date that never was: the instant that ended the 29th
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00"),
    ],
)
def test_midnight_in_gaps_and_folds(zone: str, day: date, utc: str) -> None:
    """Where the clocks jump over midnight the day begins after the jump; where they repeat it, at the first one."""
    assert local_midnight(day, ZoneInfo(zone)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_edges_of_the_calendar() -> None:
    """An instant that no local calendar has, such as 9999-12-31 for "never", keeps the date of UTC."""
    east, west = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Los_Angeles")
    last, first = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    assert local_date(last, east) == date(9999, 12, 31)
    assert local_date(first, west) == date(1, 1, 1)
    assert local_time(last, west).utcoffset() == timedelta(hours=-8)


def test_fixed_clock_stands_still() -> None:
    """A fixed clock gives the same instant until it is moved, in UTC, and its two readings move together."""
    clock = FixedClock(datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Asia/Kolkata")))
    before = clock.monotonic()
    assert clock.now() == clock.now() == datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(minutes=2))
    assert clock.now() == datetime(2026, 3, 10, 4, 32, tzinfo=UTC)
    assert clock.monotonic() - before == 120


def test_system_clock() -> None:
    """The machine's clock is aware, in UTC, and its durations never run backwards."""
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()
