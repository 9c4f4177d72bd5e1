"""Calendar periods, relative ones and tables of them: pure arithmetic over plain dates, never over instants.

Relative periods (reports.md §2) follow from a name and the local date on which the run is due.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Period = Literal[
    "today",
    "yesterday",
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
]
PERIODS: tuple[str, ...] = get_args(Period)

Granularity = Literal["daily", "weekly", "monthly"]

_DAY = timedelta(days=1)
_QUARTER = 3  # months
_YEAR = 12  # months
_IN_ONE = 91 * _DAY  # to the last day of a part


@dataclass(frozen=True)
class Span:
    """One period of a table: its label, the days of it that lie in the range, and whether that is not all of it."""

    label: str
    first: date
    last: date
    is_partial: bool = False

    @property
    def days(self) -> int:
        """How many days it has within the range."""
        return (self.last - self.first).days + 1


def dates_of(period: Period, due: date) -> tuple[date, date]:
    """First and last day of the period; last_N_days end the day before `due`, this_* are whole calendar periods."""
    if period.endswith("_days"):
        count = int(period.split("_")[1])
        return due - count * _DAY, due - _DAY
    if period in {"today", "yesterday"}:
        day = due if period == "today" else due - _DAY
        return day, day
    span = _SPANS[period.partition("_")[2]]
    first, last = span(due)
    return (first, last) if period.startswith("this_") else span(first - _DAY)


def previous_dates(first: date, last: date) -> tuple[date, date]:
    """The same number of days just before `first`."""
    return first - (last - first) - _DAY, first - _DAY


def days_of(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + count * _DAY for count in range((last - first).days + 1)]


def by_quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The dates in parts of a quarter of a year at most.

    Databases group and sort the calls of one part in memory; for those of a year they write files, which takes longer.
    """
    while last - first > _IN_ONE:
        yield first, first + _IN_ONE
        first += _IN_ONE + _DAY
    yield first, last


def _week(day: date) -> tuple[date, date]:
    monday = day - day.weekday() * _DAY
    return monday, monday + 6 * _DAY


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _quarter(day: date) -> tuple[date, date]:
    first = date(day.year, (day.month - 1) // _QUARTER * _QUARTER + 1, 1)
    return first, _month(date(day.year, first.month + _QUARTER - 1, 1))[1]


_SPANS = {"week": _week, "month": _month, "quarter": _quarter}


def spans_of(granularity: Granularity, first: date, last: date) -> list[Span]:
    """The days, ISO weeks or months that cover the range, in order; cut where the range begins or ends within one."""
    whole, label = _TABLES[granularity]
    spans: list[Span] = []
    start = first
    while start <= last:
        begin, end = whole(start)
        until = min(end, last)
        spans.append(Span(format(start, label), start, until, (start, until) != (begin, end)))
        start = until + _DAY
    return spans


def a_week_before(span: Span) -> tuple[date, date]:
    """The same weekdays of the week before."""
    return span.first - 7 * _DAY, span.last - 7 * _DAY


def a_month_before(granularity: Granularity, span: Span) -> tuple[date, date]:
    """The period one month earlier, cut as this one is: the day, the week of that day, or the month.

    Where the month before is shorter its last day stands in; a month that is whole is compared with a whole one.
    """
    if granularity == "weekly":
        monday = span.first - span.first.weekday() * _DAY
        earlier = _month_earlier(monday)
        shift = monday - (earlier - earlier.weekday() * _DAY)
        return span.first - shift, span.last - shift
    first, last = _month_earlier(span.first), _month_earlier(span.last)
    is_to_the_end = granularity == "monthly" and span.last == _month(span.last)[1]
    return first, _month(last)[1] if is_to_the_end else last


def _month_earlier(day: date) -> date:
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, _YEAR)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _one_day(day: date) -> tuple[date, date]:
    return day, day


_TABLES = {"daily": (_one_day, "%Y-%m-%d"), "weekly": (_week, "%G-W%V"), "monthly": (_month, "%Y-%m")}
