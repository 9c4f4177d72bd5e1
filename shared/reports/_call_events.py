"""The states calls went through: as of an instant in SQL, and one after the other in Python; counts nothing.

A call is pending from its creation on. Each event that tells a state leads to it: `to_status`, else what the event's
type stands for. Events count in the order of their time, at one instant in the order of the states. A call that was
completed or cancelled stays so, whatever is logged later (clocks set wrong, sheets filed late), unless the event itself
says that it leads on from there (`from_status`). A call without such events is told by its own timestamps instead.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, UnicodeText, case, cast, exists, func, literal, not_, or_, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.clock import quarter_of
from shared.ports import Query
from shared.reports._calls import call
from shared.reports._model import ReportData
from shared.tables import CALL_STATUSES, EVENT_TYPES, Instant, call_events, calls, quarter_hours

At = TypeVar("At", int, datetime)
PENDING, ASSIGNED, IN_PROGRESS, COMPLETED, CANCELLED = range(len(CALL_STATUSES))  # in the order of CALL_STATUSES
NEVER = 1 << 40  # a quarter of an hour after every instant: what is dated after as-of has not happened
_ENDS = ("completed", "cancelled")
_STATES = {status: number for number, status in enumerate(CALL_STATUSES)}
_BY_TYPE = {
    "CREATED": PENDING,
    "ASSIGNED": ASSIGNED,
    "STARTED": IN_PROGRESS,
    "COMPLETED": COMPLETED,
    "CANCELLED": CANCELLED,
}
_SILENT = tuple(kind for kind in EVENT_TYPES if kind not in _BY_TYPE)


def replayed(created: At, told: Iterable[tuple[At, int, bool]]) -> list[tuple[At, int]]:
    """Since when a call was in which state, in order of time.

    `told` are time, state and whether the event leads on from an end, sorted by time and state.
    """
    changes: list[tuple[At, int]] = []
    state = PENDING
    for at, target, leads_on in told:
        if not changes:
            changes.append((min(created, at), PENDING))
        if target != state and (state < COMPLETED or target >= COMPLETED or leads_on):
            changes.append((at, target))
            state = target
    return changes or [(created, PENDING)]


def told_of(conditions: Sequence[ColumnElement[bool]], at: datetime) -> Subquery:
    """Of the calls that their log does not tell to have ended by the instant, by `id`, what `open_state` needs to know.

    That is `first_told`, and when the log last tells each open state; with it the first assignment that it tells.
    """
    event, moment = call_events.c, literal(at, Instant())
    state = _state(event)
    return (
        select(
            call.id,
            func.min(case((_tells(event), event.at))).label("first_told"),
            func.min(case((event.event_type == "ASSIGNED", event.at))).label("first_assigned"),
            *(
                func.max(case(((state == number) & (event.at <= moment), event.at))).label(
                    f"last_{CALL_STATUSES[number]}"
                )
                for number in (PENDING, ASSIGNED, IN_PROGRESS)
            ),
        )
        .select_from(calls.outerjoin(call_events, event.call_id == call.id))
        .where(*conditions, _not_ended(moment, onward_to=moment))
        .group_by(call.id)
        .subquery("told")
    )


def open_at(told: Subquery, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions on calls joined with their `told_of`: there at the instant, neither completed nor cancelled."""
    moment, first = literal(at, Instant()), told.c.first_told
    ended = _ended_by_times()
    early = or_(call.assigned_at <= moment, call.started_at <= moment)  # before the creation, by clocks set wrong
    return [
        or_(ended.is_(None), ended > moment, first.is_not(None)),
        or_(call.created_at <= moment, first <= moment, early & first.is_(None)),
    ]


def open_state(row: Any, at: datetime) -> str:
    """The state at the instant of a call that `open_at` lets pass; of the row's `told_of`, else of its timestamps."""
    if row.first_told is None:
        times = (row.created_at, row.assigned_at, row.started_at)
    else:
        times = (row.last_pending, row.last_assigned, row.last_in_progress)
    known = [(time, number) for number, time in enumerate(times) if time is not None and time <= at]
    return CALL_STATUSES[max(known, default=(at, PENDING))[1]]


