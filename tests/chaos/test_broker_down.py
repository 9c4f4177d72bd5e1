"""The queue out of reach, and messages lost with it: the rows remember, and the timer rings again."""

import time

from shared.jobs.states import Status
from tests.chaos import holds
from tests.chaos.stage import Stage
from tests.chaos.world import FEW

_ANSWER_SECONDS = 4


def test_jobs_outlive_the_broker(stage: Stage) -> None:
    """A waiting job's message dies with it, a new request is taken without it; an empty one later, all are done."""
    with stage.admin() as admin:
        with holds.busy(stage, admin) as running:
            waiting = stage.order(admin, FEW)
            assert (stage.row(waiting).status, stage.row(waiting).enqueued_at is None) == (Status.QUEUED, False)
            stage.broker.kill()
            began = time.monotonic()
            del admin.http.headers["Prefer"]  # nobody waits for a small file that nobody is told to make
            unsent = stage.order(admin, FEW)
            assert time.monotonic() - began < _ANSWER_SECONDS
            assert (stage.row(unsent).status, stage.row(unsent).enqueued_at is None) == (Status.QUEUED, True)
        stage.broker.start()
        for job_id in (running, waiting, unsent):
            stage.assert_completed(admin, job_id, attempt=1)
