"""Fairness among owners: one person's jobs wait for his own, and nobody else's jobs for them."""

import asyncio
import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.adapters.in_process_queue import InProcessQueue
from shared.jobs import store
from shared.jobs.cancel import cancel_job
from shared.jobs.relay import send
from shared.jobs.render import render_inline
from shared.jobs.run import run_job
from shared.jobs.sweep import sweep
from shared.ports import Meter, Rendering, RenderOrder, Services
from tests.jobs import queue, row_of, run, seconds, set_row, submitted, with_settings
from tests.world import World

LEASE = seconds(120)
LIMIT = 3


@pytest.fixture(name="services")
def _services(shared_services: Services) -> Services:
    """Services in which one person may have three jobs running, with a queue of their own."""
    made = replace(shared_services, queue=InProcessQueue(shared_services.clock))
    return with_settings(made, running_per_user=LIMIT, turn=seconds(0.2))


@pytest.fixture(name="world")
def _world(shared_world: World) -> World:
    return shared_world


def _running(services: Services, world: World, subject: str, number: int = LIMIT) -> list[str]:
    """Jobs of this person that workers elsewhere have taken."""
    ids = [submitted(services, world, subject) for _ in range(number)]
    for job_id in ids:
        with services.reporting.transaction() as connection:
            assert store.claim(connection, job_id, store.Terms(LEASE, 5, number + 1))
    return ids


def _end(services: Services, job_id: str) -> None:
    set_row(services, job_id, status="completed", lease_until=None)


def _next_message(services: Services, wait: float) -> str | None:
    """The job of the next message; None where none comes within `wait` seconds."""
    delivery = asyncio.run(queue(services).receive(wait))
    return None if delivery is None else str(json.loads(delivery.body)["jobId"])


def test_fourth_job_waits_its_turn(services: Services, world: World) -> None:
    """A job whose owner has three running is put back without an attempt; it runs when one of them has ended."""
    subject = world.person()
    running = _running(services, world, subject)
    job_id = submitted(services, world, subject)
    row = run(services, job_id)
    assert (row.status, row.attempt, row.started_at) == ("queued", 0, None)
    _end(services, running[0])
    row = run(services, job_id)
    assert (row.status, row.attempt) == ("completed", 1)


def test_job_that_waits_is_rung_for_again(services: Services, world: World) -> None:
    """A job that was put back comes again after a while, not at once, and again until there is a place."""
    subject = world.person()
    running = _running(services, world, subject)
    job_id = submitted(services, world, subject)
    first = [_next_message(services, 0) for _ in range(LIMIT + 1)]
    assert first == [*running, job_id]
    for _ in range(2):
        began = time.monotonic()
        assert run(services, job_id).status == "queued"
        assert _next_message(services, 0) is None
        assert _next_message(services, 5) == job_id
        assert time.monotonic() - began >= 0.2
    _end(services, running[0])
    assert run(services, job_id).status == "completed"
    assert _next_message(services, 0.3) is None


def test_somebody_elses_job_passes(services: Services, world: World) -> None:
    """While one person's fourth job waits, another person's first runs."""
    crowding = world.person()
    _running(services, world, crowding)
    assert run(services, submitted(services, world, crowding)).status == "queued"
    assert run(services, submitted(services, world, world.person())).status == "completed"


def test_dead_workers_take_no_place(services: Services, world: World) -> None:
    """A job whose worker gives no sign of life does not count as running."""
    subject = world.person()
    running = _running(services, world, subject)
    set_row(services, running[0], lease_until=datetime.now(UTC) - seconds(1))
    assert run(services, submitted(services, world, subject)).status == "completed"


def test_abandoned_job_needs_no_second_place(services: Services, world: World) -> None:
    """A dead worker's job is taken up again though its owner's other places are taken: it had one."""
    subject = world.person()
    running = _running(services, world, subject)
    set_row(services, running[0], lease_until=datetime.now(UTC) - seconds(1))
    row = run(services, running[0])
    assert (row.status, row.attempt) == ("completed", 2)


def test_waiting_job_can_be_cancelled(services: Services, world: World) -> None:
    """A job that waits for its turn is cancelled at once, and its next turn does nothing."""
    subject = world.person()
    running = _running(services, world, subject)
    job_id = submitted(services, world, subject)
    run(services, job_id)
    assert cancel_job(services, world.caller(subject), job_id)["status"] == "cancelled"
    _end(services, running[0])
    assert run(services, job_id).status == "cancelled"


def test_waiting_job_is_not_forgotten(services: Services, world: World) -> None:
    """When the message for its next turn cannot be sent, the timer rings for a job that waits."""
    subject = world.person()
    _running(services, world, subject)
    job_id = submitted(services, world, subject)
    queue(services).reachable = False
    assert run(services, job_id).status == "queued"
    queue(services).reachable = True
    for _ in range(LIMIT + 1):
        _next_message(services, 0)
    set_row(services, job_id, enqueued_at=datetime.now(UTC) - seconds(3600))
    asyncio.run(sweep(services))
    assert job_id in iter(lambda: _next_message(services, 0), None)


def test_no_more_than_the_limit_at_once(services: Services, world: World) -> None:
    """Of eight jobs of one person that eight workers take at the same moment never more than three run together."""
    subject = world.person()
    jobs = [submitted(services, world, subject) for _ in range(8)]
    lock, now, most = threading.Lock(), 0, 0

    def counting(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        time.sleep(0.1)
        made = render_inline(render_services, order, meter)
        with lock:
            now -= 1
        return made

    slow = replace(services, render=counting)

    async def work(job_id: str) -> None:
        while row_of(services, job_id).status != "completed":
            await run_job(slow, job_id)
            await asyncio.sleep(0.05)

    threads = [threading.Thread(target=lambda job_id=job_id: asyncio.run(work(job_id))) for job_id in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row_of(services, job_id).attempt for job_id in jobs] == [1] * 8
    assert most == LIMIT


def test_messages_of_a_waiting_job_do_not_multiply(services: Services, world: World) -> None:
    """A second bell for a job that waits makes no second chain of messages that lives for ever."""
    subject = world.person()
    running = _running(services, world, subject)
    job_id = submitted(services, world, subject)
    asyncio.run(send(services, job_id, None))
    for _ in range(LIMIT + 2):
        _next_message(services, 0)
    for _ in range(2):
        run(services, job_id)
    _end(services, running[0])
    assert run(services, job_id).status == "completed"
    left = 0
    while (rung := _next_message(services, 0.5)) is not None:
        assert rung == job_id
        left += 1
        run(services, job_id)
    assert left <= 2
