-- The two tables of the CoSTAR schema that are ours.
-- Branch costar of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
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
IF SCHEMA_ID(N'costar') IS NULL EXEC(N'CREATE SCHEMA costar');
GO
IF OBJECT_ID(N'reporting.schema_versions', N'U') IS NULL
CREATE TABLE reporting.schema_versions (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT schema_versions_pkc PRIMARY KEY (version_num)
);
GO

-- Revision costar_0001: The two tables of the CoSTAR schema that are ours.
IF EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num IN ('costar_0001')) SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
CREATE TABLE costar.call_events (
    id UNIQUEIDENTIFIER NOT NULL,
    call_id UNIQUEIDENTIFIER NOT NULL,
    at DATETIME2(6) NOT NULL,
    event_type NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    actor_id UNIQUEIDENTIFIER NULL,
    from_status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    to_status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    from_engineer UNIQUEIDENTIFIER NULL,
    to_engineer UNIQUEIDENTIFIER NULL,
    from_date DATE NULL,
    to_date DATE NULL,
    reason NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    details NVARCHAR(500) NULL,
    notes NVARCHAR(max) NULL,
    latitude DOUBLE PRECISION NULL,
    longitude DOUBLE PRECISION NULL,
    ip_address NVARCHAR(50) NULL,
    CONSTRAINT pk_call_events PRIMARY KEY (id),
    CONSTRAINT ck_call_events_event_type CHECK ("event_type" IN ('CREATED', 'ASSIGNED', 'REASSIGNED', 'RESCHEDULED', 'STARTED', 'COMPLETED', 'CANCELLED', 'NOTE', 'PHOTO_ADDED'))
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_call_events_at ON costar.call_events (at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_call_events_call_at ON costar.call_events (call_id, at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.customer_surveys (
    id UNIQUEIDENTIFIER NOT NULL,
    call_id UNIQUEIDENTIFIER NOT NULL,
    survey_date DATETIME2(6) NOT NULL,
    overall_rating INTEGER NULL,
    installation_quality INTEGER NULL,
    engineer_professionalism INTEGER NULL,
    timeliness INTEGER NULL,
    device_functionality INTEGER NULL,
    would_recommend BIT NULL,
    comments NVARCHAR(max) NULL,
    metadata NVARCHAR(max) NULL,
    created_at DATETIME2(6) NOT NULL,
    CONSTRAINT pk_customer_surveys PRIMARY KEY (id),
    CONSTRAINT ck_customer_surveys_overall_rating CHECK ("overall_rating" BETWEEN 1 AND 5),
    CONSTRAINT ck_customer_surveys_installation_quality CHECK ("installation_quality" BETWEEN 1 AND 5),
    CONSTRAINT ck_customer_surveys_engineer_professionalism CHECK ("engineer_professionalism" BETWEEN 1 AND 5),
    CONSTRAINT ck_customer_surveys_timeliness CHECK ("timeliness" BETWEEN 1 AND 5),
    CONSTRAINT ck_customer_surveys_device_functionality CHECK ("device_functionality" BETWEEN 1 AND 5),
    CONSTRAINT ck_customer_surveys_metadata_json CHECK (ISJSON("metadata") = 1),
    CONSTRAINT uq_customer_surveys_call_id UNIQUE (call_id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_customer_surveys_overall_rating ON costar.customer_surveys (overall_rating);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_customer_surveys_survey_date ON costar.customer_surveys (survey_date);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
INSERT INTO reporting.schema_versions (version_num) VALUES ('costar_0001');
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO
