"""Claims: at most one worker has a job, a dead one loses it, and a late one finishes nothing."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from shared.jobs import store
from shared.jobs.render import render_inline
from shared.jobs.run import attempt_job
from shared.jobs.states import Phase, Status
from shared.ports import Meter, Rendering, RenderOrder, Services
from tests.jobs import blob_names, endless_count, row_of, run, seconds, set_row, submitted, telemetry
from tests.jobs import with_settings as changed
from tests.world import World

LEASE = seconds(120)
Write = Callable[[Any], bool]
ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


def _claim(services: Services, job_id: str, lease: timedelta = LEASE, max_claims: int = 5) -> store.Claim | None:
    with services.reporting.transaction() as connection:
        return store.claim(connection, job_id, store.Terms(lease, max_claims, 3))


def _claimed(services: Services, job_id: str, lease: timedelta = LEASE) -> store.Claim:
    held = _claim(services, job_id, lease)
    assert held is not None
    return held


def _made() -> Rendering:
    now = datetime.now(UTC)
    return Rendering(Path("x"), "x.csv", "text/csv", 1, "0" * 64, 1, now, {})


def _late_writes(services: Services, held: store.Claim) -> list[bool]:
    """Everything a claim may write, tried now."""
    writes: list[Write] = [
        lambda connection: store.beat(connection, held, LEASE, Phase.RENDERING, (1, 2)),
        lambda connection: store.complete(connection, held, _made(), "x/1/x.csv", LEASE),
        lambda connection: store.requeue(connection, held, LEASE),
        lambda connection: store.fail(connection, held.held, "INTERNAL_ERROR", "x"),
    ]
    done = []
    for write in writes:
        with services.reporting.transaction() as connection:
            done.append(write(connection))
    return done


def test_of_many_claims_one_wins(services: Services, world: World) -> None:
    """Eight workers that take a job at the same moment: exactly one has it."""
    for _ in range(4):
        job_id = submitted(services, world)
        start, won = threading.Barrier(8), list[store.Claim]()

        def take(job: str = job_id, start: threading.Barrier = start, won: list[store.Claim] = won) -> None:
            start.wait()
            if held := _claim(services, job):
                won.append(held)

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [held.attempt for held in won] == [1]
        assert row_of(services, job_id).attempt == 1


def test_of_many_claims_on_a_dead_workers_job_one_wins(services: Services, world: World) -> None:
    """The same holds for a job that a dead worker left behind."""
    job_id = submitted(services, world)
    _claimed(services, job_id, seconds(0.001))
    time.sleep(0.02)
    start, won = threading.Barrier(8), list[store.Claim]()

    def take() -> None:
        start.wait()
        if held := _claim(services, job_id):
            won.append(held)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [held.attempt for held in won] == [2]


def test_claim_holds_until_its_lease_ends(services: Services, world: World) -> None:
    """A claimed job is nobody else's while its lease lasts, by the database's clock, and free after it."""
    job_id = submitted(services, world)
    first = _claimed(services, job_id, seconds(0.3))
    assert _claim(services, job_id) is None
    time.sleep(0.35)
    second = _claimed(services, job_id)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.row.started_at == first.row.started_at


def test_claims_are_counted(services: Services, world: World) -> None:
    """After the last allowed claim nobody takes the job any more."""
    job_id = submitted(services, world)
    for _ in range(3):
        assert _claim(services, job_id, seconds(0.001), max_claims=3)
        time.sleep(0.02)
    assert _claim(services, job_id, max_claims=3) is None


def test_job_is_not_claimed_before_its_time(services: Services, world: World) -> None:
    """A job that waits for a later attempt is not taken earlier, however often its bell rings."""
    job_id = submitted(services, world)
    with services.reporting.transaction() as connection:
        assert store.requeue(connection, _claim_in(connection, job_id), seconds(0.4))
    assert _claim(services, job_id) is None
    time.sleep(0.45)
    held = _claimed(services, job_id)
    assert (held.attempt, held.row.not_before) == (2, None)


def _claim_in(connection: Any, job_id: str) -> store.Claim:
    held = store.claim(connection, job_id, store.Terms(LEASE, 5, 3))
    assert held is not None
    return held


def test_fence_refuses_a_late_writer(services: Services, world: World) -> None:
    """Once another claim has the job, the former one writes nothing: no sign of life, no file, no failure."""
    job_id = submitted(services, world)
    late = _claimed(services, job_id, seconds(0.001))
    time.sleep(0.02)
    _claimed(services, job_id)
    before = row_of(services, job_id)
    assert _late_writes(services, late) == [False] * 4
    assert row_of(services, job_id) == before


@pytest.mark.parametrize("end", ENDS)
def test_nothing_leaves_an_end(services: Services, world: World, end: Status) -> None:
    """A job that has ended is not claimed and not written, not even by the claim that had it."""
    job_id = submitted(services, world)
    held = _claimed(services, job_id, seconds(0.001))
    set_row(services, job_id, status=end, lease_until=None)
    before = row_of(services, job_id)
    assert _claim(services, job_id) is None
    assert _late_writes(services, held) == [False] * 4
    assert run(services, job_id) == before


@pytest.mark.parametrize("values", [{"status": "done"}, {"progress": 101}, {"progress": -1}, {"requested_via": "fax"}])
def test_row_takes_no_unknown_state(services: Services, world: World, values: dict[str, Any]) -> None:
    """The database itself refuses a state, a progress or a way of asking that does not exist."""
    job_id = submitted(services, world)
    with pytest.raises(IntegrityError):
        set_row(services, job_id, **values)


# --- A worker that comes too late


def test_late_worker_removes_its_own_file(services: Services, world: World) -> None:
    """A worker that slept through its lease uploads, is refused, and removes only what it wrote itself."""
    world.call(world.bank())
    job_id = submitted(services, world)
    slow = changed(services, lease=seconds(0.05), heartbeat=seconds(60))

    def overtaken(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        made = render_inline(render_services, order, meter)
        time.sleep(0.1)
        assert attempt_job(services, job_id) is None
        return made

    run(replace(slow, render=overtaken), job_id)
    row = row_of(services, job_id)
    assert (row.status, row.attempt, row.error_code) == ("completed", 2, None)
    assert blob_names(services) == [row.blob_name] == [f"{job_id}/2/{row.file_name}"]
    assert telemetry(services).faults == []


def test_overtaken_worker_stops_in_mid_query(services: Services, world: World) -> None:
    """A worker whose claim is gone learns so by its next sign of life, and its statement ends; that is no fault."""
    job_id = submitted(services, world)
    services = changed(services, heartbeat=seconds(0.1))

    def endless(render_services: Services, _order: RenderOrder, meter: Meter) -> Rendering:
        with render_services.costar.snapshot() as snapshot:
            meter.begin(None, snapshot.cancel)
            set_row(services, job_id, attempt=7)
            snapshot.all(endless_count())
        raise AssertionError

    began = time.monotonic()
    row = run(replace(services, render=endless), job_id)
    assert time.monotonic() - began < 5
    assert (row.status, row.attempt) == ("processing", 7)
    assert telemetry(services).faults == []
    assert blob_names(services) == []
