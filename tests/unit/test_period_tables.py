"""Tables of periods: each date in exactly one, without gaps, also where clocks change; and the periods before them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.clock import local_date, local_midnight
from shared.reports._open_calls import BUCKETS, bucket
from shared.reports._period import Granularity, Span, a_month_before, a_week_before, days_of, spans_of

DAY = timedelta(days=1)
GRANULARITIES: tuple[Granularity, ...] = ("daily", "weekly", "monthly")
ZONES = ("Asia/Kolkata", "Asia/Kathmandu", "America/Los_Angeles", "America/Sao_Paulo", "Australia/Lord_Howe")
days = st.dates(date(1975, 1, 1), date(2100, 12, 31))
lengths = st.integers(0, 400)
by_granularity = pytest.mark.parametrize("granularity", GRANULARITIES)


@by_granularity
@given(days, lengths)
def test_each_date_is_in_one_period(granularity: Granularity, first: date, more: int) -> None:
    """The periods follow each other without gap or overlap, and hold every day of the range once."""
    last = first + more * DAY
    spans = spans_of(granularity, first, last)
    held = [day for span in spans for day in days_of(span.first, span.last)]
    assert held == days_of(first, last)
    assert sum(span.days for span in spans) == more + 1
    assert len({span.label for span in spans}) == len(spans)


@by_granularity
@given(days, lengths)
def test_only_the_first_and_the_last_are_cut(granularity: Granularity, first: date, more: int) -> None:
    """A period that is not marked partial is a whole day, week or month; one between two others always is."""
    spans = spans_of(granularity, first, first + more * DAY)
    assert not any(span.is_partial for span in spans[1:-1])
    for span in spans:
        whole = {
            "daily": span.days == 1,
            "weekly": (span.first.weekday(), span.last.weekday(), span.days) == (0, 6, 7),
            "monthly": (span.first.day, (span.last + DAY).day) == (1, 1),
        }
        assert span.is_partial != whole[granularity]
        assert span.first.strftime("%G-W%V") == span.label or granularity != "weekly"


def _quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour begins."""
    return at - (at - datetime(1, 1, 1, tzinfo=UTC)) % timedelta(minutes=15)


@pytest.mark.parametrize("zone_name", ZONES)
@given(days, st.integers(0, 40))
@example(date(2026, 3, 1), 30)
@example(date(2018, 10, 20), 40)
def test_periods_meet_at_instants(zone_name: str, first: date, more: int) -> None:
    """A period ends with its last local date and the next begins with the instant after, across clock changes.

    Both lie at the beginning of a quarter of an hour, so that whole quarters belong to one period.
    """
    zone = ZoneInfo(zone_name)
    for span in spans_of("weekly", first, first + more * DAY):
        after = local_midnight(span.last + DAY, zone)
        assert local_date(after - timedelta.resolution, zone) == span.last
        assert local_date(after, zone) == span.last + DAY
        assert _quarter_of(after) == after


@by_granularity
@given(days, lengths)
def test_periods_before(granularity: Granularity, first: date, more: int) -> None:
    """The week before has the same weekdays; the period a month before lies in the month or week before, no longer."""
    for span in spans_of(granularity, first, first + more * DAY):
        begin, end = a_week_before(span)
        assert (span.first - begin, span.last - end) == (7 * DAY, 7 * DAY)
        begin, end = a_month_before(granularity, span)
        assert begin <= end < span.first
        if granularity == "weekly":
            assert (begin.weekday(), end.weekday()) == (span.first.weekday(), span.last.weekday())
        else:
            assert (begin.month % 12 + 1, end.month % 12 + 1) == (span.first.month, span.last.month)


@pytest.mark.parametrize(
    ("granularity", "first", "last", "before"),
    [
        ("daily", "2026-03-31", "2026-03-31", ("2026-02-28", "2026-02-28")),
        ("daily", "2026-01-15", "2026-01-15", ("2025-12-15", "2025-12-15")),
        ("weekly", "2026-04-13", "2026-04-19", ("2026-03-09", "2026-03-15")),
        ("weekly", "2026-04-15", "2026-04-19", ("2026-03-11", "2026-03-15")),
        ("monthly", "2026-02-01", "2026-02-28", ("2026-01-01", "2026-01-31")),
        ("monthly", "2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("monthly", "2026-03-05", "2026-03-20", ("2026-02-05", "2026-02-20")),
        ("monthly", "2024-03-30", "2024-03-30", ("2024-02-29", "2024-02-29")),
    ],
)
def test_a_month_before(granularity: Granularity, first: str, last: str, before: tuple[str, str]) -> None:
    """Shorter months end on their last day, whole months are compared with whole ones, weeks with weeks."""
    span = Span("", date.fromisoformat(first), date.fromisoformat(last))
    assert tuple(map(str, a_month_before(granularity, span))) == before


@given(st.datetimes(datetime(1975, 1, 1), datetime(2999, 12, 31)), st.sampled_from(ZONES))  # noqa: DTZ001 the zone comes below
def test_a_quarter_of_an_hour_has_one_local_date_and_hour(wall: datetime, zone_name: str) -> None:
    """An instant and the beginning of its quarter have the same local date and hour."""
    zone = ZoneInfo(zone_name)
    at = wall.replace(tzinfo=ZoneInfo("UTC"))
    beginning = _quarter_of(at)
    assert timedelta(0) <= at - beginning < timedelta(minutes=15)
    here, there = at.astimezone(zone), beginning.astimezone(zone)
    assert (here.date(), here.hour) == (there.date(), there.hour)


@given(st.integers(-100_000, 100_000))
@example(-1)
@example(0)
@example(31)
def test_each_age_is_in_one_bucket(number: int) -> None:
    """Buckets are a partition in ascending order: every number of days is within the words of the one it is given."""
    ranges = [(-100_000, -1), (0, 1), (2, 3), (4, 7), (8, 14), (15, 30), (31, 100_000)]
    fitting = [name for name, (least, most) in zip(BUCKETS, ranges, strict=True) if least <= number <= most]
    assert [bucket(number)] == fitting


def test_buckets_are_the_specification_s() -> None:
    """The buckets in their order, by the days they begin and end with."""
    assert " | ".join(BUCKETS) == ("Not yet due | 0-1 days | 2-3 days | 4-7 days | 8-14 days | 15-30 days | 31+ days")
