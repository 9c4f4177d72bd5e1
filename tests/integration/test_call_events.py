"""States of calls as of instants: what SQL says of a log equals telling it from the beginning, event by event."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from shared.access.scope import BankScope, ScopedReader
from shared.adapters.database import SqlDatabase
from shared.reports import ReportData
from shared.reports._backlog import backlogs
from shared.reports._call_events import alive_at, open_at, open_state
from shared.reports._calls import call
from shared.settings import RenderSettings
from shared.tables import CALL_STATUSES, EVENT_TYPES, call_events, calls
from tests.acceptance.oracle.records import Record, World
from tests.acceptance.oracle.states import OPEN, logs, state_at, story

over_a_database = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),  # making a failing example smaller would take minutes here
    max_examples=20,
)
SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
START = datetime(2026, 3, 8, 9, 0, tzinfo=UTC)
STEP = timedelta(minutes=15)
_STATES = (*CALL_STATUSES, "on_hold", None)
at_some_time = st.integers(0, 8).map(lambda number: START + number * STEP)
events = st.fixed_dictionaries(
    {
        "at": at_some_time,
        "event_type": st.sampled_from(EVENT_TYPES),
        "from_status": st.sampled_from(_STATES),
        "to_status": st.sampled_from(_STATES),
    }
)
stories = st.fixed_dictionaries(
    {
        "status": st.sampled_from(CALL_STATUSES),
        "created_at": at_some_time,
        **dict.fromkeys(("assigned_at", "started_at", "completed_at", "updated_at"), st.none() | at_some_time),
    }
)
told = st.lists(st.tuples(stories, st.lists(events, max_size=6)), min_size=1, max_size=6)


def _event(hours: int, kind: str, after: str | None = None, before: str | None = None) -> Record:
    return {"at": START + hours * STEP, "event_type": kind, "to_status": after, "from_status": before}


_PLAIN: Record = {"status": "completed", "created_at": START, "assigned_at": None, "started_at": None}
_PLAIN |= {"completed_at": START + STEP, "updated_at": None}
_DISORDERED = [_event(3, "STARTED"), _event(2, "COMPLETED"), _event(1, "ASSIGNED"), _event(0, "CREATED")]
_LATE = [_event(1, "COMPLETED"), _event(2, "NOTE"), _event(3, "RESCHEDULED", "assigned")]
_REOPENED = [_event(1, "COMPLETED"), _event(2, "ASSIGNED", "assigned", "completed"), _event(4, "CANCELLED")]


@pytest.fixture(scope="module")
def database(module_url: str) -> Iterator[SqlDatabase]:
    """A database that holds the calls of one example at a time."""
    with closing(SqlDatabase(module_url, SCHEMAS, timedelta(seconds=30))) as opened:
        yield opened


def _write(database: SqlDatabase, found: list[tuple[Record, list[Record]]]) -> World:
    """These calls and no others, as the second calculation has them."""
    rows, logged = [], []
    for number, (row, log) in enumerate(found):
        identity = str(uuid4())
        rows.append({**row, "id": identity, "call_number": f"C{number}", "type": "swap"})
        logged += [{**event, "id": str(uuid4()), "call_id": identity} for event in log]
    with database.transaction() as connection:
        connection.execute(delete(call_events))
        connection.execute(delete(calls))
        connection.execute(insert(calls), rows)
        if logged:
            connection.execute(insert(call_events), logged)
    return World({}, rows, {}, {}, {"call_events": logged})


def _replayed(world: World, at: datetime) -> dict[str, str | None]:
    """The state of each call by its number."""
    found = logs(world)
    return {each["call_number"]: state_at(each, story(each, found.get(each["id"], [])), at) for each in world.calls}


@over_a_database
@given(found=told)
@example(
    found=[(_PLAIN, _DISORDERED), (_PLAIN, _LATE), (_PLAIN, _REOPENED), (_PLAIN, []), (_PLAIN, [_event(0, "NOTE")])]
)
def test_states_are_those_of_a_replay(database: SqlDatabase, found: list[tuple[Record, list[Record]]]) -> None:
    """At every instant SQL gives the calls, and the states, a naive replay gives: in disorder and after ends too."""
    world = _write(database, found)
    with database.read() as connection:
        for number in range(-1, 10):
            at = START + number * STEP
            alive = alive_at([], at)
            states = select(call.call_number, open_state(alive, at).label("state"))
            rows = connection.execute(states.join(alive, alive.c.id == call.id).where(*open_at(alive, at)))
            expected = {name: state for name, state in _replayed(world, at).items() if state in OPEN}
            assert {row.call_number: row.state for row in rows} == expected


@over_a_database
@given(found=told, since=st.integers(0, 6))
@example(found=[(_PLAIN, _DISORDERED), (_PLAIN, _LATE), (_PLAIN, _REOPENED), (_PLAIN, [])], since=2)
def test_backlogs_are_those_of_a_replay(
    database: SqlDatabase, found: list[tuple[Record, list[Record]]], since: int
) -> None:
    """The counts right before each end, from one stream, are those of a replay of all calls up to that instant."""
    world = _write(database, found)
    starts = [START + number * STEP for number in range(since, 10)]
    with database.snapshot() as snapshot:
        data = ReportData(
            *(ScopedReader(snapshot), BankScope.everything(), RenderSettings(database_url="sqlite://"), START, "Test"),
            lambda _photos: [],
            None,
        )
        permitted = [BankScope.everything().predicate(call.client_bank)]
        left = backlogs(permitted, data, starts[0], [*starts, snapshot.as_of])
    for at, backlog in zip((*starts, START + timedelta(days=1)), left, strict=True):
        states = list(_replayed(world, at - timedelta.resolution).values())
        counted = [states.count(state) for state in OPEN]
        assert [backlog.pending, backlog.assigned, backlog.in_progress] == counted
        assert (backlog.open, backlog.not_yet) == (sum(counted), states.count(None))
