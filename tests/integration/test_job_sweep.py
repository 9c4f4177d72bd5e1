"""The minute timer: it rings for jobs nobody may know of, and fails those whose workers died once too often."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from shared.errors import QueueUnavailable
from shared.jobs import store
from shared.jobs.relay import send
from shared.jobs.states import Status
from shared.jobs.sweep import sweep
from shared.ports import Services
from shared.tables import report_jobs
from shared.telemetry import Event
from tests.jobs import accepted, queue, row_of, run, seconds, set_row, submitted, telemetry
from tests.world import World

LONG_AGO = timedelta(hours=1)


def _swept(services: Services) -> dict[str, int]:
    counts = asyncio.run(sweep(services))
    return {name: counts[name] for name in ("sent", "ended")}


def _dead(services: Services, world: World, attempts: int = 1) -> str:
    """A job whose worker died in its nth attempt, an hour ago."""
    job_id = submitted(services, world)
    with services.reporting.transaction() as connection:
        assert store.claim(connection, job_id, store.Terms(seconds(1), 5, 3))
    set_row(services, job_id, attempt=attempts, lease_until=datetime.now(UTC) - LONG_AGO)
    return job_id


def test_unreachable_queue_loses_nothing(services: Services, world: World) -> None:
    """A job whose message could not be sent is accepted; the timer sends it when the queue is back, once."""
    receipt = accepted(services, world, world.person())
    queue(services).reachable = False
    assert not asyncio.run(send(services, receipt.job_id, None))
    assert row_of(services, receipt.job_id).enqueued_at is None
    set_row(services, receipt.job_id, created_at=datetime.now(UTC) - LONG_AGO)
    assert _swept(services) == {"sent": 0, "ended": 0}

    queue(services).reachable = True
    assert _swept(services) == {"sent": 1, "ended": 0}
    assert _swept(services) == {"sent": 0, "ended": 0}
    assert queue(services).size == 1
    assert row_of(services, receipt.job_id).enqueued_at is not None
    assert run(services, receipt.job_id).status == "completed"


def test_young_job_is_left_to_its_request(services: Services, world: World) -> None:
    """A job of this very minute is not rung for: its own request is just about to."""
    accepted(services, world, world.person())
    assert _swept(services) == {"sent": 0, "ended": 0}


def test_lost_message_is_sent_again(services: Services, world: World) -> None:
    """A queued job whose message was sent long ago and that nobody claimed is rung for again."""
    job_id = submitted(services, world)
    assert _swept(services)["sent"] == 0
    set_row(services, job_id, enqueued_at=datetime.now(UTC) - LONG_AGO)
    assert _swept(services)["sent"] == 1
    assert _swept(services)["sent"] == 0


def test_waiting_retry_is_not_rung_for(services: Services, world: World) -> None:
    """A job that waits for a later attempt is left in peace until then."""
    job_id = submitted(services, world)
    long_ago, soon = datetime.now(UTC) - LONG_AGO, datetime.now(UTC) + timedelta(minutes=5)
    set_row(services, job_id, enqueued_at=long_ago, not_before=soon)
    assert _swept(services)["sent"] == 0
    set_row(services, job_id, not_before=long_ago)
    assert _swept(services)["sent"] == 1


def test_dead_workers_job_is_done_by_another(services: Services, world: World) -> None:
    """A job whose lease ran out is rung for, claimed again and completed."""
    job_id = _dead(services, world)
    before = queue(services).size
    assert _swept(services) == {"sent": 1, "ended": 0}
    assert queue(services).size == before + 1
    row = run(services, job_id)
    assert (row.status, row.attempt) == ("completed", 2)


def test_exhausted_job_fails(services: Services, world: World) -> None:
    """A job whose worker died in its last attempt fails as INTERNAL_ERROR, with all that its end demands."""
    ended: list[str] = []

    def note(connection: Connection, job_id: str) -> None:
        status = connection.execute(select(report_jobs.c.status).where(report_jobs.c.job_id == job_id)).scalar_one()
        ended.append(f"{job_id} {status}")

    services = replace(services, on_terminal=note)
    job_id = _dead(services, world, attempts=services.settings.max_claims)
    assert _swept(services) == {"sent": 0, "ended": 1}
    assert _swept(services) == {"sent": 0, "ended": 0}
    row = row_of(services, job_id)
    assert (row.status, row.error_code, row.phase, row.lease_until) == ("failed", "INTERNAL_ERROR", "done", None)
    assert ended == [f"{job_id} failed"]
    assert [event for event, _ in telemetry(services).events].count(Event.REPORT_FAILED) == 1


def test_queued_job_without_claims_left_fails(services: Services, world: World) -> None:
    """A queued job that used up its claims, since fewer are allowed now, does not wait for ever."""
    job_id = submitted(services, world)
    set_row(services, job_id, attempt=9, enqueued_at=datetime.now(UTC) - LONG_AGO)
    assert _swept(services) == {"sent": 0, "ended": 1}
    assert row_of(services, job_id).status == "failed"


def test_running_job_is_left_alone(services: Services, world: World) -> None:
    """A job whose worker lives is neither rung for nor failed, whatever its attempt."""
    job_id = _dead(services, world, attempts=5)
    set_row(services, job_id, lease_until=datetime.now(UTC) + timedelta(minutes=1))
    assert _swept(services) == {"sent": 0, "ended": 0}
    assert row_of(services, job_id).status == "processing"


@pytest.mark.parametrize("end", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_ended_job_is_left_alone(services: Services, world: World, end: Status) -> None:
    """A job that has ended is never touched by the timer."""
    job_id = _dead(services, world, attempts=5)
    set_row(services, job_id, status=end, enqueued_at=None, created_at=datetime.now(UTC) - LONG_AGO)
    before = row_of(services, job_id)
    assert _swept(services) == {"sent": 0, "ended": 0}
    assert row_of(services, job_id) == before


def test_queue_that_breaks_on_the_way(services: Services, world: World) -> None:
    """When the queue goes away among many jobs, those not sent are sent the next time, and none twice."""
    for _ in range(5):
        receipt = accepted(services, world, world.person())
        set_row(services, receipt.job_id, created_at=datetime.now(UTC) - LONG_AGO)

    class Failing(type(queue(services))):  # type: ignore[misc] # the twin's own class
        left = 2

        async def send(self, job_id: str, delay: timedelta = timedelta(0), trace: str = "") -> None:
            """Takes two messages."""
            if self.left == 0:
                raise QueueUnavailable
            self.left -= 1
            await super().send(job_id, delay, trace)

    failing = Failing(services.clock)
    assert _swept(replace(services, queue=failing))["sent"] == 2
    assert _swept(services)["sent"] == 3
    assert (failing.size, queue(services).size) == (2, 3)
