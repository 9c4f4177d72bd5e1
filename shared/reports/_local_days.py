"""Local dates and hours of instants, worked out by the database from UTC and the offsets of the zone.

They are numbers, so that a database gives a row per day and not one per instant; Python tells them from its calendar.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, literal

from shared.clock import local_midnight, local_time
from shared.tables import Instant, quarter_hours

_QUARTER, _QUARTERS_A_DAY = timedelta(minutes=15), 96
_HOURS_A_DAY, _DAYS_A_WEEK = 24, 7

Limits = tuple[datetime, datetime]  # the first instant, and the first one after the last


def limits_of(dates: tuple[date, date], zone: ZoneInfo) -> Limits:
    """The first instant of the local dates, and the first after them."""
    return local_midnight(dates[0], zone), local_midnight(dates[1] + timedelta(days=1), zone)


def local_day(at: ColumnElement[datetime], limits: Limits, zone: ZoneInfo) -> ColumnElement[int]:
    """The number of the local date on which an instant within the limits lies; see `date_of`."""
    return _local_quarters(at, limits, zone) // _QUARTERS_A_DAY


def local_hour(at: ColumnElement[datetime], limits: Limits, zone: ZoneInfo) -> ColumnElement[int]:
    """The number of the hour of the week in which an instant within the limits lies; see `weekday_and_hour`."""
    a_week = _HOURS_A_DAY * _DAYS_A_WEEK
    return _local_quarters(at, limits, zone) // (_QUARTERS_A_DAY // _HOURS_A_DAY) % a_week


def date_of(day: int) -> date:
    """The date of this number."""
    return date.fromordinal(day + 1)


def weekday_and_hour(number: int) -> tuple[int, int]:
    """The weekday, Monday 0, and the hour of an hour of the week."""
    return divmod(number, _HOURS_A_DAY)  # 0001-01-01, from which quarters count, was a Monday


def _local_quarters(at: ColumnElement[datetime], limits: Limits, zone: ZoneInfo) -> ColumnElement[int]:
    *changes, (_, last) = _offsets(limits, zone)
    if not changes:
        return quarter_hours(at) + last
    return quarter_hours(at) + case(*((at < literal(end, Instant()), offset) for end, offset in changes), else_=last)


def _offsets(limits: Limits, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """The zone's offsets from UTC in quarters of an hour, in order of time, and when each ends."""
    here, until = limits
    offset = _offset(here, zone)
    while here < until:
        there = min(here + _QUARTERS_A_DAY * _QUARTER, until)
        if _offset(there, zone) == offset:
            here = there
            continue
        quarters = (here + number * _QUARTER for number in range(_QUARTERS_A_DAY + 1))
        here = next(each for each in quarters if _offset(each, zone) != offset)
        yield here, offset
        offset = _offset(here, zone)
    yield until, offset


def _offset(at: datetime, zone: ZoneInfo) -> int:
    return (local_time(at, zone).utcoffset() or timedelta(0)) // _QUARTER
