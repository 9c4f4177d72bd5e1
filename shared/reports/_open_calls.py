"""The calls open at the end of a date, one by one and counted: state, engineer and age as they were then."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, FromClause, case, func, literal, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.clock import local_midnight
from shared.ports import Query
from shared.reports._call_events import PENDING, alive_at, is_logged, open_at, open_state
from shared.reports._call_totals import OPEN, as_of_date
from shared.reports._calls import CallFilters, call, first_assignment
from shared.reports._metrics import elapsed_minutes, sla_minutes, sla_state
from shared.reports._model import ReportData
from shared.reports._names import people_names
from shared.tables import (
    CALL_STATUSES,
    PRIORITIES,
    InJsonList,
    Instant,
    call_events,
    calls,
    sortable_id,
)

_AT_ONCE = 500  # open calls read in one go
BUCKETS = ("Not yet due", "0-1 days", "2-3 days", "4-7 days", "8-14 days", "15-30 days", "31+ days")
_BEGINNINGS = (0, 2, 4, 8, 15, 31)  # days open at which the second bucket and those after it begin


@dataclass(frozen=True)
class Moment:
    """The date that calls are looked at, and its last instant: as-of, where that is earlier."""

    day: date
    at: datetime
    is_now: bool

    @classmethod
    def of(cls, day: date, data: ReportData) -> Self:
        """The end of a date in the business zone."""
        end = local_midnight(day + timedelta(days=1), data.settings.zone) - timedelta.resolution
        return cls(day, min(end, data.reader.as_of), day >= as_of_date(data))

    def days_since(self, day: date) -> int:
        """Days from another date to this; negative for one still to come."""
        return (self.day - day).days


def bucket(days: int) -> str:
    """The ageing bucket of a number of days open (reports.md §3.11)."""
    return BUCKETS[bisect_right(_BEGINNINGS, days)]


def read_open(
    data: ReportData,
    moment: Moment,
    conditions: Sequence[ColumnElement[bool]],
    ids: Sequence[str],
    *columns: ColumnElement[Any],
) -> Iterator[tuple[Any, str | None]]:
    """The open calls that `OpenCalls` found, in its order, as they were at the moment; and their engineers' names.

    Names are asked for by themselves: joined with people, a call could have its log read once for each of them.
    """
    names: dict[str, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        found = _as_of(calls, calls, [*conditions, InJsonList(call.id, chunk)], moment, *columns)
        rows = {row.id: row for row in data.reader.all(select(found))}
        if unknown := {row.engineer for row in rows.values() if row.engineer} - names.keys():
            names |= people_names(unknown, data)
        yield from ((rows[each], names.get(rows[each].engineer)) for each in chunk)


def count_open(data: ReportData, moment: Moment, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many of these calls are open at the moment."""
    statement = select(func.count()).select_from(_open(conditions, moment))
    return int(data.reader.all(statement)[0][0])


def recorded_as_open(parameters: CallFilters, data: ReportData) -> int:
    """How many permitted calls have a status now that is an open one."""
    permitted = data.scope.narrowed(parameters.banks).predicate(call.client_bank)
    statement = select(func.count()).select_from(calls).where(permitted, call.status.in_(OPEN))
    return int(data.reader.all(statement)[0][0])


def sla_at(row: Any, moment: Moment, data: ReportData) -> str | None:
    """The state under the response SLA of a row of `read_open`, as it was at the moment."""
    if row.first_assigned is None or row.first_assigned > moment.at:
        return None
    limits = data.settings.sla_limits
    limit = sla_minutes(limits).get(row.priority, limits.medium)
    if row.started_at is not None and row.started_at <= moment.at:
        return sla_state(elapsed_minutes(row.first_assigned, row.started_at), None, limit)
    return sla_state(None, elapsed_minutes(row.first_assigned, moment.at), limit)


