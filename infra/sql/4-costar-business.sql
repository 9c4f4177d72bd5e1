-- The CoSTAR business tables, for sample data and tests: a deployment has its own.
-- Branch costar_business of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
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

-- Revision costar_business_0001: The CoSTAR business tables, for sample data and tests: a deployment has its own.
IF EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num IN ('costar_business_0001')) SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
CREATE TABLE costar.banks (
    id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(255) NOT NULL,
    code NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    active BIT NOT NULL DEFAULT 1,
    CONSTRAINT pk_banks PRIMARY KEY (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.devices (
    id UNIQUEIDENTIFIER NOT NULL,
    serial_number NVARCHAR(255) NOT NULL,
    model NVARCHAR(255) NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    bank_id UNIQUEIDENTIFIER NULL,
    CONSTRAINT pk_devices PRIMARY KEY (id),
    CONSTRAINT fk_devices_bank_id FOREIGN KEY(bank_id) REFERENCES costar.banks (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.user_profiles (
    id UNIQUEIDENTIFIER NOT NULL,
    subject NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    full_name NVARCHAR(255) NOT NULL,
    email NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
    phone NVARCHAR(50) NULL,
    role NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    region NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    bank_id UNIQUEIDENTIFIER NULL,
    active BIT NOT NULL DEFAULT 1,
    CONSTRAINT pk_user_profiles PRIMARY KEY (id),
    CONSTRAINT ck_user_profiles_role CHECK ("role" IN ('admin', 'bank_admin', 'account_manager', 'engineer')),
    CONSTRAINT uq_user_profiles_subject UNIQUE (subject),
    CONSTRAINT fk_user_profiles_bank_id FOREIGN KEY(bank_id) REFERENCES costar.banks (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.calls (
    id UNIQUEIDENTIFIER NOT NULL,
    call_number NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    type NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    priority NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    client_bank UNIQUEIDENTIFIER NULL,
    client_name NVARCHAR(255) NULL,
    client_contact NVARCHAR(255) NULL,
    client_phone NVARCHAR(50) NULL,
    client_address NVARCHAR(500) NULL,
    city NVARCHAR(255) NULL,
    state NVARCHAR(255) NULL,
    pin_code NVARCHAR(50) NULL,
    client_id NVARCHAR(50) NULL,
    latitude DOUBLE PRECISION NULL,
    longitude DOUBLE PRECISION NULL,
    scheduled_date DATE NULL,
    scheduled_time_window NVARCHAR(50) NULL,
    assigned_engineer UNIQUEIDENTIFIER NULL,
    assigned_at DATETIME2(6) NULL,
    started_at DATETIME2(6) NULL,
    completed_at DATETIME2(6) NULL,
    estimated_duration_minutes INTEGER NULL,
    actual_duration_minutes INTEGER NULL,
    requires_device BIT NULL,
    requires_photo BIT NULL,
    description NVARCHAR(max) NULL,
    resolution_notes NVARCHAR(max) NULL,
    metadata NVARCHAR(max) NULL,
    created_at DATETIME2(6) NOT NULL,
    updated_at DATETIME2(6) NULL,
    updated_by UNIQUEIDENTIFIER NULL,
    CONSTRAINT pk_calls PRIMARY KEY (id),
    CONSTRAINT ck_calls_metadata_json CHECK (ISJSON("metadata") = 1),
    CONSTRAINT uq_calls_call_number UNIQUE (call_number),
    CONSTRAINT fk_calls_client_bank FOREIGN KEY(client_bank) REFERENCES costar.banks (id),
    CONSTRAINT fk_calls_assigned_engineer FOREIGN KEY(assigned_engineer) REFERENCES costar.user_profiles (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_bank_scheduled ON costar.calls (client_bank, scheduled_date);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_completed ON costar.calls (completed_at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_created ON costar.calls (created_at);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_engineer_scheduled ON costar.calls (assigned_engineer, scheduled_date);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_scheduled_created_id ON costar.calls (scheduled_date, created_at, id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_calls_scheduled_status ON costar.calls (scheduled_date, status);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.call_devices (
    call_id UNIQUEIDENTIFIER NOT NULL,
    device_id UNIQUEIDENTIFIER NOT NULL,
    role NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_call_devices PRIMARY KEY (call_id, device_id, role),
    CONSTRAINT fk_call_devices_call_id FOREIGN KEY(call_id) REFERENCES costar.calls (id),
    CONSTRAINT fk_call_devices_device_id FOREIGN KEY(device_id) REFERENCES costar.devices (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_call_devices_call ON costar.call_devices (call_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE costar.photos (
    id UNIQUEIDENTIFIER NOT NULL,
    call_id UNIQUEIDENTIFIER NOT NULL,
    storage_path NVARCHAR(500) NOT NULL,
    kind NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    file_size INTEGER NULL,
    content_type NVARCHAR(255) NULL,
    taken_at DATETIME2(6) NULL,
    uploaded_at DATETIME2(6) NULL,
    uploaded_by UNIQUEIDENTIFIER NULL,
    CONSTRAINT pk_photos PRIMARY KEY (id),
    CONSTRAINT fk_photos_call_id FOREIGN KEY(call_id) REFERENCES costar.calls (id)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX ix_photos_call ON costar.photos (call_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
INSERT INTO reporting.schema_versions (version_num) VALUES ('costar_business_0001');
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO
