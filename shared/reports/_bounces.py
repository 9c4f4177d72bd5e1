"""Bounces: calls that came back after their first assignment, from their events, or from what their row says of itself.

It reads calls in scope only and holds the events of one call at a time, never those of all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.ports import Query
from shared.reports._call_metadata import metadata_text, read_metadata
from shared.reports._calls import call
from shared.reports._model import ReportData
from shared.tables import call_events, calls, sortable_id

OTHER = "other"
REASONS = (
    "engineer_unavailable",
    "parts_not_available",
    "customer_rescheduled",
    "wrong_address",
    "device_compatibility",
    OTHER,
)
_BOUNCES = ("REASSIGNED", "RESCHEDULED", "CANCELLED")
_HAND_OVERS = ("ASSIGNED", "REASSIGNED")


@dataclass(frozen=True)
class Event:
    """What a bounce is told by; rows of `call_events` with these columns do as well."""

    event_type: str
    at: datetime
    from_engineer: str | None
    to_engineer: str | None
    from_date: date | None
    reason: str | None


@dataclass(frozen=True)
class Bounce:
    """One bounce: when, why in the words recorded, who held the call until then, and who got it."""

    at: datetime | None  # None: date unknown
    reason: str | None
    left: str | None
    to_engineer: str | None

    @property
    def counted_reason(self) -> str:
        """One of the six reasons; whatever else was recorded, or nothing, counts as other (reports.md §3.10)."""
        return self.reason if self.reason in REASONS else OTHER


@dataclass(frozen=True)
class History:
    """What the events of a call tell: first assignment and to whom, first scheduled date, bounces in order of time."""

    assigned: datetime | None
    engineer: str | None
    scheduled: date | None
    bounces: tuple[Bounce, ...]


@dataclass(frozen=True)
class BouncedCall:
    """A call with at least one bounce: its row, its history, and whether that is reconstructed without events."""

    row: Any
    history: History
    is_reconstructed: bool


def count_bounced(
    data: ReportData, conditions: Sequence[ColumnElement[bool]], *keys: ColumnElement[Any]
) -> Counter[tuple[Any, ...]]:
    """Calls with at least one bounce by the values of these columns of calls; without columns, all under ()."""
    found = _bounced(conditions)
    joined = select(*keys, func.count()).select_from(found.join(calls, call.id == found.c.id))
    counts = Counter({tuple(row[:-1]): int(row[-1]) for row in data.reader.all(joined.group_by(*keys))})
    for row in data.reader.rows(_without_events(conditions, *keys)):
        counts[tuple(row[:-1])] += _says_reassigned(row[-1])
    return +counts


def bounced_calls(
    data: ReportData, conditions: Sequence[ColumnElement[bool]], *, newest_first: bool = False
) -> Iterator[BouncedCall]:
    """Streams the calls by call number; `newest_first` by latest bounce before that, unknown dates last."""
    rows = data.reader.rows(_with_events(conditions, newest_first=newest_first))
    for _, events in groupby(rows, lambda row: row.id):
        held = list(events)
        yield BouncedCall(held[0], replay(held[0], held), is_reconstructed=False)
    columns = (*_OF_CALL, call.client_bank)
    for row in data.reader.rows(_without_events(conditions, *columns).order_by(call.call_number)):
        if _says_reassigned(row.metadata):
            told = Bounce(None, OTHER, None, row.assigned_engineer)
            yield BouncedCall(row, History(row.assigned_at, None, row.scheduled_date, (told,)), is_reconstructed=True)


def replay(row: Any, events: Iterable[Event]) -> History:
    """The history of a call from its events in order of time (reports.md §1, first assignment and bounce).

    The original engineer is the first that an ASSIGNED event names; else the one the first reassignment names as
    before; else, where there was none, the call's own. The first scheduled date is the one from which it first moved.
    """
    held = list(events)
    assigned = min((each.at for each in held if each.event_type == "ASSIGNED"), default=row.assigned_at)
    engineer = _original_engineer(row, held)
    moved = (each.from_date for each in held if each.event_type == "RESCHEDULED")
    scheduled = next((day for day in moved if day is not None), row.scheduled_date)
    return History(assigned, engineer, scheduled, tuple(_bounces(held, assigned, engineer)))


def _original_engineer(row: Any, events: Sequence[Event]) -> str | None:
    named = (each.to_engineer for each in events if each.event_type == "ASSIGNED" and each.to_engineer)
    before = [each.from_engineer for each in events if each.event_type == "REASSIGNED"]
    return next(named, None) or next(filter(None, before), None if before else row.assigned_engineer)


def _bounces(events: Iterable[Event], assigned: datetime | None, holder: str | None) -> Iterator[Bounce]:
    for each in events:
        if each.event_type in _BOUNCES and assigned is not None and each.at > assigned:
            yield Bounce(each.at, each.reason, each.from_engineer or holder, each.to_engineer)
        if each.event_type in _HAND_OVERS and each.to_engineer:
            holder = each.to_engineer


_OF_CALL = (
    *(call.id, call.call_number, call.client_name, call.client_id, call.type, call.status),
    *(call.scheduled_date, call.assigned_at, call.assigned_engineer),
)


def _bounced(conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """Ids of the calls with a bounce among their events, and the instant of the latest.

    A call has bounced if the latest of such events is after the first assignment.
    """
    bounce, assignment = call_events.alias("bounce"), call_events.alias("assignment")
    latest = func.max(bounce.c.at)
    return (
        select(call.id, latest.label("latest"))
        .select_from(
            calls.join(bounce, (bounce.c.call_id == call.id) & bounce.c.event_type.in_(_BOUNCES)).outerjoin(
                assignment, (assignment.c.call_id == call.id) & (assignment.c.event_type == "ASSIGNED")
            )
        )
        .where(*conditions)
        .group_by(call.id, call.assigned_at)
        .having(latest > coalesce(func.min(assignment.c.at), call.assigned_at))
        .subquery("bounced")
    )


def _with_events(conditions: Sequence[ColumnElement[bool]], *, newest_first: bool) -> Query:
    found, event = _bounced(conditions), call_events.c
    is_telling = (event.call_id == call.id) & event.event_type.in_(("ASSIGNED", *_BOUNCES))
    return (
        select(
            *(*_OF_CALL, call.client_bank, event.at, event.event_type),
            *(event.from_engineer, event.to_engineer, event.from_date, event.reason),
        )
        .select_from(found.join(calls, call.id == found.c.id).join(call_events, is_telling))
        .order_by(*([found.c.latest.desc()] if newest_first else []), call.call_number, event.at, sortable_id(event.id))
    )


def _without_events(conditions: Sequence[ColumnElement[bool]], *columns: ColumnElement[Any]) -> Query:
    """Those that have no event and whose metadata, the last column, speak of a reassignment: yes or no is told there.

    Searching the text keeps out most rows without reading their JSON here.
    """
    events = select(call_events.c.id).where(call_events.c.call_id == call.id).correlate(calls).exists()
    text = metadata_text()
    return select(*columns, text.label("metadata")).where(*conditions, ~events, text.like('%"reassigned"%'))


def _says_reassigned(metadata: str) -> bool:
    return read_metadata(metadata).values.get("reassigned") is True
