-- The product's own tables: jobs, schedules, deliveries, audit.
-- Branch reporting of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
-- For Azure SQL Database, or SQL Server 2019 and later; by sqlcmd, SSMS or anything else that knows GO.
-- It may be run again, and over any older state: reporting.schema_versions holds the last revision of this
-- branch, and a revision that is in already is passed over. Each revision is one transaction, which the first error
-- rolls back; what follows it is not executed then. Nothing is dropped, and no row but that of the revision is written.
SET QUOTED_IDENTIFIER ON;
SET ANSI_NULLS ON;
SET XACT_ABORT ON;
SET NOCOUNT ON;
GO
IF SCHEMA_ID(N'reporting') IS NULL EXEC(N'CREATE SCHEMA reporting');
GO
IF OBJECT_ID(N'reporting.schema_versions', N'U') IS NULL
CREATE TABLE reporting.schema_versions (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT schema_versions_pkc PRIMARY KEY (version_num)
);
GO

-- Revision reporting_0001: The product's own tables: jobs, schedules, deliveries, audit.
IF EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num IN ('reporting_0001', 'reporting_0002')) SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
CREATE TABLE reporting.alerts (
    id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at DATETIME2(6) NOT NULL,
    kind NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    subject NVARCHAR(255) NOT NULL,
    details NVARCHAR(max) NULL,
    CONSTRAINT pk_alerts PRIMARY KEY (id),
    CONSTRAINT ck_alerts_details_json CHECK (ISJSON("details") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.audit_log (
    id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at DATETIME2(6) NOT NULL,
    actor NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    actor_ip NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    action NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    target NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    outcome NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    details NVARCHAR(max) NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (id),
    CONSTRAINT ck_audit_log_details_json CHECK (ISJSON("details") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_audit_log_actor_at ON reporting.audit_log (actor, at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_audit_log_at ON reporting.audit_log (at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.fsp_formats (
    bank_id UNIQUEIDENTIFIER NOT NULL,
    columns NVARCHAR(max) NOT NULL,
    CONSTRAINT pk_fsp_formats PRIMARY KEY (bank_id),
    CONSTRAINT ck_fsp_formats_columns_json CHECK (ISJSON("columns") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.report_deliveries (
    id UNIQUEIDENTIFIER NOT NULL,
    job_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    schedule_id UNIQUEIDENTIFIER NULL,
    occurrence_key NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    recipient NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at DATETIME2(6) NULL,
    lease_until DATETIME2(6) NULL,
    message_id NVARCHAR(500) NULL,
    error NVARCHAR(500) NULL,
    updated_at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_report_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_report_deliveries_schedule_id_occurrence_key_recipient_job_id UNIQUE (schedule_id, occurrence_key, recipient, job_id),
    CONSTRAINT ck_report_deliveries_status CHECK ("status" IN ('pending', 'sending', 'accepted', 'failed', 'unknown'))
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_deliveries_status_next ON reporting.report_deliveries (status, next_attempt_at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.report_jobs (
    job_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    report_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    report_name NVARCHAR(255) NOT NULL,
    params NVARCHAR(max) NOT NULL,
    output_config NVARCHAR(max) NOT NULL,
    scope NVARCHAR(max) NOT NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    progress INTEGER NOT NULL,
    phase NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    message NVARCHAR(500) NULL,
    rows_done INTEGER NOT NULL,
    rows_total INTEGER NULL,
    row_count INTEGER NULL,
    file_size BIGINT NULL,
    file_name NVARCHAR(255) NULL,
    blob_name NVARCHAR(500) NULL,
    content_sha256 NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NULL,
    error_code NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    error NVARCHAR(500) NULL,
    requested_by NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    requested_via NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    source NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    event_id NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    correlation_id NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    schedule_id UNIQUEIDENTIFIER NULL,
    occurrence_key NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    partition_key NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    idempotency_key NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    params_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    attempt INTEGER NOT NULL,
    lease_until DATETIME2(6) NULL,
    not_before DATETIME2(6) NULL,
    cancel_requested_at DATETIME2(6) NULL,
    enqueued_at DATETIME2(6) NULL,
    outcome_published_at DATETIME2(6) NULL,
    data_as_of DATETIME2(6) NULL,
    summary NVARCHAR(max) NULL,
    chart_blob NVARCHAR(500) NULL,
    notify BIT NOT NULL,
    created_at DATETIME2(6) NOT NULL,
    started_at DATETIME2(6) NULL,
    completed_at DATETIME2(6) NULL,
    expires_at DATETIME2(6) NULL,
    deleted_at DATETIME2(6) NULL,
    CONSTRAINT pk_report_jobs PRIMARY KEY (job_id),
    CONSTRAINT ck_report_jobs_status CHECK ("status" IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
    CONSTRAINT ck_report_jobs_requested_via CHECK ("requested_via" IN ('http', 'schedule', 'queue')),
    CONSTRAINT ck_report_jobs_progress CHECK ("progress" BETWEEN 0 AND 100),
    CONSTRAINT ck_report_jobs_params_json CHECK (ISJSON("params") = 1),
    CONSTRAINT ck_report_jobs_output_config_json CHECK (ISJSON("output_config") = 1),
    CONSTRAINT ck_report_jobs_scope_json CHECK (ISJSON("scope") = 1),
    CONSTRAINT ck_report_jobs_summary_json CHECK (ISJSON("summary") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_lease ON reporting.report_jobs (lease_until) WHERE status = N'processing';
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_requester_created ON reporting.report_jobs (requested_by, created_at DESC);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_schedule ON reporting.report_jobs (schedule_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_status_created ON reporting.report_jobs (status, created_at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_unsent ON reporting.report_jobs (enqueued_at) WHERE enqueued_at IS NULL;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE UNIQUE INDEX uq_report_jobs_event ON reporting.report_jobs (source, event_id) WHERE source IS NOT NULL AND event_id IS NOT NULL;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE UNIQUE INDEX uq_report_jobs_idempotency ON reporting.report_jobs (requested_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE UNIQUE INDEX uq_report_jobs_occurrence ON reporting.report_jobs (schedule_id, occurrence_key, partition_key) WHERE schedule_id IS NOT NULL AND occurrence_key IS NOT NULL;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.saved_parameters (
    id UNIQUEIDENTIFIER NOT NULL,
    owner NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    report_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    params NVARCHAR(max) NOT NULL,
    output_config NVARCHAR(max) NOT NULL,
    created_at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_saved_parameters PRIMARY KEY (id),
    CONSTRAINT uq_saved_parameters_owner_report_id_name UNIQUE (owner, report_id, name),
    CONSTRAINT ck_saved_parameters_params_json CHECK (ISJSON("params") = 1),
    CONSTRAINT ck_saved_parameters_output_config_json CHECK (ISJSON("output_config") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.schedule_occurrences (
    schedule_id UNIQUEIDENTIFIER NOT NULL,
    occurrence_key NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    local_date DATE NOT NULL,
    due_at DATETIME2(6) NOT NULL,
    outcome NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_schedule_occurrences PRIMARY KEY (schedule_id, occurrence_key),
    CONSTRAINT ck_schedule_occurrences_outcome CHECK ("outcome" IN ('fired', 'missed', 'skipped'))
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.scheduled_reports (
    id UNIQUEIDENTIFIER NOT NULL,
    report_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    report_name NVARCHAR(255) NOT NULL,
    params NVARCHAR(max) NOT NULL,
    output_config NVARCHAR(max) NOT NULL,
    frequency NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    day_of_week INTEGER NULL,
    day_of_month INTEGER NULL,
    time NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
    timezone NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    recipients NVARCHAR(max) NOT NULL,
    misfire_policy NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    holidays NVARCHAR(max) NULL,
    holiday_rule NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    only_when_rows BIT NOT NULL DEFAULT 0,
    enabled BIT NOT NULL DEFAULT 1,
    paused_reason NVARCHAR(500) NULL,
    next_run_at DATETIME2(6) NULL,
    last_run_at DATETIME2(6) NULL,
    last_run_status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    last_run_error NVARCHAR(500) NULL,
    run_count INTEGER NOT NULL,
    consecutive_failures INTEGER NOT NULL,
    visibility NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_by NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_at DATETIME2(6) NOT NULL,
    updated_at DATETIME2(6) NOT NULL,
    version INTEGER NOT NULL,
    deleted_at DATETIME2(6) NULL,
    CONSTRAINT pk_scheduled_reports PRIMARY KEY (id),
    CONSTRAINT ck_scheduled_reports_frequency CHECK ("frequency" IN ('daily', 'weekly', 'monthly')),
    CONSTRAINT ck_scheduled_reports_misfire_policy CHECK ("misfire_policy" IN ('coalesce', 'skip', 'backfill')),
    CONSTRAINT ck_scheduled_reports_holiday_rule CHECK ("holiday_rule" IN ('skip', 'next_working_day')),
    CONSTRAINT ck_scheduled_reports_last_run_status CHECK ("last_run_status" IN ('success', 'failed')),
    CONSTRAINT ck_scheduled_reports_visibility CHECK ("visibility" IN ('own', 'bank')),
    CONSTRAINT ck_scheduled_reports_day_of_week CHECK ("day_of_week" BETWEEN 0 AND 6),
    CONSTRAINT ck_scheduled_reports_day_of_month CHECK ("day_of_month" BETWEEN 1 AND 31),
    CONSTRAINT ck_scheduled_reports_params_json CHECK (ISJSON("params") = 1),
    CONSTRAINT ck_scheduled_reports_output_config_json CHECK (ISJSON("output_config") = 1),
    CONSTRAINT ck_scheduled_reports_recipients_json CHECK (ISJSON("recipients") = 1),
    CONSTRAINT ck_scheduled_reports_holidays_json CHECK (ISJSON("holidays") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_scheduled_reports_creator ON reporting.scheduled_reports (created_by);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_scheduled_reports_due ON reporting.scheduled_reports (next_run_at) WHERE enabled = 1;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.unsubscribes (
    schedule_id UNIQUEIDENTIFIER NOT NULL,
    recipient NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_unsubscribes PRIMARY KEY (schedule_id, recipient)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
INSERT INTO reporting.schema_versions (version_num) VALUES ('reporting_0001');
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO

-- Revision reporting_0002: Rate limits: the address of a request, the previews asked for, and the gates that serialise the counting.
IF NOT EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num = 'reporting_0001') SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
ALTER TABLE reporting.report_jobs ADD requested_address NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL;
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_report_jobs_address_created ON reporting.report_jobs (requested_address, created_at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.preview_requests (
    id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    requested_by NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_preview_requests PRIMARY KEY (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_preview_requests_requester_at ON reporting.preview_requests (requested_by, at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE reporting.rate_gates (
    gate NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    passed_at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_rate_gates PRIMARY KEY (gate)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
UPDATE reporting.schema_versions SET version_num = 'reporting_0002' WHERE version_num = 'reporting_0001';
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO
