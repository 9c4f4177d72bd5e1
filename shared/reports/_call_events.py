"""The states calls went through: as of an instant in SQL, and one after the other in Python; counts nothing.

A call is pending from its creation on. Each event that tells a state leads to it: `to_status`, else what the event's
type stands for. Events count in the order of their time, at one instant in the order of the states. A call that was
completed or cancelled stays so, whatever is logged later (clocks set wrong, sheets filed late), unless the event itself
says that it leads on from there (`from_status`). A call without such events is told by its own timestamps instead.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, FromClause, UnicodeText, case, cast, exists, literal, not_, or_, select, union
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.ports import Query
from shared.reports._calls import call
from shared.reports._model import ReportData
from shared.tables import CALL_STATUSES, EVENT_TYPES, Instant, call_events, calls

PENDING, ASSIGNED, IN_PROGRESS, COMPLETED, CANCELLED = range(len(CALL_STATUSES))  # in the order of CALL_STATUSES
_ENDS = ("completed", "cancelled")
_STATES = {status: number for number, status in enumerate(CALL_STATUSES)}
_NAMES = dict(enumerate(CALL_STATUSES))
_TIMES = (call.created_at, call.assigned_at, call.started_at)  # since when a call without a log is in the open states
_BY_TYPE = {
    "CREATED": PENDING,
    "ASSIGNED": ASSIGNED,
    "STARTED": IN_PROGRESS,
    "COMPLETED": COMPLETED,
    "CANCELLED": CANCELLED,
}
_SILENT = tuple(kind for kind in EVENT_TYPES if kind not in _BY_TYPE)


def replayed(created: datetime, told: Iterable[tuple[datetime, int, bool]]) -> list[tuple[datetime, int]]:
    """Since when a call was in which state, in order of time.

    `told` are time, state and whether the event leads on from an end, sorted by time and state.
    """
    changes: list[tuple[datetime, int]] = []
    state = PENDING
    for at, target, leads_on in told:
        if not changes:
            changes.append((min(created, at), PENDING))
        if target != state and (state < COMPLETED or target >= COMPLETED or leads_on):
            changes.append((at, target))
            state = target
    return changes or [(created, PENDING)]


def alive_at(conditions: Sequence[ColumnElement[bool]], at: datetime) -> Subquery:
    """The ids of the calls that were there at the instant, as far as a quick look tells, and had no end in their log.

    A union, so that databases are done with this before they look into the log of each call that is left.
    """
    log, moment = call_events.alias("early").c, literal(at, Instant())
    begun = or_(*(time <= moment for time in _TIMES))
    logged_before = (call.created_at > moment) & exists().where(log.call_id == call.id, log.at <= moment)
    found = (select(call.id).where(*conditions, each, _not_ended(moment)) for each in (begun, logged_before))
    return union(*found).subquery("alive")


def open_at(alive: Subquery, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions on calls joined with their `alive_at`: there at the instant, neither completed nor cancelled."""
    log, moment, ended = call_events.alias("told").c, literal(at, Instant()), _ended_by_times()
    told = exists().where(log.call_id == alive.c.id, log.at <= moment, _tells(log))
    early = or_(call.assigned_at <= moment, call.started_at <= moment)  # before the creation, by clocks set wrong
    return [
        or_(ended.is_(None), ended > moment, is_logged(alive.c.id)),
        or_(call.created_at <= moment, told, early & not_(is_logged(alive.c.id))),
    ]


def open_state(ids: FromClause, at: datetime) -> ColumnElement[str]:
    """The state at the instant of calls that `open_at` lets pass: as their log told last, else by their timestamps.

    `ids` is what has the ids of the calls: what `alive_at` gives, or the calls themselves.
    """
    log, moment = call_events.alias("last").c, literal(at, Instant())
    state = _state(log)
    told = (
        select(case(_NAMES, value=state))
        .where(log.call_id == ids.c.id, log.at <= moment, state < COMPLETED)
        .order_by(log.at.desc(), state.desc())
        .limit(1)
        .correlate(ids)
        .scalar_subquery()
    )
    return coalesce(told, case((is_logged(ids.c.id), _NAMES[PENDING]), else_=_state_by_times(moment)))


