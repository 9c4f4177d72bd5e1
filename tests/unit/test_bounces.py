"""Bounces from the events of a call: the rule at its edges, and against a second, naive reading of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.reports._bounces import REASONS, Bounce, Event, replay
from tests.acceptance.oracle import bounce_call
from tests.acceptance.oracle.records import World

START = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
DAY = date(2026, 3, 10)
_TYPES = ("CREATED", "ASSIGNED", "REASSIGNED", "RESCHEDULED", "STARTED", "COMPLETED", "CANCELLED", "NOTE")
_ENGINEERS = (None, "anna", "bert", "carl")


@dataclass(frozen=True)
class _Event(Event):
    """An event of which a test tells only what matters to it."""

    event_type: str
    at: datetime = START
    from_engineer: str | None = None
    to_engineer: str | None = None
    from_date: date | None = None
    reason: str | None = "other"


@dataclass(frozen=True)
class _Call:
    """A call as a row of the table has it."""

    assigned_at: datetime | None = None
    assigned_engineer: str | None = "anna"
    scheduled_date: date = DAY


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def _instants(call: _Call, *events: _Event) -> list[datetime | None]:
    return [bounce.at for bounce in replay(call, events).bounces]


_events = st.lists(
    st.builds(
        _Event,
        event_type=st.sampled_from(_TYPES),
        at=st.integers(0, 6).map(_at),
        from_engineer=st.sampled_from(_ENGINEERS),
        to_engineer=st.sampled_from(_ENGINEERS),
        from_date=st.sampled_from((None, DAY, DAY - timedelta(3))),
        reason=st.sampled_from((None, "site_locked", *REASONS)),
    ),
    min_size=1,
    max_size=8,
)
_calls = st.builds(
    _Call, assigned_at=st.sampled_from((None, *map(_at, range(4)))), assigned_engineer=st.sampled_from(_ENGINEERS)
)


def _read_again(call: _Call, events: Sequence[_Event]) -> list[dict[str, Any]]:
    """What the second calculation finds in the same rows."""
    row = {"id": "call", "metadata": None, **vars(call)}
    rows = [{"id": f"{place}", "call_id": "call", **vars(event)} for place, event in enumerate(events)]
    world = World.of({"banks": [], "user_profiles": [], "calls": [row], "call_events": rows})
    return bounce_call.bounces(world, bounce_call.events_of(world), row)


@given(_calls, _events)
def test_bounces_are_those_of_a_naive_replay(call: _Call, events: list[_Event]) -> None:
    """Whatever happened in whatever order, count, instants, reasons and engineers are those of the second reading."""
    ordered = sorted(events, key=lambda event: event.at)
    told = [
        {"at": bounce.at, "reason": bounce.reason, "left": bounce.left, "to": bounce.to_engineer}
        for bounce in replay(call, ordered).bounces
    ]
    assert told == _read_again(call, ordered)


@given(_calls, _events)
def test_every_bounce_is_after_the_first_assignment(call: _Call, events: list[_Event]) -> None:
    """No bounce without a first assignment, and none at or before it."""
    history = replay(call, sorted(events, key=lambda event: event.at))
    assert all(
        history.assigned is not None and bounce.at is not None and bounce.at > history.assigned
        for bounce in history.bounces
    )


def test_an_event_before_the_first_assignment_is_no_bounce() -> None:
    """A date that moved before anybody had the call cost no engineer a visit; one at the same instant neither."""
    moved = [_Event("RESCHEDULED", _at(minutes)) for minutes in (1, 5, 9)]
    assert _instants(_Call(), moved[0], _Event("ASSIGNED", _at(5)), moved[1], moved[2]) == [_at(9)]


def test_the_earliest_of_several_assignments_counts() -> None:
    """A second ASSIGNED event is no bounce, and does not undo those before it."""
    assert _instants(_Call(), _Event("ASSIGNED", _at(0)), _Event("REASSIGNED", _at(1)), _Event("ASSIGNED", _at(2))) == [
        _at(1)
    ]


def test_without_an_assigned_event_the_row_tells_the_assignment() -> None:
    """`assigned_at` stands in for an event that is missing; without it there is no bounce."""
    cancelled = _Event("CANCELLED", _at(3))
    assert _instants(_Call(_at(2)), cancelled) == [_at(3)]
    assert _instants(_Call(_at(4)), cancelled) == []
    assert _instants(_Call(None), cancelled) == []


def test_work_and_notes_are_no_bounces() -> None:
    """Only REASSIGNED, RESCHEDULED and CANCELLED are; after the completion they still are."""
    events = [_Event(kind, _at(place)) for place, kind in enumerate(("ASSIGNED", "STARTED", "NOTE", "COMPLETED"))]
    assert _instants(_Call(), *events) == []
    assert _instants(_Call(), *events, _Event("RESCHEDULED", _at(9))) == [_at(9)]


def test_the_first_date_is_the_one_it_first_moved_from() -> None:
    """The date of the row is the last one; the first comes from the first move that tells it."""
    events = [_Event("RESCHEDULED", from_date=day) for day in (None, DAY - timedelta(4), DAY - timedelta(2))]
    assert replay(_Call(), events).scheduled == DAY - timedelta(4)
    assert replay(_Call(), events[:1]).scheduled == DAY


def test_whose_call_it_was() -> None:
    """Who had the call is the engineer named by the event, else the last who got it, else the first who had it."""
    history = replay(
        _Call(assigned_engineer="carl"),
        [
            _Event("ASSIGNED", _at(0), to_engineer="anna"),
            _Event("RESCHEDULED", _at(1)),
            _Event("REASSIGNED", _at(2), to_engineer="bert"),
            _Event("RESCHEDULED", _at(3)),
            _Event("REASSIGNED", _at(4), from_engineer="carl", to_engineer="anna"),
        ],
    )
    assert (history.engineer, [bounce.left for bounce in history.bounces]) == ("anna", ["anna", "anna", "bert", "carl"])


def test_who_had_a_call_first_without_an_assigned_event() -> None:
    """From whom it was first taken; nobody where that is not told; the call's own engineer where it never was taken."""
    taken = _Event("REASSIGNED", _at(1), from_engineer="bert", to_engineer="anna")
    assert replay(_Call(START), [taken]).engineer == "bert"
    assert replay(_Call(START), [_Event("REASSIGNED", _at(1), to_engineer="anna")]).engineer is None
    assert replay(_Call(START), [_Event("RESCHEDULED", _at(1))]).engineer == "anna"


def test_unknown_reasons_count_as_other() -> None:
    """Each of the six counts as itself; what nobody knows, and nothing, as other."""
    counted = [Bounce(START, reason, None, None).counted_reason for reason in (*REASONS, "site_locked", None)]
    assert counted == [*REASONS, "other", "other"]
