"""Calls counted by the local dates on which they were scheduled, created, completed, cancelled and started."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.sql.functions import coalesce

from shared.ports import Query
from shared.reports._calls import CallFilters, call, in_scope
from shared.reports._local_days import Limits, date_of, limits_of, local_day, local_hour, weekday_and_hour
from shared.reports._model import ReportData
from shared.tables import call_events, calls, without_index

Conditions = Sequence[ColumnElement[bool]]
_BEFORE, _AFTER = -1, 1  # places beside the dates


@dataclass
class Cancelled:
    """Numbers of cancelled calls by local date; `untold` are those dated by their last change, for want of an event.

    The others have no such time at all, or one before the dates that were asked for, or after them.
    """

    by_date: Counter[date] = field(default_factory=Counter)
    untold: Counter[date] = field(default_factory=Counter)
    never: int = 0
    before: int = 0
    after: int = 0

    @classmethod
    def read(cls, data: ReportData, permitted: Conditions, dates: tuple[date, date]) -> Self:
        """All permitted ones, told apart for these dates."""
        found = cls()
        for place, day, untold, count in data.reader.all(_cancelled(permitted, data, dates)):
            if day is not None:
                found.by_date[date_of(day)] += count
                found.untold[date_of(day)] += count * untold
            elif place is None:
                found.never += count
            else:
                found.before += count * (place == _BEFORE)
                found.after += count * (place == _AFTER)
        return found


@dataclass(frozen=True)
class Volume:
    """Numbers of calls by local date; `starts` are those of the weekday, Monday 0, and hour."""

    total: Counter[date]
    by_bank: Counter[tuple[date, str | None]]
    new: Counter[date]
    completed: Counter[date]
    cancelled: Cancelled
    starts: Counter[tuple[int, int]]


def volume(parameters: CallFilters, data: ReportData, dates: tuple[date, date], since: date) -> Volume:
    """The calls of `dates`, and those from `since` on to compare them with; starts of `dates` alone."""
    permitted = all_permitted(parameters, data)
    wide = (since, dates[1])
    by_bank = _by_bank(parameters, data, wide)
    done = [*permitted, call.status == "completed"]
    return Volume(
        _over_banks(by_bank),
        by_bank,
        _by_date(data, permitted, call.created_at, wide),
        _by_date(data, done, call.completed_at, wide),
        Cancelled.read(data, permitted, wide),
        _by_hour(data, permitted, call.started_at, dates),
    )


def all_permitted(parameters: CallFilters, data: ReportData) -> list[ColumnElement[bool]]:
    """The conditions of all calls that may be seen, whatever their dates."""
    return [data.scope.narrowed(parameters.banks).predicate(call.client_bank)]


def _by_bank(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> Counter[tuple[date, str | None]]:
    keys = (call.scheduled_date, call.client_bank)
    statement = select(*keys, func.count()).where(*in_scope(parameters, data, dates)).group_by(*keys)
    return Counter({(day, bank): count for day, bank, count in data.reader.all(statement)})


def _over_banks(by_bank: Mapping[tuple[date, str | None], int]) -> Counter[date]:
    found = Counter[date]()
    for (day, _), count in by_bank.items():
        found[day] += count
    return found


def _by_date(
    data: ReportData, conditions: Conditions, at: ColumnElement[Any], dates: tuple[date, date]
) -> Counter[date]:
    """Calls by the local date of this column."""
    limits = limits_of(dates, data.settings.zone)
    counts = _counted(data, [*conditions, *_within(at, limits)], local_day(at, limits, data.settings.zone))
    return Counter({date_of(day): count for day, count in counts.items()})


def _by_hour(
    data: ReportData, conditions: Conditions, at: ColumnElement[Any], dates: tuple[date, date]
) -> Counter[tuple[int, int]]:
    """Calls by the weekday and hour of this column."""
    limits = limits_of(dates, data.settings.zone)
    counts = _counted(data, [*conditions, *_within(at, limits)], local_hour(at, limits, data.settings.zone))
    return Counter({weekday_and_hour(hour): count for hour, count in counts.items()})


def _counted(data: ReportData, conditions: Conditions, key: ColumnElement[int]) -> dict[int, int]:
    found = select(key.label("key")).where(*conditions).subquery()
    return dict(map(tuple, data.reader.all(select(found.c.key, func.count()).group_by(found.c.key))))


def _within(at: ColumnElement[Any], limits: Limits) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return at >= limits[0], at < limits[1]


def _cancelled(permitted: Conditions, data: ReportData, dates: tuple[date, date]) -> Query:
    """Place, day, whether no event tells of it, and the number of the calls; place or day is null."""
    fact, limits = _cancellations(permitted).subquery("cancellations").c, limits_of(dates, data.settings.zone)
    at = coalesce(fact.told_at, fact.updated_at)
    within = and_(*_within(at, limits))
    found = select(
        case((at < limits[0], _BEFORE), (at >= limits[1], _AFTER)).label("place"),
        case((within, local_day(at, limits, data.settings.zone))).label("day"),
        case((fact.told_at.is_(None), 1), else_=0).label("untold"),
    ).subquery()
    return select(*found.c, func.count()).group_by(*found.c)


def _cancellations(permitted: Conditions) -> Select[Any]:
    """Of each cancelled call, when its CANCELLED event says it was cancelled (null without one), and else.

    They are grouped because databases would look into the log again wherever a subquery for one call is named.
    """
    event = call_events.c
    told = (event.call_id == call.id) & (event.event_type == "CANCELLED")
    return (
        select(func.min(event.at).label("told_at"), call.updated_at)
        .select_from(calls.outerjoin(call_events, told))
        .where(*permitted, call.status == "cancelled")
        .group_by(without_index(call.id), call.updated_at)
    )
