"""Cancelling a job, in every state and at every point of its run: it never completes, and it leaves no file."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Connection, Row, select

from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.in_process_queue import InProcessQueue
from shared.errors import Conflict, NotFound, QueryTimeout, StorageError
from shared.jobs import store
from shared.jobs.cancel import cancel_job
from shared.jobs.render import render_inline
from shared.jobs.states import Status
from shared.jobs.sweep import sweep
from shared.ports import Meter, Rendering, RenderOrder, Services
from shared.tables import audit_log, report_jobs
from shared.telemetry import Event, RecordedTelemetry
from tests.chaos.processes import eventually
from tests.jobs import accepted, blob_names, row_of, run, seconds, set_row, submitted, telemetry, with_settings
from tests.world import World

PROMISE = 2.0  # seconds within which a cancelled job has ended
TERMS = store.Terms(seconds(120), 5, 3)
Render = Callable[[Services, RenderOrder, Meter], Rendering]


class Ended:
    """The hook for what has to happen when a job ends; keeps every end it was told of, as the row has it then."""

    def __init__(self) -> None:
        """Starts empty."""
        self.statuses: list[str] = []

    def __call__(self, connection: Connection, job_id: str) -> None:
        """Keeps one."""
        job = report_jobs.c
        self.statuses.append(connection.execute(select(job.status).where(job.job_id == job_id)).scalar_one())


@pytest.fixture(name="ended")
def _ended() -> Ended:
    return Ended()


@pytest.fixture(name="services")
def _services(shared_services: Services, ended: Ended) -> Services:
    """Services that tell of every end; nothing but the database is shared."""
    clock = shared_services.clock
    files, queue = MemoryBlobStore(clock), InProcessQueue(clock)
    made = replace(shared_services, on_terminal=ended, files=files, queue=queue, telemetry=RecordedTelemetry())
    return with_settings(made, heartbeat=seconds(0.1))


@pytest.fixture(name="world")
def _world(shared_world: World) -> World:
    return shared_world


@pytest.fixture(name="owner")
def _owner(world: World) -> str:
    return world.person()


def _cancel(services: Services, owner: str, job_id: str) -> str:
    return str(cancel_job(services, World(services).caller(owner), job_id)["status"])


def _assert_cancelled(services: Services, ended: Ended, job_id: str) -> None:
    """It is over, for good, once, and nothing of it is left; a message that comes late changes nothing."""
    row = row_of(services, job_id)
    assert (row.status, row.phase, row.lease_until) == ("cancelled", "done", None)
    assert (row.blob_name, row.error_code, row.expires_at) == (None, None, None)
    assert row.completed_at >= row.cancel_requested_at
    assert ended.statuses == ["cancelled"]
    assert [event for event, _ in telemetry(services).events].count(Event.REPORT_CANCELLED) == 1
    assert blob_names(services) == []
    assert run(services, job_id) == row
    asyncio.run(sweep(services, timedelta(0)))
    assert row_of(services, job_id) == row
    with services.reporting.transaction() as connection:
        assert store.claim(connection, job_id, TERMS) is None


# --- Nobody works on it


def test_queued_job(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A job that waits for a worker is over at once, and its message does nothing when it comes."""
    job_id = submitted(services, world, owner)
    assert _cancel(services, owner, job_id) == "cancelled"
    _assert_cancelled(services, ended, job_id)


def test_job_whose_message_was_never_sent(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A job that the timer would have to send is over at once, and the timer sends nothing."""
    job_id = accepted(services, world, owner).job_id
    _cancel(services, owner, job_id)
    set_row(services, job_id, created_at=datetime.now(UTC) - timedelta(hours=1), completed_at=datetime.now(UTC))
    _assert_cancelled(services, ended, job_id)
    assert isinstance(services.queue, InProcessQueue)
    assert services.queue.size == 0


def test_job_that_waits_for_another_attempt(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A job between two attempts is over at once, and what an attempt before had stored goes."""

    def failing(_services: Services, _order: RenderOrder, _meter: Meter) -> Rendering:
        raise StorageError

    job_id = submitted(services, world, owner)
    assert run(replace(services, render=failing), job_id).status == "queued"
    assert _cancel(services, owner, job_id) == "cancelled"
    _assert_cancelled(services, ended, job_id)


def test_job_of_a_dead_worker(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A running job whose worker gives no sign of life any more is over at once."""
    job_id = submitted(services, world, owner)
    with services.reporting.transaction() as connection:
        assert store.claim(connection, job_id, replace(TERMS, lease=seconds(0.001)))
    time.sleep(0.02)
    assert _cancel(services, owner, job_id) == "cancelled"
    _assert_cancelled(services, ended, job_id)


def test_job_of_a_worker_that_has_just_died(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A job whose worker died a moment ago, under a lease that has long to run, is over at once too."""
    job_id = submitted(services, world, owner)
    with services.reporting.transaction() as connection:
        assert store.claim(connection, job_id, TERMS)
    assert _cancel(services, owner, job_id) == "cancelled"
    _assert_cancelled(services, ended, job_id)


# --- A worker is on it


def _run_and_cancel(services: Services, owner: str, job_id: str, render: Render) -> float:
    """Runs the job in a thread and cancels it in mid-render; the seconds from the cancel to the worker's end."""
    begun = threading.Event()

    def rendering(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        begun.set()
        return render(render_services, order, meter)

    worker = threading.Thread(target=run, args=(replace(services, render=rendering), job_id))
    worker.start()
    assert begun.wait(10)
    began = time.monotonic()
    assert _cancel(services, owner, job_id) == "cancelled"
    worker.join()
    return time.monotonic() - began


def _drawing(_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
    """Draws for ever, and looks up at every row."""
    with order.target.open("wb") as file:
        while True:
            meter.advance(1)
            file.write(b"row")
            time.sleep(0.005)


def test_job_in_mid_render(services: Services, world: World, owner: str, ended: Ended, tmp_path: Path) -> None:
    """A worker learns of the cancel within 2 s, stops between two rows, and leaves neither blob nor folder."""
    services = with_settings(services, work_directory=tmp_path / "work", heartbeat=seconds(20))
    job_id = submitted(services, world, owner)
    assert _run_and_cancel(services, owner, job_id, _drawing) < PROMISE
    _assert_cancelled(services, ended, job_id)
    assert list((tmp_path / "work").rglob("job-*")) == []


@pytest.mark.parametrize("error", [StorageError(), QueryTimeout(), ValueError("fault")])
def test_attempt_that_fails_after_the_cancel(
    services: Services, world: World, owner: str, ended: Ended, error: Exception
) -> None:
    """A render that fails by itself before it heard of the cancel ends the job as cancelled, whatever the failure."""
    job_id = submitted(services, world, owner)

    def failing(render_services: Services, _order: RenderOrder, _meter: Meter) -> Rendering:
        _cancel(render_services, owner, job_id)
        raise error

    run(replace(services, render=failing), job_id)
    _assert_cancelled(services, ended, job_id)


def test_job_that_is_drawn_already(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A cancel after the last row and before the upload leaves no file."""
    world.call(world.bank())
    job_id = submitted(services, world, owner)

    def drawn(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        made = render_inline(render_services, order, meter)
        _cancel(render_services, owner, job_id)
        return made

    run(replace(services, render=drawn), job_id)
    _assert_cancelled(services, ended, job_id)


class CancellingStore(MemoryBlobStore):
    """A store in which the owner cancels while his file is being stored, before or after the last byte."""

    def __init__(self, services: Services, cancel: Callable[[], object], *, is_late: bool) -> None:
        """Takes how to cancel."""
        super().__init__(services.clock)
        self._cancel, self._is_late = cancel, is_late
        self.uploads = 0

    def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
        """Stores, and cancels."""
        if not self._is_late:
            self._cancel()
        super().upload(name, content, content_type)
        self.uploads += 1
        if self._is_late:
            self._cancel()


@pytest.mark.parametrize("is_late", [False, True])
def test_job_between_upload_and_completion(
    services: Services, world: World, owner: str, ended: Ended, *, is_late: bool
) -> None:
    """A cancel while the file is stored, or right after, before the row says so: the stored file is removed again."""
    world.call(world.bank())
    job_id = submitted(services, world, owner)
    files = CancellingStore(services, lambda: _cancel(services, owner, job_id), is_late=is_late)
    services = replace(services, files=files)
    run(services, job_id)
    assert files.uploads == 1
    _assert_cancelled(services, ended, job_id)


def test_file_of_an_attempt_before_goes_too(services: Services, world: World, owner: str, ended: Ended) -> None:
    """What a first attempt had stored when it lost its answer is removed when the second one is cancelled."""
    world.call(world.bank())
    job_id = submitted(services, world, owner)

    class Forgetful(MemoryBlobStore):
        def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
            """Stores, and forgets to say so."""
            super().upload(name, content, content_type)
            raise StorageError

    services = replace(services, files=Forgetful(services.clock))
    assert run(services, job_id).status == "queued"
    assert len(blob_names(services)) == 1
    set_row(services, job_id, not_before=None)
    _run_and_cancel(services, owner, job_id, _drawing)
    _assert_cancelled(services, ended, job_id)


def test_cancel_that_is_repeated(services: Services, world: World, owner: str, ended: Ended) -> None:
    """Whoever presses twice while the worker stops is told that it is over, and the first moment stays."""
    job_id = submitted(services, world, owner)

    def drawing(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        _cancel(render_services, owner, job_id)
        first = row_of(render_services, job_id)
        with pytest.raises(Conflict):
            _cancel(render_services, owner, job_id)
        assert row_of(render_services, job_id) == first
        return _drawing(render_services, order, meter)

    run(replace(services, render=drawing), job_id)
    _assert_cancelled(services, ended, job_id)


def test_cancel_against_completion(services: Services, world: World, owner: str, ended: Ended) -> None:
    """Whichever of cancel and completion comes first, the other gives way: cancelled without a file, or with one."""
    world.call(world.bank())
    outcomes = [_raced(services, owner, submitted(services, world, owner), number * 0.01) for number in range(6)]
    assert ended.statuses == outcomes


def _raced(services: Services, owner: str, job_id: str, pause: float) -> str:
    """Cancels the job so many seconds after its worker took it; how it ended."""
    worker = threading.Thread(target=run, args=(services, job_id))
    worker.start()
    eventually("it runs", lambda: row_of(services, job_id).status != "queued", 10, 0.001)
    time.sleep(pause)
    was_taken = _is_taken(services, owner, job_id)
    worker.join()
    return _consistent_end(services, job_id, was_taken=was_taken)


def _is_taken(services: Services, owner: str, job_id: str) -> bool:
    try:
        _cancel(services, owner, job_id)
    except Conflict:
        return False
    return True


def _consistent_end(services: Services, job_id: str, *, was_taken: bool) -> str:
    row = row_of(services, job_id)
    assert row.status == ("cancelled" if was_taken else "completed")
    assert [name for name in blob_names(services) if name.startswith(job_id)] == ([] if was_taken else [row.blob_name])
    return str(row.status)


# --- It is over, or not his


@pytest.mark.parametrize("end", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_ended_job(services: Services, world: World, owner: str, ended: Ended, end: Status) -> None:
    """There is nothing to cancel about a job that has ended: Conflict, and nothing is written."""
    job_id = submitted(services, world, owner)
    set_row(services, job_id, status=end)
    before = row_of(services, job_id)
    with pytest.raises(Conflict):
        _cancel(services, owner, job_id)
    assert row_of(services, job_id) == before
    assert ended.statuses == []
    assert _audit(services, job_id, "report_cancelled") == []


def test_job_of_somebody_else(services: Services, world: World, owner: str, ended: Ended) -> None:
    """A job that is another person's looks like one that does not exist, and goes on."""
    bank = world.bank()
    job_id = submitted(services, world, owner)
    with pytest.raises(NotFound):
        _cancel(services, world.person("bank_admin", bank), job_id)
    with pytest.raises(NotFound):
        _cancel(services, owner, "job_0123456789abcdefghjkmnpqrs")
    assert row_of(services, job_id).cancel_requested_at is None
    assert run(services, job_id).status == "completed"
    assert ended.statuses == ["completed"]


def test_cancel_is_in_the_audit_trail(services: Services, world: World, owner: str) -> None:
    """Who cancelled which job, and from where, is written once."""
    job_id = submitted(services, world, owner)
    _cancel(services, owner, job_id)
    (line,) = _audit(services, job_id, "report_cancelled")
    assert (line.actor, line.target, line.actor_ip, line.outcome) == (owner, job_id, "203.0.113.7", "ok")


def _audit(services: Services, job_id: str, action: str) -> list[Row[Any]]:
    line = audit_log.c
    with services.reporting.read() as connection:
        return list(connection.execute(select(audit_log).where(line.target == job_id, line.action == action)))
