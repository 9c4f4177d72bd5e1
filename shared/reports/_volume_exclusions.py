"""Why calls stand outside the counts by date: one look at all permitted calls, and one at the cancelled ones."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.sql.functions import coalesce

from shared.ports import Query
from shared.reports._backlog import Backlog
from shared.reports._calls import call
from shared.reports._export_info import Reconciled
from shared.reports._model import ReportData
from shared.reports._volume import Conditions, cancellations, limits_of

Numbers = Mapping[str, int]
Reasons = list[tuple[str, int]]


def reconciled(permitted: Conditions, data: ReportData, dates: tuple[date, date]) -> list[Reconciled]:
    """Each count by date over the range against all permitted calls."""
    found = _numbers(permitted, data, dates)
    whole, completed, cancelled = found["calls"], found["completed"], found["cancelled"]
    not_completed = [("not completed", whole - completed)]
    not_cancelled = [("not cancelled", whole - cancelled)]
    return [
        Reconciled.of("Total Calls", whole, _outside(found, "scheduled", "no scheduled date")),
        Reconciled.of("New Calls", whole, _outside(found, "created", "")),
        Reconciled.of("Completed Calls", whole, not_completed + _outside(found, "done", "no completion time")),
        Reconciled.of(
            "Cancelled Calls", whole, not_cancelled + _outside(found, "ended", "no cancellation event, no last update")
        ),
        Reconciled.of("Peak Hours", whole, _outside(found, "started", "not started")),
        Reconciled.of(
            "cancellation time as recorded",
            cancelled,
            [("no cancellation event, dated by the last update", found["untold"])],
        ),
    ]


def backlog_reconciled(whole: int, end: Backlog) -> list[Reconciled]:
    """The backlog at the end of the range against all permitted calls, and what stands in for missing events."""
    gone = whole - end.open - end.not_yet
    return [
        Reconciled.of(
            "Backlog at End", whole, [("not created by then", end.not_yet), ("completed or cancelled by then", gone)]
        ),
        Reconciled.of("states as logged", end.open, [("no events, taken from timestamps", end.by_times)]),
    ]


def _outside(found: Numbers, name: str, without: str) -> Reasons:
    """Calls of no such date, of an earlier one and of a later one."""
    words = {"done": "completed", "ended": "cancelled"}.get(name, name)
    return [
        (without, found[f"{name}_never"]),
        (f"{words} before the range", found[f"{name}_before"]),
        (f"{words} after the range", found[f"{name}_after"]),
    ]


def _numbers(permitted: Conditions, data: ReportData, dates: tuple[date, date]) -> Numbers:
    limits = limits_of(dates, data)
    is_done = call.status == "completed"
    of_calls = select(
        func.count().label("calls"),
        func.sum(case((is_done, 1), else_=0)).label("completed"),
        *_places("scheduled", call.scheduled_date, dates[0], call.scheduled_date > dates[1]),
        *_places("created", call.created_at, limits[0], call.created_at >= limits[1]),
        *_places("started", call.started_at, limits[0], call.started_at >= limits[1]),
        *_places("done", call.completed_at, limits[0], call.completed_at >= limits[1], is_done),
    ).where(*permitted)
    fact = cancellations(permitted).c
    at = coalesce(fact.told_at, fact.updated_at)
    within = (fact.told_at.is_(None)) & (at >= limits[0]) & (at < limits[1])
    of_cancelled = select(
        func.count().label("cancelled"),
        func.sum(case((within, 1), else_=0)).label("untold"),
        *_places("ended", at, limits[0], at >= limits[1]),
    )
    return _only_row(of_calls, data) | _only_row(of_cancelled, data)


def _only_row(statement: Query, data: ReportData) -> dict[str, int]:
    values = data.reader.all(statement)[0]
    return {name: int(value or 0) for name, value in zip(statement.selected_columns.keys(), values, strict=True)}


def _places(
    name: str, at: ColumnElement[Any], first: Any, is_after: ColumnElement[bool], *which: ColumnElement[bool]
) -> list[ColumnElement[Any]]:
    """How many calls, or which of them, have no such date, one before the first, and one after the last."""
    places = {"never": at.is_(None), "before": at < first, "after": is_after}
    return [
        func.sum(case((and_(*which, condition), 1), else_=0)).label(f"{name}_{place}")
        for place, condition in places.items()
    ]
