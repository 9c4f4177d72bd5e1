"""Conditions, joins and expressions over calls that reports share; every query of calls takes its conditions here."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Join, UnicodeText, and_, cast, exists, func, literal, or_, select
from sqlalchemy.sql.functions import coalesce

from shared.reports._model import ReportData
from shared.tables import InJsonList, banks, call_events, calls, photos, sortable_id, user_profiles

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


def with_names(source: FromClause) -> Join:
    """Calls, alone or joined with others, with their banks and engineers where they have some."""
    banked = source.outerjoin(banks, banks.c.id == call.client_bank)
    return banked.outerjoin(user_profiles, user_profiles.c.id == call.assigned_engineer)


def newest_first() -> tuple[ColumnElement[Any], ...]:
    """The order of Call Details, which an index has; calls of one instant stand by their ids."""
    return call.scheduled_date.desc(), call.created_at.desc(), sortable_id(call.id)


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


def is_first_assignment(event: FromClause) -> ColumnElement[bool]:
    """Whether the event is the call's earliest ASSIGNED one; of those at one instant, one by its id.

    With it calls and their first assignments are joined without being grouped, which databases do several at a time.
    """
    assigned, earlier = event.c, call_events.alias("earlier").c
    is_before = earlier.at <= assigned.at  # a range of the index, which the next condition alone is not
    is_earlier = is_before & or_(earlier.at < assigned.at, earlier.id < assigned.id)
    return and_(
        assigned.call_id == call.id,
        assigned.event_type == "ASSIGNED",
        ~exists().where(earlier.call_id == assigned.call_id, earlier.event_type == "ASSIGNED", is_earlier),
    )


def photo_list() -> ColumnElement[str | None]:
    """Id and blob name of the call's photos as text, one photo a line, a blank between; None without photos."""
    line = cast(photos.c.id, UnicodeText) + literal(" ", UnicodeText) + cast(photos.c.storage_path, UnicodeText)
    return (
        select(func.aggregate_strings(line, "\n")).where(photos.c.call_id == call.id).correlate(calls).scalar_subquery()
    )
