"""SIGKILL at random moments, worker and child in turn: every job completes, once, with one file."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from shared.jobs.leftovers import sweep_blobs
from shared.jobs.states import TERMINAL, Status
from tests.chaos.holds import sizes
from tests.chaos.processes import eventually
from tests.chaos.stage import Stage
from tests.chaos.world import FEW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SEED = 20_261_121
_LONGEST_PAUSE = 0.1  # seconds: a small job takes about two of them


class Ledger:
    """The jobs of a test, with every status each was seen in, in order."""

    def __init__(self, stage: Stage) -> None:
        """Starts empty."""
        self._stage = stage
        self.seen: dict[str, list[Status]] = {}

    def order(self, number: int) -> None:
        """Orders so many files."""
        with self._stage.admin() as admin:
            for _ in range(number):
                self.seen[self._stage.order(admin, FEW)] = [Status.QUEUED]

    def look(self) -> int:
        """Writes down where every job is; how many are over."""
        now = self._stage.statuses()
        for job_id, statuses in self.seen.items():
            if now[job_id] != statuses[-1]:
                statuses.append(now[job_id])
        return sum(statuses[-1] in TERMINAL for statuses in self.seen.values())

    def are_over(self) -> bool:
        """Whether every job is."""
        return self.look() == len(self.seen)


def wait_for_a_moment(stage: Stage, ledger: Ledger, chance: Random) -> None:
    """Until any moment, or one soon after a job was begun, or its file, or after one was completed."""
    over = ledger.look()
    moments: Sequence[Callable[[], object]] = (
        lambda: True,
        lambda: any(stage.folders()),
        lambda: any(sizes(stage)),
        lambda: ledger.look() > over,
    )
    moment = chance.choice(moments)
    eventually("the moment has come", lambda: moment() or ledger.are_over(), pause=0.01)
    time.sleep(chance.uniform(0, _LONGEST_PAUSE))


def test_every_job_survives_random_kills(stage: Stage) -> None:
    """Two workers, of which one is killed while the other works, or loses its child; a terminal state is the last."""
    kills, jobs = (30, 40) if stage.is_on("postgresql") else (12, 15)
    chance, ledger = Random(_SEED), Ledger(stage)  # noqa: S311 no secret
    with stage.second_worker() as second, ThreadPoolExecutor(1) as threads:
        starting, other = threads.submit(second.start), second
        for number in range(kills):
            ledger.order(jobs - kills + 1 if number == 0 else 1)
            wait_for_a_moment(stage, ledger, chance)
            if number % 2:
                stage.kill_child()
                continue
            starting.result()
            stage.assert_orphans_end(stage.kill_worker())
            starting = threads.submit(stage.product.start)
            stage.product, other = other, stage.product
        starting.result()
        eventually("every job is over", ledger.are_over, 120)
    sweep_blobs(stage.services, timedelta(0))  # the hourly sweep, for a worker killed when only that was left to do
    attempts = {job_id: stage.row(job_id).attempt for job_id in ledger.seen}
    with stage.admin() as admin:
        for job_id, attempt in attempts.items():
            stage.assert_completed(admin, job_id, attempt=attempt)
    assert not any(TERMINAL & set(statuses[:-1]) for statuses in ledger.seen.values()), ledger.seen
    assert sum(attempts.values()) >= jobs + kills // 4  # the kills did hit work
