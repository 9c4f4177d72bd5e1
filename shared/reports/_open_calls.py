"""The calls open at the end of a date, one by one and counted: state, engineer and age as they were then."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.clock import local_midnight
from shared.ports import Query
from shared.reports._call_events import PENDING, alive_at, is_logged, open_at, open_state
from shared.reports._call_totals import OPEN, as_of_date
from shared.reports._calls import CallFilters, call, first_assignment
from shared.reports._metrics import elapsed_minutes, sla_minutes, sla_state
from shared.reports._model import ReportData
from shared.tables import CALL_STATUSES, PRIORITIES, Instant, call_events, calls, sortable_id, user_profiles

_BATCH = 5_000  # open calls read with one statement, if not more are scheduled for one day
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
    by_day: Mapping[date, int],
    *columns: ColumnElement[Any],
) -> Iterator[Any]:
    """Of these calls those open at the moment, with these columns; streamed. `by_day` are the numbers of them.

    Order: scheduled date, priority rank, call number. Some days are read at a time, so that a database need not look
    into the log of every call, and sort them all, before it gives the first one.
    """
    ranks = {priority: rank for rank, priority in enumerate(PRIORITIES)}
    for first, last in _batches(by_day):
        found = _open([*conditions, call.scheduled_date.between(first, last)], moment, *columns)
        name = user_profiles.c.full_name.label("engineer_name")
        statement = (
            select(found, name)
            .select_from(found.outerjoin(user_profiles, user_profiles.c.id == found.c.engineer))
            .order_by(
                found.c.scheduled_date,
                case(ranks, value=found.c.priority, else_=len(PRIORITIES)),
                found.c.call_number,
            )
        )
        yield from data.reader.rows(statement)


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
class OpenCounts:
    """Numbers of open calls; those below `unscheduled` are of the calls that are shown."""

    least: int | None  # days open below which a call is not shown
    all: int = 0
    recorded_open: int = 0  # the status recorded now is an open one too
    unscheduled: int = 0
    by_bucket: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # bucket and bank
    by_day: Counter[date] = field(default_factory=Counter)  # scheduled date
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
        """Counts the open ones of these calls, by the database: it gives a row per scheduled date, bank and state."""
        counts = cls(least)
        for row in data.reader.all(_counts(conditions, moment)):
            counts.all += row.calls
            counts.recorded_open += row.recorded_open
            if row.scheduled_date is None:
                counts.unscheduled += row.calls
            elif least is None or moment.days_since(row.scheduled_date) >= least:
                counts._show(row, moment.days_since(row.scheduled_date))
        return counts

    @property
    def shown(self) -> int:
        """Calls that have a bucket."""
        return self.by_bucket.total()

    @property
    def banks(self) -> Sequence[str | None]:
        """Of the calls that are shown."""
        return list({bank for _, bank in self.by_bucket})

    def _show(self, row: Any, days: int) -> None:
        self.by_bucket[bucket(days), row.client_bank] += row.calls
        self.by_day[row.scheduled_date] += row.calls
        self.overdue += row.calls * (days > 0)
        self.over_a_week += row.calls * (days > 7)  # noqa: PLR2004 the tile's own name
        if days >= 0:
            self.oldest = max(days, self.oldest or 0)
        if row.state == CALL_STATUSES[PENDING]:
            self.pending += row.calls
            self.unassigned += row.without_engineer
        self.untimed += row.calls - row.timed
        self.without_priority += row.without_priority
        self.unlogged += row.calls - row.logged


def _batches(days: Mapping[date, int]) -> Iterator[tuple[date, date]]:
    """First and last days of runs of these days, in order, that have some thousand calls each."""
    run: list[date] = []
    found = 0
    for day in sorted(days):
        if found + days[day] > _BATCH and run:
            yield run[0], run[-1]
            run, found = [], 0
        run.append(day)
        found += days[day]
    if run:
        yield run[0], run[-1]


def _open(conditions: Sequence[ColumnElement[bool]], moment: Moment, *columns: ColumnElement[Any]) -> Subquery:
    """The calls of the conditions that are open at the moment: state, engineer and first assignment of then."""
    alive = alive_at(conditions, moment.at)
    return (
        select(
            *columns,
            *(call.client_bank, call.scheduled_date, call.priority, call.status, call.created_at, call.started_at),
            open_state(alive, moment.at).label("state"),
            _engineer(moment).label("engineer"),
            first_assignment().label("first_assigned"),
            case((is_logged(alive.c.id), 1), else_=0).label("is_logged"),
        )
        .select_from(alive.join(calls, call.id == alive.c.id))
        .where(*conditions, *open_at(alive, moment.at))  # again, so that no more calls are read
        .subquery("open")
    )


def _counts(conditions: Sequence[ColumnElement[bool]], moment: Moment) -> Query:
    """By day, bank and state. What takes a look into the log of a call is named once: a database looks each time."""
    found, at = _open(conditions, moment).c, literal(moment.at, Instant())
    timed_to = case((found.started_at <= at, found.started_at), else_=at)
    sums = {
        "recorded_open": case((found.status.in_(OPEN), 1), else_=0),
        "without_engineer": case((found.engineer.is_(None), 1), else_=0),
        "timed": case((found.first_assigned <= timed_to, 1), else_=0),
        "without_priority": case((found.priority.in_(PRIORITIES), 0), else_=1),
        "logged": found.is_logged,
    }
    keys = (found.scheduled_date, found.client_bank, found.state)
    numbers = (func.sum(number).label(name) for name, number in sums.items())
    return select(*keys, func.count().label("calls"), *numbers).group_by(*keys)


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
