"""Conditions and expressions over calls that the reports share; every query of calls takes its conditions from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, UnicodeText, case, cast, func, literal, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.ports import Query
from shared.reports._metrics import sla_minutes
from shared.reports._model import ReportData
from shared.settings import SlaLimits
from shared.tables import InJsonList, Instant, call_events, calls, minutes_between, photos, user_profiles

call = calls.c


class CallFilters(Protocol):
    """The filters a report over calls may have, beside its dates."""

    @property
    def banks(self) -> Sequence[str] | None:
        """Bank ids."""
        ...


_FILTERED = {
    "engineers": call.assigned_engineer,
    "status": call.status,
    "call_type": call.type,
    "priority": call.priority,
}


def in_scope(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> list[ColumnElement[bool]]:
    """The conditions of reports.md §1 "scope": bank predicate, scheduled date, and every filter given."""
    conditions = [
        data.scope.narrowed(parameters.banks).predicate(call.client_bank),
        call.scheduled_date.between(*dates),
    ]
    for name, column in _FILTERED.items():
        values = getattr(parameters, name, None)
        if values is not None:
            conditions.append(InJsonList(column, values))
    regions = getattr(parameters, "regions", None)
    if regions is not None:
        engineers = select(user_profiles.c.id).where(InJsonList(user_profiles.c.region, regions))
        conditions.append(call.assigned_engineer.in_(engineers))
    return conditions


def count_in_scope(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> int:
    """How many calls are in scope."""
    statement = select(func.count()).select_from(calls).where(*in_scope(parameters, data, dates))
    return int(data.reader.all(statement)[0][0])


def first_assignment() -> ColumnElement[datetime | None]:
    """Earliest ASSIGNED event of the call, else `assigned_at` (reports.md §1)."""
    events = call_events.c
    earliest = (
        select(func.min(events.at))
        .where(events.call_id == call.id, events.event_type == "ASSIGNED")
        .correlate(calls)
        .scalar_subquery()
    )
    return coalesce(earliest, call.assigned_at)


def photo_list() -> ColumnElement[str | None]:
    """Id and blob name of the call's photos as text, one photo a line, a blank between; None without photos."""
    line = cast(photos.c.id, UnicodeText) + literal(" ", UnicodeText) + cast(photos.c.storage_path, UnicodeText)
    return (
        select(func.aggregate_strings(line, "\n")).where(photos.c.call_id == call.id).correlate(calls).scalar_subquery()
    )


@dataclass(frozen=True)
class CallTotals:
    """Counts and sums over the calls in scope; sums are minutes."""

    total: int
    cancelled: int
    completed: int
    unassigned_time: int  # calls without a first assignment
    responses: int
    response_minutes: float | None
    not_started: int
    negative_responses: int
    resolutions: int
    resolution_minutes: float | None
    negative_resolutions: int
    sla_met: int
    sla_breached: int
    without_priority: int


def totals(data: ReportData, conditions: Sequence[ColumnElement[bool]]) -> CallTotals:
    """The totals of the calls under these conditions, in one statement."""
    row = data.reader.all(_totals_statement(conditions, data.settings.sla_limits, data.reader.as_of))[0]
    numbers = row._mapping  # noqa: SLF001 SQLAlchemy's public name for a row as a mapping
    return CallTotals(**{name: _number(name, numbers[name]) for name in CallTotals.__dataclass_fields__})


def _number(name: str, value: Any) -> Any:
    """Sums of minutes stay empty over nothing; counts are 0."""
    if name.endswith("_minutes"):
        return None if value is None else float(value)
    return int(value or 0)


def _totals_statement(conditions: Sequence[ColumnElement[bool]], limits: SlaLimits, as_of: datetime) -> Query:
    """Durations are made in a derived table first: T-SQL refuses a subquery inside an aggregate."""
    facts = _durations(conditions, as_of)
    f = facts.c
    limit = case(sla_minutes(limits), value=f.priority, else_=limits.medium)
    started = f.response.is_not(None)
    waiting = f.waited.is_not(None)
    met = started & (f.response >= 0) & (f.response <= limit)
    breached = (started & (f.response > limit)) | (waiting & (f.waited > limit))
    return select(
        func.count().label("total"),
        _count(f.status == "cancelled", "cancelled"),
        _count(f.status == "completed", "completed"),
        _count(f.assigned.is_(None), "unassigned_time"),
        _count(started & (f.response >= 0), "responses"),
        func.sum(case((f.response >= 0, f.response))).label("response_minutes"),
        _count(f.assigned.is_not(None) & f.response.is_(None), "not_started"),
        _count(f.response < 0, "negative_responses"),
        _count(f.resolution >= 0, "resolutions"),
        func.sum(case((f.resolution >= 0, f.resolution))).label("resolution_minutes"),
        _count(f.resolution < 0, "negative_resolutions"),
        _count(met, "sla_met"),
        _count(breached, "sla_breached"),
        _count(f.priority.is_(None), "without_priority"),
    ).select_from(facts)


def _durations(conditions: Sequence[ColumnElement[bool]], as_of: datetime) -> Subquery:
    """Per call: status, priority, first assignment, and the minutes to start, to completion, or waited until as-of."""
    base = (
        select(call.status, call.priority, call.started_at, call.completed_at, first_assignment().label("assigned"))
        .where(*conditions)
        .subquery("base")
    )
    b = base.c
    resolved = (b.status == "completed", minutes_between(b.assigned, b.completed_at))
    waits = (
        (b.started_at.is_(None)) & (b.status != "cancelled"),
        minutes_between(b.assigned, literal(as_of, Instant())),
    )
    return select(
        b.status,
        b.priority,
        b.assigned,
        minutes_between(b.assigned, b.started_at).label("response"),
        case(resolved).label("resolution"),
        case(waits).label("waited"),
    ).subquery("facts")


def _count(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0)).label(name)