def is_logged(call_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the log of a call tells any state."""
    log = call_events.alias("log").c
    return exists().where(log.call_id == call_id, _tells(log))


def journeys(
    conditions: Sequence[ColumnElement[bool]], data: ReportData, since: datetime
) -> Iterator[tuple[list[tuple[datetime, int]], bool]]:
    """`replayed` of each call, and whether its log tells of it, else its timestamps do; streamed.

    Of the calls that ended before `since` most are left out.
    """
    for _, group in groupby(data.reader.rows(_journeys(conditions, since)), itemgetter(0)):
        rows = list(group)
        if rows[0][3] is None:
            yield _by_times(rows[0]), False
        else:
            yield replayed(rows[0][1], sorted([row[2:5] for row in rows])), True


def _by_times(row: Any) -> list[tuple[datetime, int]]:
    """What `replayed` gives of a call without a log."""
    times = (row.created_at, row.assigned_at, row.started_at, row.ended)
    states = (PENDING, ASSIGNED, IN_PROGRESS, _STATES.get(row.status, PENDING))
    told = sorted((at, state, False) for at, state in zip(times, states, strict=True) if at is not None)
    return replayed(row.created_at, told)


def _journeys(conditions: Sequence[ColumnElement[bool]], since: datetime) -> Query:
    """Call, its creation, and per event its time, state, and whether it leads on from an end; then times without log.

    The outer join makes the database begin with the calls: an inner one looks at the end of the call for each event.
    In the order of indexes on both tables, so that a database need not sort millions of events before the first row.
    """
    event, ended = call_events.c, _ended_by_times().label("ended")
    state, is_event = _state(event), event.call_id.is_not(None)
    times = (call.assigned_at, call.started_at, ended, call.status)
    return (
        select(
            *(cast(call.id, UnicodeText), call.created_at, event.at, state),
            case((event.from_status.in_(_ENDS), 1), else_=0),
            *(case((event.call_id.is_(None), each)).label(each.name) for each in times),
        )
        .select_from(calls.outerjoin(call_events, (event.call_id == call.id) & _tells(event)))
        .where(
            *conditions,
            not_(_is_over(since)),
            or_(is_event, ended.is_(None), ended >= literal(since, Instant())),
        )
        .order_by(call.id, event.at)
    )


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


def _not_ended(moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    """No end up to the moment from which nothing leads on."""
    end, onward = call_events.alias("ended").c, call_events.alias("onward").c
    leads_on = exists().where(
        onward.call_id == end.call_id,
        onward.at > end.at,
        onward.at <= moment,
        onward.from_status.in_(_ENDS),
        _state(onward) < COMPLETED,
    )
    return not_(exists().where(end.call_id == call.id, end.at <= moment, _is_end(end), not_(leads_on)))


def _is_over(since: datetime) -> ColumnElement[bool]:
    """Whether the log ends with an end, before the instant: one of the events that are the last ones is looked at."""
    last, moment = call_events.alias("last").c, literal(since, Instant())
    ends = case(((last.at < moment) & _is_end(last), 1))
    found = select(ends).where(last.call_id == call.id).order_by(last.at.desc()).limit(1).correlate(calls)
    return found.scalar_subquery().is_not(None)


def _state_by_times(moment: ColumnElement[datetime]) -> ColumnElement[str]:
    """The state of an open call at the moment, by its timestamps up to then; of equal ones the later state."""
    created, assigned, started = (case((time <= moment, time)) for time in _TIMES)
    is_started = (started >= coalesce(created, started)) & (started >= coalesce(assigned, started))
    is_assigned = assigned >= coalesce(created, assigned)
    return case((is_started, _NAMES[IN_PROGRESS]), (is_assigned, _NAMES[ASSIGNED]), else_=_NAMES[PENDING])


def _ended_by_times() -> ColumnElement[datetime | None]:
    """When a call without a log ended; its last known time where the time itself is missing, null while it is open."""
    known = (call.updated_at, call.started_at, call.assigned_at, call.created_at)
    return case(
        (call.status == "completed", coalesce(call.completed_at, *known)),
        (call.status == "cancelled", coalesce(*known)),
    )