@dataclass
class OpenCalls:
    """Numbers of open calls, and ids; what stands below `unscheduled` is of the calls that are shown."""

    least: int | None  # days open below which a call is not shown
    all: int = 0
    recorded_open: int = 0  # the status recorded now is an open one too
    unscheduled: int = 0
    ids: list[str] = field(default_factory=list)  # by scheduled date, priority rank, call number
    by_bucket: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # bucket and bank
    overdue: int = 0
    over_a_week: int = 0
    oldest: int | None = None
    pending: int = 0
    unassigned: int = 0
    untimed: int = 0  # no state under the response SLA
    without_priority: int = 0
    unlogged: int = 0  # no events

    @classmethod
    def read(
        cls, data: ReportData, moment: Moment, conditions: Sequence[ColumnElement[bool]], least: int | None
    ) -> Self:
        """Finds the open ones of these calls. It takes a look into the log of each call, so it is done once.

        It holds their ids, some nine megabytes for a hundred thousand; `read_open` reads the rest some at a time.
        """
        found = cls(least)
        for row in data.reader.all(_found(conditions, moment)):
            found.all += 1
            found.recorded_open += row.recorded_open
            if row.scheduled_date is None:
                found.unscheduled += 1
            elif least is None or moment.days_since(row.scheduled_date) >= least:
                found._show(row, moment.days_since(row.scheduled_date))
        return found

    @property
    def banks(self) -> Sequence[str | None]:
        """Of the calls that are shown."""
        return list({bank for _, bank in self.by_bucket})

    def _show(self, row: Any, days: int) -> None:
        self.ids.append(row.id)
        self.by_bucket[bucket(days), row.client_bank] += 1
        self.overdue += days > 0
        self.over_a_week += days > 7  # noqa: PLR2004 the tile's own name
        if days >= 0:
            self.oldest = max(days, self.oldest or 0)
        self.pending += row.pending
        self.unassigned += row.pending and row.without_engineer
        self.untimed += row.untimed
        self.without_priority += row.without_priority
        self.unlogged += row.unlogged


def _found(conditions: Sequence[ColumnElement[bool]], moment: Moment) -> Query:
    """The open calls, and which of them count where. What takes a look into the log of a call is named once."""
    unlogged = case((is_logged(call.id), 0), else_=1).label("unlogged")
    found, at = _open(conditions, moment, call.call_number, unlogged).c, literal(moment.at, Instant())
    timed_to = case((found.started_at <= at, found.started_at), else_=at)
    numbers = {
        "recorded_open": case((found.status.in_(OPEN), 1), else_=0),
        "pending": case((found.state == CALL_STATUSES[PENDING], 1), else_=0),
        "without_engineer": case((found.engineer.is_(None), 1), else_=0),
        "untimed": case((found.first_assigned <= timed_to, 0), else_=1),
        "without_priority": case((found.priority.in_(PRIORITIES), 0), else_=1),
    }
    told = (number.label(name) for name, number in numbers.items())
    ranks = {priority: rank for rank, priority in enumerate(PRIORITIES)}
    rank = case(ranks, value=found.priority, else_=len(PRIORITIES))
    columns = (found.id, found.scheduled_date, found.client_bank, found.unlogged, *told)
    return select(*columns).order_by(found.scheduled_date, rank, found.call_number)


def _open(conditions: Sequence[ColumnElement[bool]], moment: Moment, *columns: ColumnElement[Any]) -> Subquery:
    """The calls of the conditions that are open at the moment."""
    alive = alive_at(conditions, moment.at)
    source = alive.join(calls, call.id == alive.c.id)
    # The conditions again, so that no more calls are read.
    return _as_of(source, alive, [*conditions, *open_at(alive, moment.at)], moment, *columns)


def _as_of(
    source: FromClause,
    ids: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    moment: Moment,
    *columns: ColumnElement[Any],
) -> Subquery:
    """State, engineer and first assignment of open calls at the moment, beside columns as they are recorded now."""
    recorded = (call.id, call.client_bank, call.scheduled_date, call.priority, call.status)
    return (
        select(
            *(*recorded, call.created_at, call.started_at, *columns),
            open_state(ids, moment.at).label("state"),
            _engineer(moment).label("engineer"),
            first_assignment().label("first_assigned"),
        )
        .select_from(source)
        .where(*conditions)
        .subquery("open")
    )


def _engineer(moment: Moment) -> ColumnElement[str | None]:
    """Who has the call: now as recorded, on a past date whom the latest event until then names."""
    if moment.is_now:
        return call.assigned_engineer
    event, at = call_events.c, literal(moment.at, Instant())
    named = (
        select(event.to_engineer)
        .where(event.call_id == call.id, event.to_engineer.is_not(None), event.at <= at)
        .order_by(event.at.desc(), sortable_id(event.id).desc())
        .limit(1)
        .correlate(calls)
        .scalar_subquery()
    )
    return coalesce(named, case((call.assigned_at <= at, call.assigned_engineer)))
