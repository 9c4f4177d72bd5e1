"""Relative periods: pure arithmetic from a name and the local date on which the run is due (reports.md §2)."""

from calendar import monthrange
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

_DAY = timedelta(days=1)
_QUARTER = 3  # months


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


def _week(day: date) -> tuple[date, date]:
    monday = day - day.weekday() * _DAY
    return monday, monday + 6 * _DAY


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _quarter(day: date) -> tuple[date, date]:
    first = date(day.year, (day.month - 1) // _QUARTER * _QUARTER + 1, 1)
    return first, _month(date(day.year, first.month + _QUARTER - 1, 1))[1]


_SPANS = {"week": _week, "month": _month, "quarter": _quarter}
