"""Counts and sums over the calls in scope, one database row per scheduled date and status; reads no call by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.clock import local_date
from shared.ports import Query
from shared.reports._adding import added
from shared.reports._calls import CallFilters, call, in_scope, is_first_assignment
from shared.reports._metrics import on_time_minutes, sla_minutes
from shared.reports._model import ReportData
from shared.reports._period import previous_dates
from shared.tables import CALL_STATUSES, PRIORITIES, Instant, call_events, calls, count_where, minutes_between

OPEN = ("pending", "assigned", "in_progress")


@dataclass(frozen=True)
class Sums:
    """Numbers of calls, and sums of minutes, over some calls; which of them mean something depends on the status."""

    calls: int = 0
    without_engineer: int = 0
    without_assignment: int = 0  # neither an ASSIGNED event nor `assigned_at`
    not_started: int = 0  # of those with an assignment
    late_waits: int = 0  # of those not started, beyond the response limit at as-of
    early_starts: int = 0  # started before the first assignment
    responses: int = 0  # started at or after it
    response_minutes: float = 0
    in_limit: int = 0  # of the responses
    early_completions: int = 0  # completed before the first assignment
    resolutions: int = 0  # completed at or after it
    resolution_minutes: float = 0
    without_completion: int = 0  # no completion time
    on_time: int = 0
    without_priority: int = 0
    unknown_priority: int = 0

    @classmethod
    def over(cls, parts: Iterable["Sums"]) -> "Sums":
        """All of these together."""
        return added(cls, parts)


@dataclass(frozen=True)
class DaySums:
    """The calls of one scheduled date in one status."""

    day: date
    status: str
    sums: Sums


@dataclass(frozen=True)
class CallTotals:
    """The calls of a range of dates, by status; `overdue` are the open ones of dates before the as-of date."""

    by_status: Mapping[str, Sums]
    overdue: int

    @classmethod
    def over(cls, days: Iterable[DaySums], dates: tuple[date, date], today: date) -> "CallTotals":
        """The totals of those of `days` that lie within `dates`."""
        within = [each for each in days if dates[0] <= each.day <= dates[1]]
        found = {each.status for each in within}
        return cls(
            {status: Sums.over(each.sums for each in within if each.status == status) for status in found},
            sum(each.sums.calls for each in within if each.day < today and each.status in OPEN),
        )

    def of(self, *statuses: str) -> Sums:
        """The calls in these states."""
        return Sums.over(self.by_status[status] for status in statuses if status in self.by_status)

    @property
    def all(self) -> Sums:
        """All calls."""
        return Sums.over(self.by_status.values())

    @property
    def net(self) -> Sums:
        """All calls but the cancelled ones."""
        return Sums.over(sums for status, sums in self.by_status.items() if status != "cancelled")

    @property
    def unknown(self) -> int:
        """Calls in a state that there should not be."""
        return self.all.calls - self.of(*CALL_STATUSES).calls

    @property
    def sla_met(self) -> int:
        """Calls started within the limit."""
        return self.all.in_limit

    @property
    def sla_breached(self) -> int:
        """Calls started beyond the limit, and those neither started nor cancelled that waited beyond it."""
        return self.all.responses - self.all.in_limit + self.net.late_waits


def with_previous(
    parameters: CallFilters, data: ReportData, dates: tuple[date, date]
) -> tuple[list[DaySums], CallTotals, CallTotals]:
    """The calls in scope by date and status, of the range and the previous one, in one statement; then their totals."""
    before, today = previous_dates(*dates), as_of_date(data)
    both = before[0], dates[1]
    rows = data.reader.all(_statement(in_scope(parameters, data, both), data, both))
    days = [DaySums(row.scheduled_date, row.status, Sums(*map(_number, row[2:]))) for row in rows]
    return days, CallTotals.over(days, dates, today), CallTotals.over(days, before, today)


def as_of_date(data: ReportData) -> date:
    """The date, in the business zone, on which the data are looked at."""
    return local_date(data.reader.as_of, data.settings.zone)


def _number(value: Any) -> Any:
    """Sums come as whole numbers, as floating ones, as decimals, or empty."""
    return value if isinstance(value, int) else float(value or 0)


def _statement(conditions: Sequence[ColumnElement[bool]], data: ReportData, dates: tuple[date, date]) -> Query:
    """The columns after date and status stand in the order of the fields of `Sums`.

    Instants are compared, minutes only summed: they are worked out anew wherever they stand.
    """
    f = _facts(conditions, data, dates).c
    is_started, is_completed = f.started_at >= f.assigned, f.completed_at >= f.assigned
    return select(
        f.scheduled_date,
        f.status,
        func.count(),
        count_where(f.assigned_engineer.is_(None)),
        count_where(f.assigned.is_(None)),
        count_where(f.assigned.is_not(None) & f.started_at.is_(None)),
        count_where(f.waited > f.sla_limit),
        count_where(f.started_at < f.assigned),
        count_where(is_started),
        func.sum(case((is_started, f.response))),
        count_where(is_started & (f.response <= f.sla_limit)),
        count_where(f.completed_at < f.assigned),
        count_where(is_completed),
        func.sum(case((is_completed, f.resolution))),
        count_where(f.completed_at.is_(None)),
        count_where(f.done_after < f.late_after),
        count_where(f.priority.is_(None)),
        count_where(f.priority.not_in(PRIORITIES)),
    ).group_by(f.scheduled_date, f.status)


def _facts(conditions: Sequence[ColumnElement[bool]], data: ReportData, dates: tuple[date, date]) -> Subquery:
    """Per call: its first assignment, and minutes to start, to completion, and waited.

    The first event is joined: a subquery for it would run again wherever its value is used.
    """
    first = call_events.alias("first")
    assigned = coalesce(first.c.at, call.assigned_at)
    waits: tuple[ColumnElement[bool], Any] = (
        call.started_at.is_(None),
        minutes_between(assigned, literal(data.reader.as_of, Instant())),
    )
    limits, zone = data.settings.sla_limits, data.settings.zone
    late = on_time_minutes(zone, dates, data.settings.on_time_grace_days)
    return (
        select(
            *(call.scheduled_date, call.status, call.priority, call.assigned_engineer),
            *(call.started_at, call.completed_at),
            assigned.label("assigned"),
            minutes_between(assigned, call.started_at).label("response"),
            minutes_between(assigned, call.completed_at).label("resolution"),
            case(waits).label("waited"),
            case(sla_minutes(limits), value=call.priority, else_=limits.medium).label("sla_limit"),
            minutes_between(call.scheduled_date, call.completed_at).label("done_after"),
            case(*((call.scheduled_date <= day, minutes) for day, minutes in late)).label("late_after"),
        )
        .select_from(calls.outerjoin(first, is_first_assignment(first)))
        .where(*conditions)
        .subquery("facts")
    )
