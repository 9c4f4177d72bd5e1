"""The rows of Response TAT, streamed: a call's response, its limit, state and breach; sums nothing up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from shared.document import Column, Kind, Table, Tone
from shared.ports import Query
from shared.reports._calls import call, first_assignment, newest_first, with_names
from shared.reports._metrics import elapsed_minutes, sla_minutes, sla_state
from shared.reports._model import ReportData
from shared.reports._response_times import breach_order
from shared.tables import PRIORITIES, InJsonList, banks, calls, user_profiles

_DETAILS = (
    Column("callNumber", "Call Number"),
    Column("bank", "Bank", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("assignedEngineer", "Assigned Engineer", few_values=True),
    Column("firstAssignedAt", "First Assigned At", Kind.DATE_TIME),
    Column("startedAt", "Started At", Kind.DATE_TIME),
    Column("response", "Response TAT (min)", Kind.MINUTES),
    Column("slaLimit", "SLA Limit (min)", Kind.INTEGER),
    Column(
        "slaState",
        "SLA State",
        few_values=True,
        tones={"Met": Tone.GOOD, "Open": Tone.WARNING, "Breached": Tone.BAD},
    ),
    Column("breach", "Breach Time (min)", Kind.MINUTES),
    Column("note", "Note", few_values=True),
)
_BREACH, _NUMBER = 9, 0  # places in a row of details


def details(conditions: Sequence[ColumnElement[bool]], data: ReportData, count: int) -> Table:
    """Every call that fits the conditions, `count` of them, in the order of Call Details, which an index has."""
    return Table(
        "Details", _DETAILS, lambda: _rows(_statement(conditions).order_by(*newest_first()), data), count, is_main=True
    )


def worst(numbers: Sequence[str], conditions: Sequence[ColumnElement[bool]], data: ReportData) -> Table:
    """The twenty calls longest beyond their limits, the longest first, then by call number."""
    rows: list[tuple[Any, ...]] = []
    if numbers:
        rows = list(_rows(_statement([*conditions, InJsonList(call.call_number, numbers)]), data))
    rows.sort(key=lambda row: breach_order(row[_BREACH], row[_NUMBER]))
    return replace(Table.eager("Worst 20", _DETAILS, rows), empty_text="No call breached its limit")


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Any:
    return (
        select(
            call.call_number,
            banks.c.name,
            call.priority,
            user_profiles.c.full_name,
            first_assignment().label("first_assigned"),
            call.started_at,
            call.status,
        )
        .select_from(with_names(calls))
        .where(*conditions)
    )


def _rows(statement: Query, data: ReportData) -> Iterator[tuple[Any, ...]]:
    limits = sla_minutes(data.settings.sla_limits)
    for row in data.reader.rows(statement):
        limit = limits.get(row.priority, limits["medium"])
        response = elapsed_minutes(row.first_assigned, row.started_at)
        waited = None if row.started_at else elapsed_minutes(row.first_assigned, data.reader.as_of)
        state = sla_state(response, waited, limit)
        minutes = waited if response is None else response
        beyond = minutes - limit if state == "Breached" and minutes is not None else None
        yield *tuple(row)[:6], response, limit, state, beyond, _note(row, response)


def _note(row: Any, response: float | None) -> str | None:
    """Why a call is outside some figure, or what stands in for a value that it lacks."""
    notes = {
        "no first assignment": row.first_assigned is None,
        "started before the first assignment": response is not None and response < 0,
        "completed without a start time": row.started_at is None and row.status == "completed",
        "no priority, taken as medium": row.priority is None,
        "unknown priority, taken as medium": row.priority is not None and row.priority not in PRIORITIES,
    }
    return "; ".join(note for note, holds in notes.items() if holds) or None
