"""Cancelling what runs: over within two seconds, in the database as in the worker, and nothing is left."""

from shared.jobs.states import TERMINAL
from tests.acceptance.product import Person
from tests.chaos import holds
from tests.chaos.conftest import on_postgresql
from tests.chaos.processes import eventually, is_running
from tests.chaos.stage import Stage
from tests.chaos.world import FEW, MANY

_SECONDS = 2


def cancel(stage: Stage, admin: Person, job_id: str) -> None:
    """Cancels the job and sees it end in time."""
    answer = admin.http.post(f"/functions/v1/report-status/{job_id}/cancel")
    assert answer.status_code == 202, answer.text
    eventually(
        "statement and job are over",
        lambda: stage.row(job_id).status in TERMINAL and not holds.statements(stage),
        _SECONDS,
    )
    stage.assert_cancelled(job_id)


@on_postgresql
def test_cancel_ends_a_statement_that_runs(stage: Stage) -> None:
    """The server's statement is stopped, and the worker is free for the next job though the lock is still held."""
    with stage.admin() as admin:
        with holds.waiting_for_lock(stage, admin) as job_id:
            cancel(stage, admin, job_id)
        stage.assert_completed(admin, stage.order(admin, FEW), attempt=1)


def test_cancel_stops_a_render(stage: Stage) -> None:
    """A child in the middle of its file stops, and the worker takes the next job."""
    with stage.admin() as admin:
        stage.assert_no_folder()
        job_id = stage.order(admin, MANY)
        eventually("the file is begun", lambda: any(holds.sizes(stage)), pause=0.003)
        cancel(stage, admin, job_id)
        stage.assert_completed(admin, stage.order(admin, FEW), attempt=1)


def test_cancel_ends_a_render_that_does_not_listen(stage: Stage) -> None:
    """A child that hears nothing is killed, and the worker takes the next job."""
    with stage.admin() as admin:
        with holds.in_render(stage, admin) as job_id:
            deaf = stage.child()
            cancel(stage, admin, job_id)
            assert not is_running(deaf)
        stage.assert_completed(admin, stage.order(admin, FEW), attempt=1)
