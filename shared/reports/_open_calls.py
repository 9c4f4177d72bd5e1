"""The calls open at the end of a date, one by one and counted: state, engineer and age as they were then."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.sql.functions import coalesce

from shared.clock import local_date, local_midnight
from shared.reports._call_events import open_at, open_state, told_of
from shared.reports._call_totals import OPEN, as_of_date
from shared.reports._calls import CallFilters, call
from shared.reports._metrics import elapsed_minutes, sla_minutes, sla_state
from shared.reports._model import ReportData
from shared.tables import PRIORITIES, InJsonList, Instant, call_events, calls, sortable_id, user_profiles

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


@dataclass(frozen=True)
class OpenCall:
    """What the database does not say by itself of one open call; `days` is None without a scheduled date."""

    state: str
    days: int | None
    since_created: int
    sla: str | None

    @classmethod
    def of(cls, row: Any, moment: Moment, data: ReportData) -> Self:
        """From a row of `read_open`."""
        return cls(
            open_state(row, moment.at),
            None if row.scheduled_date is None else moment.days_since(row.scheduled_date),
            moment.days_since(local_date(row.created_at, data.settings.zone)),
            _sla(row, moment, data),
        )


def bucket(days: int) -> str:
    """The ageing bucket of a number of days open (reports.md §3.11)."""
    return BUCKETS[bisect_right(_BEGINNINGS, days)]


def read_open(
    data: ReportData, moment: Moment, conditions: Sequence[ColumnElement[bool]], *columns: ColumnElement[Any]
) -> Iterator[tuple[Any, OpenCall]]:
    """Of these calls the rows of those open at the moment, with these columns and what is worked out of each; streamed.

    Order: days open longest first, priority rank, call number. The date stands in an expression: its index would tempt
    a database to look for the first rows only, call by call.
    """
    told = told_of(conditions, moment.at)
    ranks = {priority: rank for rank, priority in enumerate(PRIORITIES)}
    statement = (
        select(
            *columns,
            *(call.client_bank, call.scheduled_date, call.priority, call.status),
            *(call.created_at, call.assigned_at, call.started_at),
            _engineer(moment).label("engineer"),
            coalesce(told.c.first_assigned, call.assigned_at).label("first_assigned"),
            *(told.c.first_told, told.c.last_pending, told.c.last_assigned, told.c.last_in_progress),
        )
        .select_from(told.join(calls, call.id == told.c.id))
        .where(*conditions, *open_at(told, moment.at))
        .order_by(
            case((call.scheduled_date.is_not(None), call.scheduled_date)),
            case(ranks, value=call.priority, else_=len(PRIORITIES)),
            call.call_number,
        )
    )
    return ((row, OpenCall.of(row, moment, data)) for row in data.reader.rows(statement))


def count_open(data: ReportData, moment: Moment, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many of these calls are open at the moment."""
    told = told_of(conditions, moment.at)
    statement = select(func.count()).select_from(told.join(calls, call.id == told.c.id))
    return int(data.reader.all(statement.where(*conditions, *open_at(told, moment.at)))[0][0])


def names_of(engineers: Iterable[str], data: ReportData) -> dict[str, str]:
    """The names of people by id."""
    person = user_profiles.c
    rows = data.reader.all(select(person.id, person.full_name).where(InJsonList(person.id, sorted(engineers))))
    return {row.id: row.full_name for row in rows}


def recorded_as_open(parameters: CallFilters, data: ReportData) -> int:
    """How many permitted calls have a status now that is an open one."""
    permitted = data.scope.narrowed(parameters.banks).predicate(call.client_bank)
    statement = select(func.count()).select_from(calls).where(permitted, call.status.in_(OPEN))
    return int(data.reader.all(statement)[0][0])


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


def _sla(row: Any, moment: Moment, data: ReportData) -> str | None:
    """The state under the response SLA as it was at the moment."""
    if row.first_assigned is None or row.first_assigned > moment.at:
        return None
    limits = data.settings.sla_limits
    limit = sla_minutes(limits).get(row.priority, limits.medium)
    if row.started_at is not None and row.started_at <= moment.at:
        return sla_state(elapsed_minutes(row.first_assigned, row.started_at), None, limit)
    return sla_state(None, elapsed_minutes(row.first_assigned, moment.at), limit)


@dataclass
class OpenCounts:
    """Numbers of open calls; those beside `all` and `unscheduled` are of the calls that are shown."""

    least: int | None  # days open below which a call is not shown
    all: int = 0
    unscheduled: int = 0
    by_bucket: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # bucket and bank
    overdue: int = 0
    over_a_week: int = 0
    oldest: int | None = None
    pending: int = 0
    unassigned: int = 0
    untimed: int = 0  # no state under the response SLA
    without_priority: int = 0
    unlogged: int = 0  # no events
    recorded_open: int = 0  # of all: the status recorded now is an open one too
    engineers: set[str] = field(default_factory=set)

    def add_all(self, rows: Iterable[tuple[Any, OpenCall]]) -> Self:
        """Counts each row of `read_open`, and holds none."""
        for row, found in rows:
            self._add(row, found)
        return self

    @property
    def shown(self) -> int:
        """Calls that have a bucket."""
        return self.by_bucket.total()

    @property
    def banks(self) -> Sequence[str | None]:
        """Of the calls that are shown."""
        return list({bank for _, bank in self.by_bucket})

    def _add(self, row: Any, found: OpenCall) -> None:
        self.all += 1
        self.recorded_open += row.status in OPEN
        if found.days is None:
            self.unscheduled += 1
        elif self.least is None or found.days >= self.least:
            self._show(row, found, found.days)

    def _show(self, row: Any, found: OpenCall, days: int) -> None:
        self.by_bucket[bucket(days), row.client_bank] += 1
        self.overdue += days > 0
        self.over_a_week += days > 7  # noqa: PLR2004 the tile's own name
        if days >= 0:
            self.oldest = max(days, self.oldest or 0)
        self.pending += found.state == "pending"
        self.unassigned += found.state == "pending" and row.engineer is None
        self.untimed += found.sla is None
        self.without_priority += row.priority not in PRIORITIES
        self.unlogged += row.first_told is None
        if row.engineer is not None:
            self.engineers.add(row.engineer)