def logged_journeys(conditions: Sequence[ColumnElement[bool]], data: ReportData, since: datetime) -> Iterator[Any]:
    """`replayed` of each call with a log that had not ended before `since`, in quarters of an hour; streamed."""
    rows = data.reader.rows(_logged(conditions, data.reader.as_of, since))
    for _, group in groupby(rows, itemgetter(0)):
        events = list(group)
        if events[0][3] is not None:
            yield replayed(events[0][1], ((row[2], row[3], row[4]) for row in events))


def timed_journeys(conditions: Sequence[ColumnElement[bool]], data: ReportData, since: datetime) -> Iterator[Any]:
    """As `logged_journeys`, of the calls without a log, by their timestamps."""
    ended = _ended_by_times()
    statement = (
        select(call.created_at, call.assigned_at, call.started_at, ended.label("ended"), call.status)
        .where(*conditions, not_(_is_logged()), or_(ended.is_(None), ended >= literal(since, Instant())))
        .order_by(call.id)
    )
    for row in data.reader.rows(statement):
        states = (PENDING, ASSIGNED, IN_PROGRESS, _STATES.get(row.status, PENDING))
        told = sorted((at, state, False) for at, state in zip(row[:4], states, strict=True) if at is not None)
        yield [(_quarter(at, data.reader.as_of), state) for at, state in replayed(row.created_at, told)]


def _quarter(at: datetime, as_of: datetime) -> int:
    return quarter_of(at) if at <= as_of else NEVER


def _logged(conditions: Sequence[ColumnElement[bool]], as_of: datetime, since: datetime) -> Query:
    """Call, its creation, and per event its time, state, and whether it leads on from an end; nulls without events.

    The outer join makes the database begin with the calls: an inner one looks at the end of the call for each event.
    In the order of indexes on both tables, so that a database need not sort millions of events before the first row.
    """
    event = call_events.c
    state = _state(event)
    return (
        select(
            cast(call.id, UnicodeText),
            _known_quarter(call.created_at, as_of),
            _known_quarter(event.at, as_of),
            state,
            case((event.from_status.in_(_ENDS), 1), else_=0),
        )
        .select_from(calls.outerjoin(call_events, (event.call_id == call.id) & _tells(event)))
        .where(*conditions, _not_ended(literal(since - timedelta.resolution, Instant())))
        .order_by(call.id, event.at, state)
    )


def _known_quarter(at: ColumnElement[datetime], as_of: datetime) -> ColumnElement[int]:
    return case((at <= literal(as_of, Instant()), quarter_hours(at)), else_=NEVER)


def _state(event: Any) -> ColumnElement[int]:
    """The number of the state an event tells; null where it tells none."""
    return case(_STATES, value=event.to_status, else_=case(_BY_TYPE, value=event.event_type))


def _is_end(event: Any) -> ColumnElement[bool]:
    """Whether the event tells a state that ends a call; said without `_state`, which would be worked out for each."""
    says_nothing = or_(event.to_status.is_(None), event.to_status.not_in(CALL_STATUSES))
    return or_(event.to_status.in_(_ENDS), event.event_type.in_(("COMPLETED", "CANCELLED")) & says_nothing)


def _tells(event: Any) -> ColumnElement[bool]:
    """Said by what does not tell: most events do, which a database without statistics cannot know."""
    return or_(event.to_status.in_(CALL_STATUSES), event.event_type.not_in(_SILENT))


def _is_logged() -> ColumnElement[bool]:
    log = call_events.alias("log").c
    return exists().where(log.call_id == call.id, _tells(log))


def _not_ended(
    moment: ColumnElement[datetime], onward_to: ColumnElement[datetime] | None = None
) -> ColumnElement[bool]:
    """No end up to the moment from which nothing leads on, up to the other moment, or ever (None)."""
    end, onward = call_events.alias("ended").c, call_events.alias("onward").c
    leads_on = exists().where(
        onward.call_id == end.call_id,
        onward.at > end.at,
        onward.from_status.in_(_ENDS),
        _state(onward) < COMPLETED,
        *([] if onward_to is None else [onward.at <= onward_to]),
    )
    return not_(exists().where(end.call_id == call.id, end.at <= moment, _is_end(end), not_(leads_on)))


def _ended_by_times() -> ColumnElement[datetime | None]:
    """When a call without a log ended; its last known time where the time itself is missing, null while it is open."""
    known = (call.updated_at, call.started_at, call.assigned_at, call.created_at)
    return case(
        (call.status == "completed", coalesce(call.completed_at, *known)),
        (call.status == "cancelled", coalesce(*known)),
    )
