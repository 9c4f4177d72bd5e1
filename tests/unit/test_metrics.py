"""The arithmetic behind the figures, at its edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.clock import local_date
from shared.reports._metrics import average, on_time_minutes, share, sla_minutes
from shared.settings import SlaLimits

INSTANT = timedelta(microseconds=1)
# Clocks that change at night, at midnight itself, by half an hour, and one that once left out a whole day.
ZONES = ("Asia/Kolkata", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe")


def test_nothing_is_divided_by_nothing() -> None:
    """Rates and averages over nothing are not 0 but nothing."""
    assert (average(0.0, 0), share(0, 0)) == (None, None)
    assert (average(0.0, 4), share(0, 4)) == (0.0, 0.0)
    assert (average(10.0, 4), share(1, 8)) == (2.5, 12.5)


def test_limits_stand_by_priority() -> None:
    """The limits are those of the settings."""
    assert sla_minutes(SlaLimits(urgent=15)) == {"urgent": 15, "high": 120, "medium": 240, "low": 480}


@pytest.mark.parametrize("zone_name", [*ZONES, "Pacific/Apia"])
@pytest.mark.parametrize("grace", [0, 2])
def test_on_time_ends_with_the_local_day(zone_name: str, grace: int) -> None:
    """On every day of three years the limit is the first instant of the day after the last that is on time."""
    zone, first, last = ZoneInfo(zone_name), date(2010, 1, 1), date(2012, 12, 31)
    runs = on_time_minutes(zone, (first, last), grace)
    assert runs[-1][0] == last
    assert [day for day, _ in runs] == sorted(day for day, _ in runs)
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        minutes = next(minutes for until, minutes in runs if day <= until)
        late = datetime.combine(day, time.min, UTC) + timedelta(minutes=minutes)
        assert local_date(late - INSTANT, zone) <= day + timedelta(grace) < local_date(late, zone)


def test_the_limit_is_told_once_for_days_that_share_it() -> None:
    """A year has one limit in a zone without changes, and a handful in one with two."""
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert on_time_minutes(ZoneInfo("Asia/Kolkata"), year, 0) == [(year[1], 1_110.0)]
    assert len(on_time_minutes(ZoneInfo("America/Los_Angeles"), year, 0)) == 3
