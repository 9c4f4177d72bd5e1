"""The rows of Resolution TAT, streamed: a completed call's resolution and whether it kept to its target; sums nothing.

The order is that of Call Details, which an index has.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from shared.document import Column, Kind, Row, Table
from shared.ports import Query
from shared.reports._calls import call, first_assignment, newest_first, with_names
from shared.reports._metrics import elapsed_minutes, target_minutes
from shared.reports._model import ReportData
from shared.tables import banks, calls, user_profiles

_DETAILS = (
    Column("callNumber", "Call Number"),
    Column("bank", "Bank", few_values=True),
    Column("callType", "Call Type", few_values=True),
    Column("assignedEngineer", "Assigned Engineer", few_values=True),
    Column("firstAssignedAt", "First Assigned At", Kind.DATE_TIME),
    Column("completedAt", "Completed At", Kind.DATE_TIME),
    Column("resolution", "Resolution TAT (min)", Kind.MINUTES),
    Column("target", "Target (min)", Kind.INTEGER),
    Column("targetMet", "Target Met", Kind.BOOLEAN),
    Column("note", "Note", few_values=True),
)


def details(conditions: Sequence[ColumnElement[bool]], data: ReportData, count: int) -> Table:
    """Every call that fits the conditions, `count` of them."""
    return Table("Details", _DETAILS, lambda: _rows(conditions, data), count, is_main=True)


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    return (
        select(
            call.call_number,
            banks.c.name,
            call.type,
            user_profiles.c.full_name,
            first_assignment().label("first_assigned"),
            call.completed_at,
        )
        .select_from(with_names(calls))
        .where(*conditions)
        .order_by(*newest_first())
    )


def _rows(conditions: Sequence[ColumnElement[bool]], data: ReportData) -> Iterator[Row]:
    targets = target_minutes(data.settings.resolution_targets)
    for row in data.reader.rows(_statement(conditions)):
        minutes, target = elapsed_minutes(row.first_assigned, row.completed_at), targets.get(row.type)
        is_timed = minutes is not None and minutes >= 0
        is_met = minutes <= target if minutes is not None and is_timed and target is not None else None
        yield *tuple(row), minutes, target, is_met, _note(row, minutes, target)


def _note(row: Any, minutes: float | None, target: int | None) -> str | None:
    """Why a call is outside some figure."""
    notes = {
        "no first assignment": row.first_assigned is None,
        "no completion time": row.completed_at is None,
        "completed before the first assignment": minutes is not None and minutes < 0,
        "unknown type, no target": target is None,
    }
    return "; ".join(note for note, holds in notes.items() if holds) or None
