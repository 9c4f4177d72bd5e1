"""How long a job will take: its rows at the pace of its last 50 likes, after the jobs before it."""

from statistics import median

from sqlalchemy import Connection, func, select

from shared.jobs.states import Status
from shared.jobs.store import job
from shared.tables import report_jobs

_LIKES = 50
_LOOKED_THROUGH = 200  # jobs of the report, in whatever format
_SEED_SECONDS_PER_ROW = 0.0002  # CSV on the development machine, until there are jobs to learn from
_FIXED_SECONDS = 1.0


def estimated_seconds(connection: Connection, report_id: str, output_format: str, rows: int) -> int:
    """Whole seconds, at least 1: rows × median seconds per row, plus the wait behind running and queued jobs."""
    columns = (job.output_config, job.row_count, job.started_at, job.completed_at)
    recent = (
        select(*columns)
        .where(job.report_id == report_id, job.status == Status.COMPLETED, job.row_count > 0)
        .order_by(job.created_at.desc())
        .limit(_LOOKED_THROUGH)
    )
    likes = [row for row in connection.execute(recent) if row.output_config.get("format") == output_format][:_LIKES]
    spans = [(row.completed_at - row.started_at).total_seconds() for row in likes]
    pace = (
        median(span / row.row_count for span, row in zip(spans, likes, strict=True)) if likes else _SEED_SECONDS_PER_ROW
    )
    running = select(func.count()).where(job.status.in_((Status.QUEUED, Status.PROCESSING)))
    waiting: int = connection.execute(running.select_from(report_jobs)).scalar_one()
    queue_wait = waiting * (median(spans) if spans else _FIXED_SECONDS)
    return max(1, round(rows * pace + queue_wait))
