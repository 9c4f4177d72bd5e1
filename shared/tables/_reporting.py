"""The product's own tables: jobs, schedules, deliveries, audit."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint, and_, false, true

from shared.tables._metadata import (
    REPORTING,
    between,
    index,
    json_checks,
    json_column,
    metadata,
    one_of,
    partial_index,
)
from shared.tables._types import Count, Day, Flag, Guid, Instant, Size, key_text, text

report_jobs = Table(
    "report_jobs",
    metadata,
    Column("job_id", key_text(), primary_key=True),
    Column("report_id", key_text(), nullable=False),
    Column("report_name", text(), nullable=False),
    json_column("params", nullable=False),
    json_column("output_config", nullable=False),
    json_column("scope", nullable=False),
    Column("status", key_text(), nullable=False),
    Column("progress", Count, nullable=False),
    Column("phase", key_text(), nullable=False),
    Column("message", text(500)),
    Column("rows_done", Count, nullable=False),
    Column("rows_total", Count),
    Column("row_count", Count),
    Column("file_size", Size),
    Column("file_name", text()),
    Column("blob_name", text(500)),
    Column("content_sha256", key_text(64)),
    Column("error_code", key_text()),
    Column("error", text(500)),
    Column("requested_by", key_text(), nullable=False),
    Column("requested_via", key_text(), nullable=False),
    Column("source", key_text(255)),
    Column("event_id", key_text(255)),
    Column("correlation_id", key_text(128)),
    Column("schedule_id", Guid()),
    Column("occurrence_key", key_text()),
    Column("partition_key", key_text(), nullable=False),
    Column("idempotency_key", key_text(128)),
    Column("params_hash", key_text(64), nullable=False),
    Column("attempt", Count, nullable=False),
    Column("lease_until", Instant()),
    Column("not_before", Instant()),
    Column("cancel_requested_at", Instant()),
    Column("enqueued_at", Instant()),
    Column("outcome_published_at", Instant()),
    Column("data_as_of", Instant()),
    json_column("summary"),
    Column("chart_blob", text(500)),
    Column("notify", Flag, nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("started_at", Instant()),
    Column("completed_at", Instant()),
    Column("expires_at", Instant()),
    Column("deleted_at", Instant()),
    Column("requested_address", key_text()),
    one_of("status", "queued", "processing", "completed", "failed", "cancelled"),
    one_of("requested_via", "http", "schedule", "queue"),
    between("progress", 0, 100),
    *json_checks("params", "output_config", "scope", "summary"),
    schema=REPORTING,
)
_job = report_jobs.c
index(report_jobs, "status_created", _job.status, _job.created_at)
index(report_jobs, "requester_created", _job.requested_by, _job.created_at.desc())
index(report_jobs, "schedule", _job.schedule_id)
index(report_jobs, "address_created", _job.requested_address, _job.created_at)
partial_index(report_jobs, "unsent", _job.enqueued_at, where=_job.enqueued_at.is_(None))
partial_index(report_jobs, "lease", _job.lease_until, where=_job.status == "processing")
partial_index(
    report_jobs,
    "idempotency",
    _job.requested_by,
    _job.idempotency_key,
    where=_job.idempotency_key.is_not(None),
    unique=True,
)
partial_index(
    report_jobs,
    "event",
    _job.source,
    _job.event_id,
    where=and_(_job.source.is_not(None), _job.event_id.is_not(None)),  # SQL Server takes two nulls for equal
    unique=True,
)
partial_index(
    report_jobs,
    "occurrence",
    _job.schedule_id,
    _job.occurrence_key,
    _job.partition_key,
    where=and_(_job.schedule_id.is_not(None), _job.occurrence_key.is_not(None)),
    unique=True,
)

scheduled_reports = Table(
    "scheduled_reports",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("report_id", key_text(), nullable=False),
    Column("report_name", text(), nullable=False),
    json_column("params", nullable=False),
    json_column("output_config", nullable=False),
    Column("frequency", key_text(), nullable=False),
    Column("day_of_week", Count),
    Column("day_of_month", Count),
    Column("time", key_text(5), nullable=False),
    Column("timezone", key_text(), nullable=False),
    json_column("recipients", nullable=False),
    Column("misfire_policy", key_text(), nullable=False),
    json_column("holidays"),
    Column("holiday_rule", key_text()),
    Column("only_when_rows", Flag, nullable=False, server_default=false()),
    Column("enabled", Flag, nullable=False, server_default=true()),
    Column("paused_reason", text(500)),
    Column("next_run_at", Instant()),
    Column("last_run_at", Instant()),
    Column("last_run_status", key_text()),
    Column("last_run_error", text(500)),
    Column("run_count", Count, nullable=False),
    Column("consecutive_failures", Count, nullable=False),
    Column("visibility", key_text(), nullable=False),
    Column("created_by", key_text(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("updated_at", Instant(), nullable=False),
    Column("version", Count, nullable=False),
    Column("deleted_at", Instant()),
    one_of("frequency", "daily", "weekly", "monthly"),
    one_of("misfire_policy", "coalesce", "skip", "backfill"),
    one_of("holiday_rule", "skip", "next_working_day"),
    one_of("last_run_status", "success", "failed"),
    one_of("visibility", "own", "bank"),
    between("day_of_week", 0, 6),
    between("day_of_month", 1, 31),
    *json_checks("params", "output_config", "recipients", "holidays"),
    schema=REPORTING,
)
partial_index(scheduled_reports, "due", scheduled_reports.c.next_run_at, where=scheduled_reports.c.enabled == true())
index(scheduled_reports, "creator", scheduled_reports.c.created_by)

schedule_occurrences = Table(
    "schedule_occurrences",
    metadata,
    Column("schedule_id", Guid(), nullable=False),
    Column("occurrence_key", key_text(), nullable=False),
    Column("local_date", Day, nullable=False),
    Column("due_at", Instant(), nullable=False),
    Column("outcome", key_text(), nullable=False),
    PrimaryKeyConstraint("schedule_id", "occurrence_key"),
    one_of("outcome", "fired", "missed", "skipped"),
    schema=REPORTING,
)

report_deliveries = Table(
    "report_deliveries",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("job_id", key_text(), nullable=False),
    Column("schedule_id", Guid()),
    Column("occurrence_key", key_text()),
    Column("recipient", key_text(320), nullable=False),
    Column("status", key_text(), nullable=False),
    Column("attempts", Count, nullable=False),
    Column("next_attempt_at", Instant()),
    Column("lease_until", Instant()),
    Column("message_id", text(500)),
    Column("error", text(500)),
    Column("updated_at", Instant(), nullable=False),
    UniqueConstraint("schedule_id", "occurrence_key", "recipient", "job_id"),
    one_of("status", "pending", "sending", "accepted", "failed", "unknown"),
    schema=REPORTING,
)
index(report_deliveries, "status_next", report_deliveries.c.status, report_deliveries.c.next_attempt_at)

unsubscribes = Table(
    "unsubscribes",
    metadata,
    Column("schedule_id", Guid(), nullable=False),
    Column("recipient", key_text(320), nullable=False),
    Column("at", Instant(), nullable=False),
    PrimaryKeyConstraint("schedule_id", "recipient"),
    schema=REPORTING,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", key_text(), primary_key=True),
    Column("at", Instant(), nullable=False),
    Column("kind", key_text(), nullable=False),
    Column("subject", text(), nullable=False),
    json_column("details"),
    *json_checks("details"),
    schema=REPORTING,
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", key_text(), primary_key=True),
    Column("at", Instant(), nullable=False),
    Column("actor", key_text(), nullable=False),
    Column("actor_ip", key_text()),
    Column("action", key_text(), nullable=False),
    Column("target", key_text(255)),
    Column("outcome", key_text(), nullable=False),
    json_column("details"),
    *json_checks("details"),
    schema=REPORTING,
)
index(audit_log, "at", audit_log.c.at)
index(audit_log, "actor_at", audit_log.c.actor, audit_log.c.at)

fsp_formats = Table(
    "fsp_formats",
    metadata,
    Column("bank_id", Guid(), primary_key=True),
    json_column("columns", nullable=False),
    *json_checks("columns"),
    schema=REPORTING,
)

saved_parameters = Table(
    "saved_parameters",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("owner", key_text(), nullable=False),
    Column("report_id", key_text(), nullable=False),
    Column("name", key_text(255), nullable=False),
    json_column("params", nullable=False),
    json_column("output_config", nullable=False),
    Column("created_at", Instant(), nullable=False),
    UniqueConstraint("owner", "report_id", "name"),
    *json_checks("params", "output_config"),
    schema=REPORTING,
)

preview_requests = Table(
    "preview_requests",
    metadata,
    Column("id", key_text(), primary_key=True),
    Column("requested_by", key_text(), nullable=False),
    Column("at", Instant(), nullable=False),
    schema=REPORTING,
)
index(preview_requests, "requester_at", preview_requests.c.requested_by, preview_requests.c.at)

# One row per person and address that ever asked: who holds it counts, whoever comes next waits and sees what he wrote.
rate_gates = Table(
    "rate_gates",
    metadata,
    Column("gate", key_text(128), primary_key=True),
    Column("passed_at", Instant(), nullable=False),
    schema=REPORTING,
)
