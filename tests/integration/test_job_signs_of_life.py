"""Signs of life: they keep a claim, tell its progress, and stop work that takes too long or is not wanted any more."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from typing import Any, BinaryIO

from sqlalchemy import Connection

from shared.adapters.blob_memory import MemoryBlobStore
from shared.errors import DatabaseUnavailable
from shared.jobs import store
from shared.jobs.render import render_inline
from shared.ports import Database, Meter, Rendering, RenderOrder, Services
from tests.jobs import blob_names, endless_count, row_of, run, seconds, submitted
from tests.jobs import with_settings as changed
from tests.world import World

Render = Callable[[Services, RenderOrder, Meter], Rendering]


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
    assert all(before.rows_done <= after.rows_done for before, after in pairwise(running))
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
            with services.reporting.transaction() as connection:
                tries.append(store.claim(connection, job_id, store.Terms(seconds(120), 5, 3)))
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
            snapshot.all(endless_count())
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
