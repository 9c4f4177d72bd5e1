"""The waiting room: requests that wait for their file cost one query a round together, and no more than its seats."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from shared.adapters.database import SqlDatabase
from shared.errors import DatabaseUnavailable
from shared.jobs.wait import WaitingRoom
from shared.ports import Services
from tests.jobs import run, set_row, submitted, with_settings
from tests.world import World


@contextmanager
def _statements(services: Services) -> Iterator[list[str]]:
    """The statements that the reporting database's pool runs meanwhile."""
    assert isinstance(services.reporting, SqlDatabase)
    engine, seen = services.reporting._pooled, list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_waiter_learns_of_the_end(services: Services, world: World) -> None:
    """Who waits is told as soon as his job has ended; other jobs' ends do not concern him."""
    mine, other = submitted(services, world), submitted(services, world)

    async def scenario() -> tuple[bool, bool, float]:
        room, loop = WaitingRoom(services), asyncio.get_running_loop()
        waits = [asyncio.create_task(room.wait(each, limit)) for each, limit in ((mine, 20), (other, 1))]
        await asyncio.sleep(0.05)
        began = loop.time()
        await asyncio.to_thread(run, services, mine)
        done = await waits[0]
        return done, await waits[1], loop.time() - began

    told, other_told, _ = asyncio.run(scenario())
    assert told
    assert not other_told


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_every_end_is_an_end(services: Services, world: World, status: str) -> None:
    """A job that failed or was cancelled ends the wait as one that completed."""
    job_id = submitted(services, world)
    set_row(services, job_id, status=status)
    assert asyncio.run(WaitingRoom(services).wait(job_id, 20))


def test_full_room_answers_at_once(services: Services, world: World) -> None:
    """Of 25 requests 20 wait and 5 are told at once to come back; all together ask one query a round."""
    services = with_settings(services, max_waiters=20, reports_per_address=100)
    jobs = [submitted(services, world) for _ in range(25)]

    async def scenario() -> tuple[list[bool], list[float]]:
        room, loop = WaitingRoom(services), asyncio.get_running_loop()
        began, times = loop.time(), list[float]()

        async def wait(job_id: str) -> bool:
            told = await room.wait(job_id, 1)
            times.append(loop.time() - began)
            return told

        return list(await asyncio.gather(*map(wait, jobs))), times

    with _statements(services) as seen:
        told, times = asyncio.run(scenario())
    assert told == [False] * 25
    assert sum(1 for each in times if each < 0.5) == 5
    assert sum(1 for each in times if each >= 0.9) == 20
    assert 2 <= len(seen) <= 12  # a round is a tenth of a second and its query


def test_seats_are_given_back(services: Services, world: World) -> None:
    """A waiter that leaves, in whatever way, makes room for the next; several may wait for one job."""
    services = with_settings(services, max_waiters=2)
    job_id, open_job = submitted(services, world), submitted(services, world)
    run(services, job_id)

    async def scenario() -> list[bool]:
        room = WaitingRoom(services)
        both = await asyncio.gather(room.wait(job_id, 20), room.wait(job_id, 20))
        left = [asyncio.create_task(room.wait(open_job, 20)) for _ in range(2)]
        await asyncio.sleep(0.05)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return [*both, await room.wait(job_id, 20)]

    assert asyncio.run(scenario()) == [True, True, True]


def test_nobody_waits_nothing_runs(services: Services, world: World) -> None:
    """Without waiters, or with no time to wait, the database is not asked."""
    job_id = submitted(services, world)
    with _statements(services) as seen:
        assert not asyncio.run(WaitingRoom(services).wait(job_id, 0))
        assert not asyncio.run(WaitingRoom(with_settings(services, max_waiters=0)).wait(job_id, 20))
    assert seen == []


def test_lost_database_reaches_every_waiter(services: Services, world: World) -> None:
    """When the database goes away, all who wait learn it at once, and the room works again afterwards."""
    job_id = submitted(services, world)
    run(services, job_id)

    class Away(WaitingRoom):
        is_away = True

        def _ended(self, job_ids: list[str]) -> list[str]:
            if self.is_away:
                raise DatabaseUnavailable
            return super()._ended(job_ids)

    async def scenario() -> tuple[list[Any], bool]:
        room = Away(services)
        lost = await asyncio.gather(*(room.wait(job_id, 20) for _ in range(3)), return_exceptions=True)
        room.is_away = False
        return list(lost), await room.wait(job_id, 20)

    lost, found = asyncio.run(scenario())
    assert [type(each) for each in lost] == [DatabaseUnavailable] * 3
    assert found
