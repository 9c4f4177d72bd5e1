"""Claims: at most one worker has a job, a dead one loses it, and a late one finishes nothing."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Connection, Select, func, literal, select
from sqlalchemy.exc import IntegrityError

from shared.adapters.blob_memory import MemoryBlobStore
from shared.errors import DatabaseUnavailable
from shared.jobs import store
from shared.jobs.render import render_inline
from shared.jobs.run import attempt_job
from shared.jobs.states import Phase, Status
from shared.ports import Database, Meter, Rendering, RenderOrder, Services
from tests.jobs import blob_names, row_of, run, seconds, set_row, submitted, telemetry
from tests.jobs import with_settings as changed
from tests.world import World

LEASE = seconds(120)
ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
Render = Callable[[Services, RenderOrder, Meter], Rendering]


def _claim(services: Services, job_id: str, lease: timedelta = LEASE, max_claims: int = 5) -> store.Claim | None:
    with services.reporting.transaction() as connection:
        return store.claim(connection, job_id, lease, max_claims)


def _claimed(services: Services, job_id: str, lease: timedelta = LEASE) -> store.Claim:
    held = _claim(services, job_id, lease)
    assert held is not None
    return held


def _made() -> Rendering:
    now = datetime.now(UTC)
    return Rendering(Path("x"), "x.csv", "text/csv", 1, "0" * 64, 1, now, {})


def _late_writes(services: Services, held: store.Claim) -> list[bool]:
    """Everything a claim may write, tried now."""
    writes: list[Callable[[Any], bool]] = [
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
    held = store.claim(connection, job_id, LEASE, 5)
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
            snapshot.all(_endless())
        raise AssertionError

    began = time.monotonic()
    row = run(replace(services, render=endless), job_id)
    assert time.monotonic() - began < 5
    assert (row.status, row.attempt) == ("processing", 7)
    assert telemetry(services).faults == []
    assert blob_names(services) == []


def _endless() -> Select[Any]:
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < 10**9))
    return select(func.count()).select_from(numbers)


# --- Signs of life


def _watched(services: Services, job_id: str, render: Render) -> tuple[list[Any], Any]:
    """The rows seen while the job is rendered, and the row at its end."""
    seen: list[Any] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.03):
            seen.append(row_of(services, job_id))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        row = run(replace(services, render=render), job_id)
    finally:
        over.set()
        watcher.join()
    return seen, row


def _slowly(services: Services, order: RenderOrder, meter: Meter) -> Rendering:
    made = render_inline(services, order, meter)
    meter.begin(100, lambda: None)
    for _ in range(20):
        time.sleep(0.09)
        meter.advance(5)
    return made


def test_signs_of_life_keep_the_claim(services: Services, world: World) -> None:
    """A render longer than its lease keeps its job by signs of life, tells its progress, and never goes back."""
    job_id = submitted(services, world)
    services = changed(services, lease=seconds(1), heartbeat=seconds(0.1))
    seen, row = _watched(services, job_id, _slowly)
    running = [each for each in seen if each.status == "processing"]
    assert (row.status, row.attempt) == ("completed", 1)
    assert len({each.lease_until for each in running}) >= 4
    assert all(before.lease_until <= after.lease_until for before, after in pairwise(running))
    assert all(before.progress <= after.progress for before, after in pairwise(seen))
    assert all(before.rows_done <= after.rows_done for before, after in pairwise(seen))
    assert max(each.progress for each in running) > 40
    assert running[-1].rows_total == 100


def test_held_job_is_not_claimed_by_another(services: Services, world: World) -> None:
    """While signs of life come, other workers that are called for the job go away again."""
    job_id = submitted(services, world)
    services = changed(services, lease=seconds(1), heartbeat=seconds(0.1))
    tries: list[object] = []

    def rendering(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        for _ in range(8):
            time.sleep(0.2)
            tries.append(_claim(services, job_id))
        return render_inline(render_services, order, meter)

    row = run(replace(services, render=rendering), job_id)
    assert (row.status, row.attempt) == ("completed", 1)
    assert tries == [None] * 8


def test_time_budget_stops_a_drawing_job(services: Services, world: World) -> None:
    """A job that takes longer than its budget is stopped between two rows, and fails as EXPORT_FAILED that says so."""
    job_id = submitted(services, world)
    services = changed(services, job_budget=seconds(0.3), heartbeat=seconds(0.1), max_claims=1)

    def endless(_services: Services, _order: RenderOrder, meter: Meter) -> Rendering:
        while True:
            meter.advance(1)
            time.sleep(0.01)

    began = time.monotonic()
    row = run(replace(services, render=endless), job_id)
    assert time.monotonic() - began < 3
    assert (row.status, row.error_code) == ("failed", "EXPORT_FAILED")
    assert "longer than the time allowed" in row.error


def test_time_budget_stops_a_statement(services: Services, world: World) -> None:
    """The budget reaches into a running statement, too: it ends by the budget, not by the query's own limit."""
    job_id = submitted(services, world)
    services = changed(services, job_budget=seconds(0.3), heartbeat=seconds(0.1), max_claims=1)

    def endless(render_services: Services, _order: RenderOrder, meter: Meter) -> Rendering:
        with render_services.costar.snapshot() as snapshot:
            meter.begin(None, snapshot.cancel)
            snapshot.all(_endless())
        raise AssertionError

    began = time.monotonic()
    row = run(replace(services, render=endless), job_id)
    assert time.monotonic() - began < 5
    assert (row.status, row.error_code) == ("failed", "EXPORT_FAILED")


class SlowStore(MemoryBlobStore):
    """Takes its time to store."""

    def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
        """Stores, and answers late."""
        super().upload(name, content, content_type)
        time.sleep(0.6)


def test_time_budget_leaves_no_file(services: Services, world: World) -> None:
    """A budget that ends while the file is stored leaves no file behind."""
    services = replace(services, files=SlowStore(services.clock))
    services = changed(services, job_budget=seconds(0.3), heartbeat=seconds(0.1), max_claims=1)
    row = run(services, submitted(services, world))
    assert (row.status, row.error_code, row.blob_name) == ("failed", "EXPORT_FAILED", None)
    assert blob_names(services) == []


class ShakyDatabase:
    """A database that can be taken away from writers; everything else is the real one's."""

    def __init__(self, real: Database) -> None:
        """Takes the real one; it begins in reach."""
        self._real, self.is_away, self.refused = real, False, 0

    def transaction(self) -> AbstractContextManager[Connection]:
        """As the real one, while it is in reach."""
        if self.is_away:
            self.refused += 1
            raise DatabaseUnavailable
        return self._real.transaction()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_database_that_is_away_for_a_moment_costs_nothing(services: Services, world: World) -> None:
    """Signs of life that cannot be written while the database is away do not end the work."""
    database = ShakyDatabase(services.reporting)
    shaky = changed(replace(services, reporting=database), heartbeat=seconds(0.05))

    def rendering(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        database.is_away = True
        time.sleep(0.3)
        database.is_away = False
        return render_inline(render_services, order, meter)

    row = run(replace(shaky, render=rendering), submitted(services, world))
    assert database.refused >= 2
    assert (row.status, row.attempt) == ("completed", 1)
