"""The product's own tables: jobs, schedules, deliveries, audit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.tables import Guid, Instant, Json, between, json_checks, key_text, one_of

revision = "reporting_0001"
down_revision = None
branch_labels = ("reporting",)
depends_on = None


def upgrade() -> None:
    """Creates the tables and their indexes."""
    _alerts()
    _audit_log()
    _fsp_formats()
    _report_deliveries()
    _report_jobs()
    _saved_parameters()
    _schedule_occurrences()
    _scheduled_reports()
    _unsubscribes()


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", key_text(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", key_text(), nullable=False),
        sa.Column("subject", sa.Unicode(255), nullable=False),
        sa.Column("details", Json()),
        *json_checks("details"),
        schema="reporting",
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", key_text(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", key_text(), nullable=False),
        sa.Column("actor_ip", key_text()),
        sa.Column("action", key_text(), nullable=False),
        sa.Column("target", key_text(255)),
        sa.Column("outcome", key_text(), nullable=False),
        sa.Column("details", Json()),
        *json_checks("details"),
        schema="reporting",
    )
    op.create_index("ix_audit_log_actor_at", "audit_log", ["actor", "at"], schema="reporting")
    op.create_index("ix_audit_log_at", "audit_log", ["at"], schema="reporting")


def _fsp_formats() -> None:
    op.create_table(
        "fsp_formats",
        sa.Column("bank_id", Guid(), primary_key=True),
        sa.Column("columns", Json(), nullable=False),
        *json_checks("columns"),
        schema="reporting",
    )


def _report_deliveries() -> None:
    op.create_table(
        "report_deliveries",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("job_id", key_text(), nullable=False),
        sa.Column("schedule_id", Guid()),
        sa.Column("occurrence_key", key_text()),
        sa.Column("recipient", key_text(320), nullable=False),
        sa.Column("status", key_text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant()),
        sa.Column("lease_until", Instant()),
        sa.Column("message_id", sa.Unicode(500)),
        sa.Column("error", sa.Unicode(500)),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.UniqueConstraint("schedule_id", "occurrence_key", "recipient", "job_id"),
        one_of("status", "pending", "sending", "accepted", "failed", "unknown"),
        schema="reporting",
    )
    op.create_index(
        "ix_report_deliveries_status_next", "report_deliveries", ["status", "next_attempt_at"], schema="reporting"
    )


def _report_jobs() -> None:
    op.create_table("report_jobs", *_report_jobs_columns(), *_report_jobs_checks(), schema="reporting")
    _partial_index(
        "ix_report_jobs_lease", "report_jobs", ["lease_until"], sa.column("status", key_text()) == "processing"
    )
    op.create_index(
        "ix_report_jobs_requester_created",
        "report_jobs",
        ["requested_by", sa.column("created_at").desc()],
        schema="reporting",
    )
    op.create_index("ix_report_jobs_schedule", "report_jobs", ["schedule_id"], schema="reporting")
    op.create_index("ix_report_jobs_status_created", "report_jobs", ["status", "created_at"], schema="reporting")
    _partial_index("ix_report_jobs_unsent", "report_jobs", ["enqueued_at"], sa.column("enqueued_at").is_(None))
    _partial_index(
        "uq_report_jobs_event",
        "report_jobs",
        ["source", "event_id"],
        sa.and_(sa.column("source").is_not(None), sa.column("event_id").is_not(None)),
        unique=True,
    )
    _partial_index(
        "uq_report_jobs_idempotency",
        "report_jobs",
        ["requested_by", "idempotency_key"],
        sa.column("idempotency_key").is_not(None),
        unique=True,
    )
    _partial_index(
        "uq_report_jobs_occurrence",
        "report_jobs",
        ["schedule_id", "occurrence_key", "partition_key"],
        sa.and_(sa.column("schedule_id").is_not(None), sa.column("occurrence_key").is_not(None)),
        unique=True,
    )


def _report_jobs_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("job_id", key_text(), primary_key=True),
        sa.Column("report_id", key_text(), nullable=False),
        sa.Column("report_name", sa.Unicode(255), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("output_config", Json(), nullable=False),
        sa.Column("scope", Json(), nullable=False),
        sa.Column("status", key_text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("phase", key_text(), nullable=False),
        sa.Column("message", sa.Unicode(500)),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer()),
        sa.Column("row_count", sa.Integer()),
        sa.Column("file_size", sa.BigInteger()),
        sa.Column("file_name", sa.Unicode(255)),
        sa.Column("blob_name", sa.Unicode(500)),
        sa.Column("content_sha256", key_text(64)),
        sa.Column("error_code", key_text()),
        sa.Column("error", sa.Unicode(500)),
        sa.Column("requested_by", key_text(), nullable=False),
        sa.Column("requested_via", key_text(), nullable=False),
        sa.Column("source", key_text(255)),
        sa.Column("event_id", key_text(255)),
        sa.Column("correlation_id", key_text(128)),
        sa.Column("schedule_id", Guid()),
        sa.Column("occurrence_key", key_text()),
        sa.Column("partition_key", key_text(), nullable=False),
        sa.Column("idempotency_key", key_text(128)),
        sa.Column("params_hash", key_text(64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", Instant()),
        sa.Column("not_before", Instant()),
        sa.Column("cancel_requested_at", Instant()),
        sa.Column("enqueued_at", Instant()),
        sa.Column("outcome_published_at", Instant()),
        sa.Column("data_as_of", Instant()),
        sa.Column("summary", Json()),
        sa.Column("chart_blob", sa.Unicode(500)),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant()),
        sa.Column("completed_at", Instant()),
        sa.Column("expires_at", Instant()),
        sa.Column("deleted_at", Instant()),
    ]


def _report_jobs_checks() -> list[sa.CheckConstraint]:
    return [
        one_of("status", "queued", "processing", "completed", "failed", "cancelled"),
        one_of("requested_via", "http", "schedule", "queue"),
        between("progress", 0, 100),
        *json_checks("params", "output_config", "scope", "summary"),
    ]


def _saved_parameters() -> None:
    op.create_table(
        "saved_parameters",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("owner", key_text(), nullable=False),
        sa.Column("report_id", key_text(), nullable=False),
        sa.Column("name", key_text(255), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("output_config", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("owner", "report_id", "name"),
        *json_checks("params", "output_config"),
        schema="reporting",
    )


def _schedule_occurrences() -> None:
    op.create_table(
        "schedule_occurrences",
        sa.Column("schedule_id", Guid(), nullable=False),
        sa.Column("occurrence_key", key_text(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("outcome", key_text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "occurrence_key"),
        one_of("outcome", "fired", "missed", "skipped"),
        schema="reporting",
    )


def _scheduled_reports() -> None:
    op.create_table(
        "scheduled_reports", *_scheduled_reports_columns(), *_scheduled_reports_checks(), schema="reporting"
    )
    op.create_index("ix_scheduled_reports_creator", "scheduled_reports", ["created_by"], schema="reporting")
    _partial_index(
        "ix_scheduled_reports_due",
        "scheduled_reports",
        ["next_run_at"],
        sa.column("enabled", sa.Boolean()) == sa.true(),
    )


def _scheduled_reports_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("report_id", key_text(), nullable=False),
        sa.Column("report_name", sa.Unicode(255), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("output_config", Json(), nullable=False),
        sa.Column("frequency", key_text(), nullable=False),
        sa.Column("day_of_week", sa.Integer()),
        sa.Column("day_of_month", sa.Integer()),
        sa.Column("time", key_text(5), nullable=False),
        sa.Column("timezone", key_text(), nullable=False),
        sa.Column("recipients", Json(), nullable=False),
        sa.Column("misfire_policy", key_text(), nullable=False),
        sa.Column("holidays", Json()),
        sa.Column("holiday_rule", key_text()),
        sa.Column("only_when_rows", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("paused_reason", sa.Unicode(500)),
        sa.Column("next_run_at", Instant()),
        sa.Column("last_run_at", Instant()),
        sa.Column("last_run_status", key_text()),
        sa.Column("last_run_error", sa.Unicode(500)),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("consecutive_failures", sa.Integer(), nullable=False),
        sa.Column("visibility", key_text(), nullable=False),
        sa.Column("created_by", key_text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Instant()),
    ]


def _scheduled_reports_checks() -> list[sa.CheckConstraint]:
    return [
        one_of("frequency", "daily", "weekly", "monthly"),
        one_of("misfire_policy", "coalesce", "skip", "backfill"),
        one_of("holiday_rule", "skip", "next_working_day"),
        one_of("last_run_status", "success", "failed"),
        one_of("visibility", "own", "bank"),
        between("day_of_week", 0, 6),
        between("day_of_month", 1, 31),
        *json_checks("params", "output_config", "recipients", "holidays"),
    ]


def _unsubscribes() -> None:
    op.create_table(
        "unsubscribes",
        sa.Column("schedule_id", Guid(), nullable=False),
        sa.Column("recipient", key_text(320), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "recipient"),
        schema="reporting",
    )


def _partial_index(
    name: str, table: str, columns: list[str], where: sa.ColumnElement[bool], *, unique: bool = False
) -> None:
    options: dict[str, Any] = {f"{dialect}_where": where for dialect in ("mssql", "postgresql", "sqlite")}
    op.create_index(name, table, columns, unique=unique, schema="reporting", **options)
