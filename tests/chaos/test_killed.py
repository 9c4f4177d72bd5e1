"""SIGKILL of the worker or of its render child: another claim finishes the job, and nothing is left over."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.acceptance.product import Person
from tests.chaos import holds
from tests.chaos.conftest import on_postgresql
from tests.chaos.processes import eventually
from tests.chaos.stage import Stage

Hold = Callable[[Stage, Person], AbstractContextManager[str]]
_STATEMENT_SECONDS = 6  # the server looks every 2 s whether its client is there


@pytest.mark.parametrize("hold", [holds.in_query, holds.in_render])
def test_job_of_a_killed_worker_completes_by_another_claim(stage: Stage, hold: Hold) -> None:
    """Its children and statements end by themselves; once the lease is over a new worker makes the one file."""
    with stage.admin() as admin, hold(stage, admin) as job_id:
        stage.assert_orphans_end(stage.kill_worker())
        eventually("the database works for nobody", lambda: not holds.statements(stage), _STATEMENT_SECONDS)
    stage.up()
    with stage.admin() as admin:
        stage.assert_completed(admin, job_id, attempt=2)


@pytest.mark.parametrize("hold", [holds.in_query, holds.in_render])
def test_job_of_a_killed_child_completes_at_the_next_attempt(stage: Stage, hold: Hold) -> None:
    """The worker notices, tries again with a new child, and the file is whole."""
    with stage.admin() as admin:
        with hold(stage, admin) as job_id:
            assert len(stage.kill_child()) == 1
        stage.assert_completed(admin, job_id, attempt=2)


@on_postgresql
def test_file_of_a_killed_worker_is_removed(stage: Stage) -> None:
    """A worker that dies between storing its file and saying so leaves one that the next claim takes away."""
    with stage.admin() as admin, holds.uploaded(stage, admin) as job_id:
        stage.assert_orphans_end(stage.kill_worker())
    assert [name.split("/")[1] for name in stage.blobs(job_id)] == ["1"]
    stage.up()
    with stage.admin() as admin:
        stage.assert_completed(admin, job_id, attempt=2)
