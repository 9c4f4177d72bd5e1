"""The job's row: every statement that writes it. Each change of a running job is guarded by its attempt, the fence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from shared.jobs.states import Phase, Status, progress_of
from shared.ports import Rendering
from shared.tables import report_jobs, utc_now, utc_now_plus

job = report_jobs.c


@dataclass(frozen=True)
class NewJob:
    """A job as it is asked for."""

    job_id: str
    report_id: str
    report_name: str
    params: Mapping[str, Any]
    output: Mapping[str, Any]
    scope: Mapping[str, Any]
    requested_by: str
    params_hash: str
    rows_total: int | None = None
    requested_via: str = "http"


@dataclass(frozen=True)
class Claim:
    """A claimed job: its row as it was then, and the attempt every later write must still find."""

    row: Row[Any]

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.row.job_id)

    @property
    def attempt(self) -> int:
        """The fence."""
        return int(self.row.attempt)

    @property
    def held(self) -> ColumnElement[bool]:
        """The condition under which this claim may still write."""
        return and_(job.job_id == self.job_id, job.attempt == self.attempt, job.status == Status.PROCESSING)


def insert_job(connection: Connection, new: NewJob) -> None:
    """Writes the row; `enqueued_at` null makes it its own outbox."""
    connection.execute(
        insert(report_jobs).values(
            job_id=new.job_id,
            report_id=new.report_id,
            report_name=new.report_name,
            params=dict(new.params),
            output_config=dict(new.output),
            scope=dict(new.scope),
            status=Status.QUEUED,
            progress=0,
            phase=Phase.QUEUED,
            rows_done=0,
            rows_total=new.rows_total,
            requested_by=new.requested_by,
            requested_via=new.requested_via,
            partition_key="",
            params_hash=new.params_hash,
            attempt=0,
            notify=False,
            created_at=utc_now(),
        )
    )


def mark_sent(connection: Connection, job_id: str) -> None:
    """The message is out; the timer need not send it."""
    connection.execute(update(report_jobs).where(job.job_id == job_id).values(enqueued_at=utc_now()))


def claim(connection: Connection, job_id: str, lease: timedelta, max_claims: int) -> Claim | None:
    """Takes the job if it may be taken now: queued and due, or left behind by a claim whose lease ran out.

    One guarded UPDATE by the database's clock decides. None when another has it, it is over, or claims are used up.
    """
    due = and_(job.status == Status.QUEUED, or_(job.not_before.is_(None), job.not_before <= utc_now()))
    taken = connection.execute(
        update(report_jobs)
        .where(job.job_id == job_id, job.attempt < max_claims, or_(due, _left_behind()))
        .values(
            status=Status.PROCESSING,
            phase=Phase.QUERYING,
            progress=progress_of(Phase.QUERYING, 0, None),
            rows_done=0,
            attempt=job.attempt + 1,
            lease_until=utc_now_plus(lease.total_seconds()),
            not_before=None,
            started_at=func.coalesce(job.started_at, utc_now()),
        )
    )
    if taken.rowcount != 1:
        return None
    return Claim(connection.execute(select(report_jobs).where(job.job_id == job_id)).one())


def beat(connection: Connection, held: Claim, lease: timedelta, phase: Phase, rows: tuple[int, int | None]) -> bool:
    """A sign of life: renews the lease and writes progress in one statement; False when the claim is lost."""
    done, total = rows
    written = connection.execute(
        update(report_jobs)
        .where(held.held)
        .values(
            lease_until=utc_now_plus(lease.total_seconds()),
            phase=phase,
            progress=progress_of(phase, done, total),
            rows_done=done,
            rows_total=func.coalesce(total, job.rows_total),
        )
    )
    return bool(written.rowcount == 1)


def complete(connection: Connection, held: Claim, made: Rendering, blob_name: str, retention: timedelta) -> bool:
    """Points the row at its one file; False when the claim is lost, and then the blob is nobody's."""
    written = connection.execute(
        update(report_jobs)
        .where(held.held)
        .values(
            **_ended(Status.COMPLETED),
            progress=100,
            row_count=made.row_count,
            rows_done=made.row_count,
            file_size=made.size,
            file_name=made.file_name,
            blob_name=blob_name,
            content_sha256=made.sha256,
            data_as_of=made.data_as_of,
            summary=dict(made.summary),
            expires_at=utc_now_plus(retention.total_seconds()),
        )
    )
    return bool(written.rowcount == 1)


def fail(connection: Connection, guard: ColumnElement[bool], code: str, message: str) -> bool:
    """Ends the job without a file; False when the guard no longer holds."""
    written = connection.execute(
        update(report_jobs).where(guard).values(**_ended(Status.FAILED), error_code=code, error=message[:500])
    )
    return bool(written.rowcount == 1)


def requeue(connection: Connection, held: Claim, delay: timedelta) -> bool:
    """Gives the job back to the queue, not to be claimed before `delay` is over."""
    written = connection.execute(
        update(report_jobs)
        .where(held.held)
        .values(
            status=Status.QUEUED,
            phase=Phase.QUEUED,
            progress=progress_of(Phase.QUEUED, 0, None),
            rows_done=0,
            lease_until=None,
            not_before=utc_now_plus(delay.total_seconds()),
        )
    )
    return bool(written.rowcount == 1)


def unsent(connection: Connection, grace: timedelta, resend_after: timedelta, max_claims: int, limit: int) -> list[str]:
    """Queued jobs nobody may know of, oldest first: not sent within `grace`, or sent `resend_after` ago, unclaimed."""
    never = and_(job.enqueued_at.is_(None), job.created_at < utc_now_plus(-grace.total_seconds()))
    long_ago = job.enqueued_at < utc_now_plus(-resend_after.total_seconds())
    due = or_(job.not_before.is_(None), job.not_before <= utc_now())
    statement = (
        select(job.job_id)
        .where(job.status == Status.QUEUED, job.attempt < max_claims, due, or_(never, long_ago))
        .order_by(job.created_at)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def abandoned(connection: Connection, max_claims: int, limit: int) -> list[str]:
    """Running jobs whose lease ran out and that may be claimed again."""
    left = select(job.job_id).where(_left_behind(), job.attempt < max_claims)
    return list(connection.execute(left.order_by(job.lease_until).limit(limit)).scalars())


def exhausted(connection: Connection, max_claims: int, limit: int) -> list[str]:
    """Jobs that nobody works on and nobody may claim any more."""
    over = select(job.job_id).where(is_exhausted(max_claims)).order_by(job.created_at)
    return list(connection.execute(over.limit(limit)).scalars())


def is_exhausted(max_claims: int) -> ColumnElement[bool]:
    """The condition under which a job that has not ended will never end by itself."""
    return and_(job.attempt >= max_claims, or_(job.status == Status.QUEUED, _left_behind()))


def find(connection: Connection, job_id: str) -> Row[Any] | None:
    """The row, or None."""
    return connection.execute(select(report_jobs).where(job.job_id == job_id)).one_or_none()


def _left_behind() -> ColumnElement[bool]:
    return and_(job.status == Status.PROCESSING, job.lease_until < utc_now())


def _ended(status: Status) -> dict[str, Any]:
    return {"status": status, "phase": Phase.DONE, "lease_until": None, "completed_at": utc_now()}
