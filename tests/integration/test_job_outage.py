"""A database that goes away under the trigger: it is waited for, and no delivery of the message is burned."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import DatabaseUnavailable, QueueUnavailable
from shared.jobs import run as run_module
from shared.jobs.run import run_job
from shared.ports import Services
from tests.jobs import queue, row_of, submitted
from tests.world import World


class Away:
    """A database that is out of reach for the next few transactions."""

    def __init__(self, real: Any, times: int) -> None:
        self._real, self.left = real, times

    def transaction(self) -> Any:
        """Fails, or is the real one's."""
        if self.left:
            self.left -= 1
            raise DatabaseUnavailable
        return self._real.transaction()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "_PAUSES", (0.01, 0.01))


def test_a_short_outage_is_waited_for(services: Services, world: World) -> None:
    """The job completes within the same delivery."""
    job_id = submitted(services, world)
    asyncio.run(run_job(replace(services, reporting=Away(services.reporting, 2)), job_id))
    assert row_of(services, job_id).status == "completed"


def test_a_long_outage_sends_a_copy_for_later(services: Services, world: World) -> None:
    """The delivery ends well, and another message waits: nothing is lost, and nothing burned."""
    job_id = submitted(services, world)
    before = queue(services).size
    asyncio.run(run_job(replace(services, reporting=Away(services.reporting, 99)), job_id))
    assert queue(services).size == before + 1
    assert row_of(services, job_id).status == "queued"


def test_when_nothing_answers_the_host_delivers_again(services: Services, world: World) -> None:
    """With database and queue away the trigger fails, which gives the message back."""
    job_id = submitted(services, world)
    queue(services).reachable = False
    with pytest.raises(QueueUnavailable):
        asyncio.run(run_job(replace(services, reporting=Away(services.reporting, 99)), job_id))
