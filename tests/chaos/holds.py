"""Holds a job at a known point: by a lock in the database, or by freezing its render child."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg
from psycopg.rows import scalar_row
from sqlalchemy import update

from shared.jobs.states import Phase, Status
from shared.tables import report_jobs
from tests.acceptance.product import Person
from tests.chaos.processes import eventually, frozen, open_files
from tests.chaos.stage import Stage
from tests.chaos.world import FEW, MANY

_TRIES, _BEAT_SECONDS, _QUICK = 10, 3, 0.003
_WAITING = """
    SELECT pid FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE datname = current_database() AND state = 'active'
    AND relation = 'costar.call_events'::regclass AND NOT granted
"""


@contextmanager
def busy(stage: Stage, admin: Person) -> Iterator[str]:
    """The worker has a job that goes on only after the block; others wait."""
    stage.warm_up(admin)
    with frozen(stage.child()):
        job_id = stage.order(admin, FEW)
        eventually("the worker is busy", lambda: stage.row(job_id).status == Status.PROCESSING)
        yield job_id


@contextmanager
def in_query(stage: Stage, admin: Person) -> Iterator[str]:
    """A new job, by its id, held while it reads its figures."""
    with (waiting_for_lock if stage.is_on("postgresql") else _frozen_in_query)(stage, admin) as job_id:
        yield job_id


@contextmanager
def in_render(stage: Stage, admin: Person) -> Iterator[str]:
    """A new job, held while it writes its file: a part of the rows is drawn."""
    with _frozen_at(stage, admin, lambda: any(sizes(stage)), lambda job_id: _is_drawn_in_part(stage, job_id)) as job_id:
        yield job_id


@contextmanager
def uploaded(stage: Stage, admin: Person) -> Iterator[str]:
    """A new job, held when its file is stored and its row does not say so yet: another transaction has the row."""
    with ExitStack() as held:
        with in_render(stage, admin) as job_id:
            connection = held.enter_context(stage.services.reporting.transaction())
            connection.execute(update(report_jobs).where(report_jobs.c.job_id == job_id).values(notify=False))
        eventually("the file is stored", lambda: stage.blobs(job_id))
        yield job_id


@contextmanager
def waiting_for_lock(stage: Stage, admin: Person) -> Iterator[str]:
    """As `in_query` on PostgreSQL: the job's statement waits for a lock on a table that the request does not read."""
    with psycopg.connect(_address(stage)) as connection:
        connection.execute("LOCK TABLE costar.call_events IN ACCESS EXCLUSIVE MODE")
        job_id = stage.order(admin, MANY)
        eventually("the statement waits", lambda: statements(stage))
        yield job_id


def statements(stage: Stage) -> list[int]:
    """The server processes whose statement waits for the lock; none where there is no server."""
    if not stage.is_on("postgresql"):
        return []
    with psycopg.connect(_address(stage), row_factory=scalar_row) as connection:
        return connection.execute(_WAITING).fetchall()


def sizes(stage: Stage) -> list[int]:
    """The bytes of the files being made."""
    found = []
    for folder in stage.folders():
        with suppress(FileNotFoundError):
            found.append((folder / "file").stat().st_size)
    return found


@contextmanager
def _frozen_in_query(stage: Stage, admin: Person) -> Iterator[str]:
    """The child has the database open and has not begun its file."""

    def is_reading(job_id: str) -> bool:
        row = stage.row(job_id)
        return not sizes(stage) and (row.status, row.phase) == (Status.PROCESSING, Phase.QUERYING)

    file = stage.services.settings.database_url.removeprefix("sqlite:///")
    stage.warm_up(admin)
    with _frozen_at(stage, admin, lambda: file in open_files(stage.child()), is_reading) as job_id:
        yield job_id


@contextmanager
def _frozen_at(
    stage: Stage, admin: Person, is_near: Callable[[], object], is_there: Callable[[str], bool]
) -> Iterator[str]:
    """Freezes the child of a new job as soon as it `is_near`; where that was too late, tries with another job."""
    for _ in range(_TRIES):
        stage.assert_no_folder()
        job_id = stage.order(admin, MANY)
        eventually("the job is near", is_near, pause=_QUICK)
        with frozen(stage.child()):
            if is_there(job_id):
                yield job_id
                return
        stage.finished(job_id)
    raise AssertionError("no job could be held at this point")


def _is_drawn_in_part(stage: Stage, job_id: str) -> bool:
    """What the child told before it was frozen reaches the row with the next beat."""
    deadline = time.monotonic() + _BEAT_SECONDS
    while time.monotonic() < deadline:
        row = stage.row(job_id)
        if (row.status, row.phase) == (Status.PROCESSING, Phase.RENDERING) and 0 < row.rows_done < row.rows_total:
            return True
    return False


def _address(stage: Stage) -> str:
    return stage.services.settings.database_url.replace("+psycopg", "")
