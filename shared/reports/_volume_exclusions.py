"""Why calls stand outside the counts by date: one look at all permitted calls."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from shared.reports._backlog import Backlog
from shared.reports._calls import call
from shared.reports._export_info import Reconciled
from shared.reports._local_days import limits_of
from shared.reports._model import ReportData
from shared.reports._volume import Cancelled, Conditions
from shared.tables import count_where

Numbers = Mapping[str, int]
Reasons = list[tuple[str, int]]


def reconciled(
    permitted: Conditions, data: ReportData, dates: tuple[date, date], cancelled: Cancelled, end: Backlog | None
) -> list[Reconciled]:
    """Each count by date over the range, and the backlog at its end, against all permitted calls."""
    found = _numbers(permitted, data, dates) | _ended(cancelled, dates)
    whole = found["calls"]
    not_completed = [("not completed", whole - found["completed"])]
    not_cancelled = [("not cancelled", whole - found["cancelled"])]
    return [
        Reconciled.of("Total Calls", whole, _outside(found, "scheduled", "no scheduled date")),
        Reconciled.of("New Calls", whole, _outside(found, "created", "")),
        Reconciled.of("Completed Calls", whole, not_completed + _outside(found, "done", "no completion time")),
        Reconciled.of(
            "Cancelled Calls",
            whole,
            not_cancelled + _outside(found, "ended", "no cancellation event, no last update"),
        ),
        Reconciled.of("Peak Hours", whole, _outside(found, "started", "not started")),
        Reconciled.of(
            "cancellation time as recorded",
            found["cancelled"],
            [("no cancellation event, dated by the last update", found["untold"])],
        ),
        *(_backlog_reconciled(whole, end) if end else ()),
    ]


def _backlog_reconciled(whole: int, end: Backlog) -> list[Reconciled]:
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


def _numbers(permitted: Conditions, data: ReportData, dates: tuple[date, date]) -> dict[str, int]:
    limits = limits_of(dates, data.settings.zone)
    statement = select(
        func.count().label("calls"),
        count_where(call.status == "completed").label("completed"),
        count_where(call.status == "cancelled").label("cancelled"),
        *_places("scheduled", call.scheduled_date, dates[0], call.scheduled_date > dates[1]),
        *_places("created", call.created_at, limits[0], call.created_at >= limits[1]),
        *_places("started", call.started_at, limits[0], call.started_at >= limits[1]),
        *_places("done", call.completed_at, limits[0], call.completed_at >= limits[1], call.status == "completed"),
    ).where(*permitted)
    return dict(zip(statement.selected_columns.keys(), map(int, data.reader.all(statement)[0]), strict=True))


def _ended(cancelled: Cancelled, dates: tuple[date, date]) -> dict[str, int]:
    """The cancelled calls by their places; `dates` end on the last of those by which they are told apart."""
    before = sum(count for day, count in cancelled.by_date.items() if day < dates[0])
    untold = sum(count for day, count in cancelled.untold.items() if day >= dates[0])
    return {
        "ended_never": cancelled.never,
        "ended_before": cancelled.before + before,
        "ended_after": cancelled.after,
        "untold": untold,
    }


def _places(
    name: str, at: ColumnElement[Any], first: Any, is_after: ColumnElement[bool], *which: ColumnElement[bool]
) -> list[ColumnElement[Any]]:
    """How many calls, or which of them, have no such date, one before the first, and one after the last."""
    places = {"never": at.is_(None), "before": at < first, "after": is_after}
    return [count_where(and_(*which, condition)).label(f"{name}_{place}") for place, condition in places.items()]
