"""The job's row: every statement that writes it. Each change of a running job is guarded by its attempt, the fence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, or_, select, update

from shared.jobs.states import Phase, Status, progress_of
from shared.ports import Rendering
from shared.tables import report_jobs, utc_now, utc_now_plus

job = report_jobs.c


class Wish(Enum):
    """What the row says of a claim: go on, stop because the owner cancelled, or stop because it is another's."""

    GO_ON = "go on"
    CANCEL = "cancel"
    LOST = "lost"


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
    requested_address: str | None = None
    idempotency_key: str | None = None
    correlation_id: str | None = None
    requested_via: str = "http"


@dataclass(frozen=True)
class Terms:
    """Under what terms a job may be claimed."""

    lease: timedelta
    max_claims: int
    running_per_user: int


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
            requested_address=new.requested_address,
            idempotency_key=new.idempotency_key,
            correlation_id=new.correlation_id,
            attempt=0,
            notify=False,
            created_at=utc_now(),
        )
    )


def mark_sent(connection: Connection, job_id: str) -> None:
    """The message is out; the timer need not send it."""
    connection.execute(update(report_jobs).where(job.job_id == job_id).values(enqueued_at=utc_now()))


def claim(connection: Connection, job_id: str, terms: Terms) -> Claim | None:
    """Takes the job if it may be taken now: queued and due, or left behind by a claim whose lease ran out.

    One guarded UPDATE by the database's clock decides. None when another has it, it is over, its claims are used up,
    or its owner has as many jobs running as one person may.
    """
    due = and_(job.status == Status.QUEUED, or_(job.not_before.is_(None), job.not_before <= utc_now()))
    taken = connection.execute(
        update(report_jobs)
        .where(job.job_id == job_id, job.attempt < terms.max_claims)
        .where(or_(due, left_behind()), _running_of_owner(job_id) < terms.running_per_user)
        .values(
            status=Status.PROCESSING,
            phase=Phase.QUERYING,
            rows_done=0,
            attempt=job.attempt + 1,
            lease_until=utc_now_plus(terms.lease.total_seconds()),
            not_before=None,
            started_at=func.coalesce(job.started_at, utc_now()),
        )
    )
    if taken.rowcount != 1:
        return None
    return Claim(connection.execute(select(report_jobs).where(job.job_id == job_id)).one())


def is_crowded_out(connection: Connection, job_id: str, running_per_user: int) -> bool:
    """Whether a queued job waits only because its owner has as many jobs running as one person may."""
    row = connection.execute(
        select(_running_of_owner(job_id)).where(
            select(job.job_id).where(job.job_id == job_id, job.status == Status.QUEUED).exists()
        )
    ).one_or_none()
    return row is not None and row[0] >= running_per_user


def _running_of_owner(job_id: str) -> ColumnElement[int]:
    """How many other jobs of this job's owner are running under a lease."""
    other, own = report_jobs.alias("other"), report_jobs.alias("own")
    owner = select(own.c.requested_by).where(own.c.job_id == job_id).scalar_subquery()
    return (
        select(func.count())
        .select_from(other)
        .where(other.c.requested_by == owner, other.c.job_id != job_id)
        .where(other.c.status == Status.PROCESSING, other.c.lease_until >= utc_now())
        .scalar_subquery()
    )


def beat(connection: Connection, held: Claim, lease: timedelta, phase: Phase, rows: tuple[int, int | None]) -> bool:
    """A sign of life: renews the lease and writes progress in one statement; False when the claim is lost."""
    done, total = rows
    progress = progress_of(phase, done, total)
    written = connection.execute(
        update(report_jobs)
        .where(held.held)
        .values(
            lease_until=utc_now_plus(lease.total_seconds()),
            phase=phase,
            progress=case((job.progress > progress, job.progress), else_=progress),  # a second attempt goes not back
            rows_done=done,
            rows_total=func.coalesce(total, job.rows_total),
        )
    )
    return bool(written.rowcount == 1)


def wish(connection: Connection, held: Claim) -> Wish:
    """What the row wants of this claim."""
    own = and_(job.job_id == held.job_id, job.attempt == held.attempt)
    row = connection.execute(select(job.status).where(own)).one_or_none()
    wishes = {Status.PROCESSING: Wish.GO_ON, Status.CANCELLED: Wish.CANCEL}
    return Wish.LOST if row is None else wishes.get(Status(row.status), Wish.LOST)


def complete(connection: Connection, held: Claim, made: Rendering, blob_name: str, retention: timedelta) -> bool:
    """Points the row at its one file; False when the claim is lost or cancelled, and then the blob is nobody's."""
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
    """Gives the job back to the queue, not to be claimed before `delay` is over; False when it is lost or cancelled."""
    written = connection.execute(
        update(report_jobs)
        .where(held.held)
        .values(
            status=Status.QUEUED,
            phase=Phase.QUEUED,
            lease_until=None,
            enqueued_at=None,
            not_before=utc_now_plus(delay.total_seconds()),
        )
    )
    return bool(written.rowcount == 1)


def cancel(connection: Connection, job_id: str) -> bool:
    """Ends a job that is not over yet; its worker, if it has one, finds its claim gone. False where it is over."""
    written = connection.execute(
        update(report_jobs)
        .where(job.job_id == job_id, job.status.in_((Status.QUEUED, Status.PROCESSING)))
        .values(**_ended(Status.CANCELLED), cancel_requested_at=utc_now())
    )
    return bool(written.rowcount == 1)


def forget_keys(connection: Connection, lifetime: timedelta) -> None:
    """Frees Idempotency-Keys that are old enough."""
    old = job.created_at < utc_now_plus(-lifetime.total_seconds())
    connection.execute(update(report_jobs).where(job.idempotency_key.is_not(None), old).values(idempotency_key=None))


def is_over(max_claims: int) -> ColumnElement[bool]:
    """The condition of a job that has not ended, and that nobody works on or may claim any more."""
    return and_(job.attempt >= max_claims, or_(job.status == Status.QUEUED, left_behind()))


def left_behind() -> ColumnElement[bool]:
    """The condition of a running job whose worker shows no sign of life."""
    return and_(job.status == Status.PROCESSING, job.lease_until < utc_now())


def _ended(status: Status) -> dict[str, Any]:
    return {"status": status, "phase": Phase.DONE, "lease_until": None, "completed_at": utc_now()}
