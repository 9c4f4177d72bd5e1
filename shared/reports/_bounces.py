"""Bounces: calls that came back after their first assignment, from their events, or from what their row says of itself.

It reads calls in scope only. It holds the ids of those that bounced and the events of some hundred, never all events.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from shared.ports import Query
from shared.reports._call_metadata import metadata_text, read_metadata
from shared.reports._calls import call, first_assignment
from shared.reports._model import ReportData
from shared.reports._period import by_quarters
from shared.tables import InJsonList, call_events, calls, sortable_id, without_index

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
_BOUNCE = call_events.alias("bounce")
_AT_ONCE = 500  # calls whose events are read in one go


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
    found = _bounced(conditions, *keys).subquery("bounced")
    columns = list(found.c)[1:]
    rows = data.reader.all(select(*columns, func.count()).select_from(found).group_by(*columns))
    counts = Counter({tuple(row[:-1]): int(row[-1]) for row in rows})
    for row in data.reader.rows(_without_events(conditions, *keys)):
        counts[tuple(row[:-1])] += _says_reassigned(row[-1])
    return +counts


def bounced_ids(data: ReportData, conditions: Sequence[ColumnElement[bool]], dates: tuple[date, date]) -> list[str]:
    """The calls of the dates with a bounce among their events: latest bounce newest first, then by call number."""
    rows: list[Any] = []
    for first, last in by_quarters(*dates):
        found = _bounced([*conditions, call.scheduled_date.between(first, last)], call.call_number)
        rows += data.reader.all(found.add_columns(func.max(_BOUNCE.c.at).label("latest")))
    rows.sort(key=attrgetter("call_number"))
    rows.sort(key=attrgetter("latest"), reverse=True)
    return [row.id for row in rows]


def bounced_calls(
    data: ReportData, conditions: Sequence[ColumnElement[bool]], ids: Sequence[str]
) -> Iterator[BouncedCall]:
    """Streams the calls of `bounced_ids` in their order, then those without events, by call number."""
    for start in range(0, max(len(ids), 1), _AT_ONCE):  # once without any: no statement is left untried
        chunk = ids[start : start + _AT_ONCE]
        rows: dict[str, list[Any]] = {each: [] for each in chunk}
        for row in data.reader.all(_with_events(conditions, chunk)):
            rows[row.id].append(row)
        for events in rows.values():
            yield BouncedCall(events[0], replay(events[0], events), is_reconstructed=False)
    columns = (*_OF_CALL, call.client_bank)
    number = case((call.call_number.is_not(None), call.call_number))  # by its index, all calls would come one by one
    for row in data.reader.rows(_without_events(conditions, *columns).order_by(number)):
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


def _bounced(conditions: Sequence[ColumnElement[bool]], *keys: ColumnElement[Any]) -> Select[Any]:
    """Ids, and these columns, of the calls with a bounce among their events.

    A call has bounced if the latest of such events is after the first assignment, which is looked for only then.
    """
    bounces = calls.join(_BOUNCE, (_BOUNCE.c.call_id == call.id) & _BOUNCE.c.event_type.in_(_BOUNCES))
    return (
        select(call.id, *keys)
        .select_from(bounces)
        .where(*conditions)
        .group_by(without_index(call.id), call.assigned_at, *keys)
        .having(func.max(_BOUNCE.c.at) > first_assignment())
    )


def _with_events(conditions: Sequence[ColumnElement[bool]], ids: Sequence[str]) -> Query:
    """The events that tell of bounces, in order of time, each with its call."""
    event = call_events.c
    is_telling = (event.call_id == call.id) & event.event_type.in_(("ASSIGNED", *_BOUNCES))
    return (
        select(
            *(*_OF_CALL, call.client_bank, event.at, event.event_type),
            *(event.from_engineer, event.to_engineer, event.from_date, event.reason),
        )
        .select_from(calls.join(call_events, is_telling))
        .where(*conditions, InJsonList(call.id, ids))
        .order_by(event.at, sortable_id(event.id))
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
