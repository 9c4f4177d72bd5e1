"""Looks jobs up; writes nothing."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, not_, or_, select

from shared.jobs.states import Status
from shared.jobs.store import is_over, job, left_behind
from shared.tables import report_jobs, utc_now, utc_now_plus


def find(connection: Connection, job_id: str) -> Row[Any] | None:
    """The row, or None."""
    return connection.execute(select(report_jobs).where(job.job_id == job_id)).one_or_none()


def find_by_key(connection: Connection, requested_by: str, key: str) -> Row[Any] | None:
    """The job that this person made under this Idempotency-Key, or None."""
    statement = select(report_jobs).where(job.requested_by == requested_by, job.idempotency_key == key)
    return connection.execute(statement).one_or_none()


def forgotten(
    connection: Connection, grace: timedelta, resend_after: timedelta, max_claims: int, limit: int
) -> list[Row[Any]]:
    """Jobs that may be claimed and that nobody may know of, oldest first: job_id and correlation_id.

    Left behind by a dead worker; queued and not sent within `grace`; or sent `resend_after` ago and still unclaimed.
    """
    never = and_(job.enqueued_at.is_(None), job.created_at < utc_now_plus(-grace.total_seconds()))
    long_ago = job.enqueued_at < utc_now_plus(-resend_after.total_seconds())
    due = or_(job.not_before.is_(None), job.not_before <= utc_now())
    unknown = or_(left_behind(), and_(job.status == Status.QUEUED, due, or_(never, long_ago)))
    statement = select(job.job_id, job.correlation_id).where(unknown, not_(is_over(max_claims)))
    return list(connection.execute(statement.order_by(job.created_at).limit(limit)))


def seconds_until_due(connection: Connection, job_id: str) -> float | None:
    """How long a queued job must still wait for its next attempt, by the database's clock; None where it need not."""
    waiting = (job.job_id == job_id, job.status == Status.QUEUED, job.not_before > utc_now())
    row = connection.execute(select(job.not_before, utc_now().label("now")).where(*waiting)).one_or_none()
    return None if row is None else float((row.not_before - row.now).total_seconds())


def over(connection: Connection, max_claims: int, limit: int) -> list[Row[Any]]:
    """Jobs that have not ended and never will by themselves: job_id, report_id and requested_by."""
    columns = (job.job_id, job.report_id, job.requested_by)
    statement = select(*columns).where(is_over(max_claims)).order_by(job.created_at).limit(limit)
    return list(connection.execute(statement))
