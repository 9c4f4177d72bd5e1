"""Calls counted by the local dates on which they were scheduled, created, completed, cancelled and started.

Instants are grouped by quarters of an hour in the database, which fit every zone, and become local dates here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.clock import instant_of_quarter, local_midnight, local_time
from shared.reports._calls import CallFilters, call, in_scope
from shared.reports._model import ReportData
from shared.tables import Instant, call_events, calls, quarter_hours

Conditions = Sequence[ColumnElement[bool]]
Limits = tuple[ColumnElement[datetime], ColumnElement[datetime]]


@dataclass(frozen=True)
class Volume:
    """Numbers of calls by local date; of the cancelled ones, how many have no event that tells when.

    `starts` are those of the weekday, Monday 0, and hour.
    """

    total: Counter[date]
    by_bank: Counter[tuple[date, str | None]]
    new: Counter[date]
    completed: Counter[date]
    cancelled: Counter[date]
    reconstructed: Counter[date]
    starts: Counter[tuple[int, int]]


def volume(parameters: CallFilters, data: ReportData, dates: tuple[date, date], since: date) -> Volume:
    """The calls of `dates`, and those from `since` on to compare them with; starts of `dates` alone."""
    permitted = all_permitted(parameters, data)
    wide = limits_of((since, dates[1]), data)
    by_bank = _by_bank(parameters, data, (since, dates[1]))
    cancelled, reconstructed = _cancelled(data, permitted, wide)
    done = [*permitted, call.status == "completed"]
    return Volume(
        _over_banks(by_bank),
        by_bank,
        _by_date(_quarters(data, permitted, call.created_at, wide), data),
        _by_date(_quarters(data, done, call.completed_at, wide), data),
        _by_date(cancelled, data),
        _by_date(reconstructed, data),
        _by_hour(_quarters(data, permitted, call.started_at, limits_of(dates, data)), data),
    )


def all_permitted(parameters: CallFilters, data: ReportData) -> list[ColumnElement[bool]]:
    """The conditions of all calls that may be seen, whatever their dates."""
    return [data.scope.narrowed(parameters.banks).predicate(call.client_bank)]


def limits_of(dates: tuple[date, date], data: ReportData) -> Limits:
    """The first instant of the local dates, and the first after them."""
    first, after = dates[0], dates[1] + timedelta(days=1)
    start, end = (literal(local_midnight(day, data.settings.zone), Instant()) for day in (first, after))
    return start, end


def cancellations(permitted: Conditions) -> Subquery:
    """Of each cancelled call, when its CANCELLED event says it was cancelled (null without one), and else."""
    event = call_events.c
    told = (
        select(func.min(event.at))
        .where(event.call_id == call.id, event.event_type == "CANCELLED")
        .correlate(calls)
        .scalar_subquery()
    )
    return (
        select(told.label("told_at"), call.updated_at)
        .where(*permitted, call.status == "cancelled")
        .subquery("cancellations")
    )


def _by_bank(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> Counter[tuple[date, str | None]]:
    keys = (call.scheduled_date, call.client_bank)
    statement = select(*keys, func.count()).where(*in_scope(parameters, data, dates)).group_by(*keys)
    return Counter({(day, bank): count for day, bank, count in data.reader.all(statement)})


def _over_banks(by_bank: Mapping[tuple[date, str | None], int]) -> Counter[date]:
    found = Counter[date]()
    for (day, _), count in by_bank.items():
        found[day] += count
    return found


def _quarters(data: ReportData, conditions: Conditions, at: ColumnElement[Any], limits: Limits) -> Counter[int]:
    """Calls by the quarter of an hour of this column."""
    found = select(quarter_hours(at).label("quarter")).where(*conditions, at >= limits[0], at < limits[1]).subquery()
    return Counter(dict(map(tuple, data.reader.all(select(found.c.quarter, func.count()).group_by(found.c.quarter)))))


def _cancelled(data: ReportData, permitted: Conditions, limits: Limits) -> tuple[Counter[int], Counter[int]]:
    """Cancelled calls by quarter, and those of them whose time is only that of their last change."""
    fact = cancellations(permitted).c
    at = coalesce(fact.told_at, fact.updated_at)
    untold = case((fact.told_at.is_(None), 1), else_=0)
    found = (
        select(quarter_hours(at).label("quarter"), untold.label("untold"))
        .where(at >= limits[0], at < limits[1])
        .subquery()
    )
    statement = select(found.c.quarter, func.count(), func.sum(found.c.untold)).group_by(found.c.quarter)
    rows = data.reader.all(statement)
    return Counter({row[0]: row[1] for row in rows}), Counter({row[0]: int(row[2]) for row in rows})


def _by_date(quarters: Mapping[int, int], data: ReportData) -> Counter[date]:
    found = Counter[date]()
    for quarter, count in quarters.items():
        found[local_time(instant_of_quarter(quarter), data.settings.zone).date()] += count
    return found


def _by_hour(quarters: Mapping[int, int], data: ReportData) -> Counter[tuple[int, int]]:
    found = Counter[tuple[int, int]]()
    for quarter, count in quarters.items():
        at = local_time(instant_of_quarter(quarter), data.settings.zone)
        found[at.weekday(), at.hour] += count
    return found
