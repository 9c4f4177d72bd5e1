"""Local dates and hours as databases work them out: what the zone's own clock shows at each instant."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from shared.adapters.database import SqlDatabase
from shared.clock import local_date, local_midnight, local_time
from shared.reports._local_days import date_of, limits_of, local_day, local_hour, weekday_and_hour
from shared.tables import Instant

_MOST = 80  # instants in one statement
SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
reuses_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
zones = st.sampled_from(
    [
        "Asia/Kolkata",  # half an hour
        "Asia/Kathmandu",  # a quarter of an hour
        "America/Los_Angeles",
        "America/Sao_Paulo",  # midnight was skipped
        "Africa/Casablanca",  # four changes a year
        "Pacific/Apia",  # a day was skipped
        "Australia/Lord_Howe",  # half an hour of summer time
        "UTC",
    ]
)


@pytest.fixture(scope="module")
def database(module_url: str) -> Iterator[SqlDatabase]:
    """A database; nothing in it is read."""
    with closing(SqlDatabase(module_url, SCHEMAS, timedelta(seconds=30))) as opened:
        yield opened


def _near_the_changes(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """Instants of all hours, and those right before and after the zone changes its offset."""
    start, end = limits_of((first, last), zone)
    hours = [start + timedelta(hours=number, minutes=7) for number in range(0, (last - first).days * 24, 31)]
    days = [local_midnight(first + timedelta(number), zone) for number in range((last - first).days)]
    changing = [day for day in days if _offset(day, zone) != _offset(day + timedelta(days=1), zone)]
    near = [day + number * timedelta(minutes=30) for day in changing for number in range(60)]
    tick = timedelta.resolution
    return sorted(
        {each for at in (*hours, *near, start, end) for each in (at - tick, at, at + tick) if start <= each < end}
    )


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


@reuses_database
@given(name=zones, first=st.dates(date(1985, 1, 1), date(2035, 1, 1)), days=st.integers(0, 400))
@example(name="Pacific/Apia", first=date(2011, 12, 1), days=60)
@example(name="America/Los_Angeles", first=date(2026, 3, 8), days=0)
@example(name="America/Sao_Paulo", first=date(2018, 11, 4), days=0)
@example(name="Africa/Casablanca", first=date(2026, 1, 1), days=365)
def test_local_dates_and_hours(database: SqlDatabase, name: str, first: date, days: int) -> None:
    """Date, weekday and hour of any instant of the dates are those that the zone's clock shows, to the microsecond."""
    zone, last = ZoneInfo(name), first + timedelta(days)
    limits, moments = limits_of((first, last), zone), _near_the_changes(first, last, zone)
    moments = moments[:: len(moments) // _MOST + 1]
    columns: list[Any] = []
    for at in moments:
        stored = literal(at, Instant())
        columns += [local_day(stored, limits, zone), local_hour(stored, limits, zone)]
    with database.read() as connection:
        values = connection.execute(select(*columns)).one()
    for at, day, hour in zip(moments, values[::2], values[1::2], strict=True):
        shown = local_time(at, zone)
        assert (date_of(day), *weekday_and_hour(hour)) == (local_date(at, zone), shown.weekday(), shown.hour)


@reuses_database
@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 aware by timezones
@example(at=datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC))
def test_dates_in_utc(database: SqlDatabase, at: datetime) -> None:
    """Before 1970 too, and in the last microsecond of a day."""
    zone = ZoneInfo("UTC")
    limits = limits_of((at.date(), at.date()), zone)
    with database.read() as connection:
        found = connection.execute(select(local_day(literal(at, Instant()), limits, zone))).scalar_one()
    assert date_of(found) == at.date()
