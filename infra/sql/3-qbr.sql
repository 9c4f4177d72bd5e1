-- The tables of the QBR schema that are ours.
-- Branch qbr of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
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
IF SCHEMA_ID(N'qbr') IS NULL EXEC(N'CREATE SCHEMA qbr');
GO
IF OBJECT_ID(N'reporting.schema_versions', N'U') IS NULL
CREATE TABLE reporting.schema_versions (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT schema_versions_pkc PRIMARY KEY (version_num)
);
GO

-- Revision qbr_0001: The tables of the QBR schema that are ours.
IF EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num IN ('qbr_0001')) SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
CREATE TABLE qbr.customer_managers (
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    subject NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_customer_managers PRIMARY KEY ([CustomerID], subject)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[QBR_Sessions] (
    qbr_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    customer_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    customer_name NVARCHAR(255) NOT NULL,
    quarter NVARCHAR(2) COLLATE Latin1_General_100_BIN2 NOT NULL,
    fiscal_year INTEGER NOT NULL,
    meeting_date DATE NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    notes NVARCHAR(max) NULL,
    metrics_snapshot NVARCHAR(max) NULL,
    assumptions NVARCHAR(max) NULL,
    version INTEGER NOT NULL,
    created_date DATETIME2(6) NOT NULL,
    created_by NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    last_modified_date DATETIME2(6) NOT NULL,
    last_modified_by NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [pk_QBR_Sessions] PRIMARY KEY (qbr_id),
    CONSTRAINT [uq_QBR_Sessions_customer_id_fiscal_year_quarter] UNIQUE (customer_id, fiscal_year, quarter),
    CONSTRAINT [ck_QBR_Sessions_quarter] CHECK ("quarter" IN ('Q1', 'Q2', 'Q3', 'Q4')),
    CONSTRAINT [ck_QBR_Sessions_status] CHECK ("status" IN ('draft', 'finalized')),
    CONSTRAINT [ck_QBR_Sessions_metrics_snapshot_json] CHECK (ISJSON("metrics_snapshot") = 1),
    CONSTRAINT [ck_QBR_Sessions_assumptions_json] CHECK (ISJSON("assumptions") = 1)
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Sessions_customer] ON qbr.[QBR_Sessions] (customer_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Sessions_quarter_year] ON qbr.[QBR_Sessions] (quarter, fiscal_year);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Sessions_status] ON qbr.[QBR_Sessions] (status);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[Equipment_Condition_History] (
    condition_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    equipment_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    customer_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    assessment_date DATE NOT NULL,
    condition_status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    age_years NUMERIC(5, 2) NULL,
    annual_maintenance_cost NUMERIC(12, 2) NULL,
    notes NVARCHAR(max) NULL,
    assessed_by NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    created_date DATETIME2(6) NOT NULL,
    CONSTRAINT [pk_Equipment_Condition_History] PRIMARY KEY (condition_id),
    CONSTRAINT [uq_Equipment_Condition_History_equipment_id_assessment_date] UNIQUE (equipment_id, assessment_date),
    CONSTRAINT [ck_Equipment_Condition_History_condition_status] CHECK ("condition_status" IN ('good', 'monitor', 'replace'))
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Equipment_Condition_History_assessed] ON qbr.[Equipment_Condition_History] (assessment_date);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Equipment_Condition_History_condition] ON qbr.[Equipment_Condition_History] (condition_status);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Equipment_Condition_History_customer] ON qbr.[Equipment_Condition_History] (customer_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Equipment_Condition_History_equipment] ON qbr.[Equipment_Condition_History] (equipment_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[QBR_Business_Priorities] (
    priority_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    qbr_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    priority_number INTEGER NOT NULL,
    title NVARCHAR(255) NOT NULL,
    description NVARCHAR(max) NULL,
    created_date DATETIME2(6) NOT NULL,
    CONSTRAINT [pk_QBR_Business_Priorities] PRIMARY KEY (priority_id),
    CONSTRAINT [uq_QBR_Business_Priorities_qbr_id_priority_number] UNIQUE (qbr_id, priority_number),
    CONSTRAINT [ck_QBR_Business_Priorities_priority_number] CHECK ("priority_number" BETWEEN 1 AND 3),
    CONSTRAINT [fk_QBR_Business_Priorities_qbr_id] FOREIGN KEY(qbr_id) REFERENCES qbr.[QBR_Sessions] (qbr_id) ON DELETE CASCADE
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Business_Priorities_session] ON qbr.[QBR_Business_Priorities] (qbr_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[QBR_Recommendations] (
    recommendation_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    qbr_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    category NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [rule] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    title NVARCHAR(255) NOT NULL,
    description NVARCHAR(max) NULL,
    estimated_impact NVARCHAR(255) NULL,
    is_auto_generated BIT NOT NULL DEFAULT 0,
    evidence NVARCHAR(max) NULL,
    status NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_date DATETIME2(6) NOT NULL,
    CONSTRAINT [pk_QBR_Recommendations] PRIMARY KEY (recommendation_id),
    CONSTRAINT [ck_QBR_Recommendations_category] CHECK ("category" IN ('equipment_refresh', 'safety_training', 'optimization')),
    CONSTRAINT [ck_QBR_Recommendations_rule] CHECK ("rule" IN ('replace_units', 'more_pm', 'operator_training')),
    CONSTRAINT [ck_QBR_Recommendations_status] CHECK ("status" IN ('proposed', 'accepted', 'declined')),
    CONSTRAINT [ck_QBR_Recommendations_evidence_json] CHECK (ISJSON("evidence") = 1),
    CONSTRAINT [fk_QBR_Recommendations_qbr_id] FOREIGN KEY(qbr_id) REFERENCES qbr.[QBR_Sessions] (qbr_id) ON DELETE CASCADE
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Recommendations_session] ON qbr.[QBR_Recommendations] (qbr_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Recommendations_session_category] ON qbr.[QBR_Recommendations] (qbr_id, category);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[QBR_Action_Items] (
    action_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    qbr_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    party NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    description NVARCHAR(500) NOT NULL,
    owner_name NVARCHAR(100) NULL,
    due_date DATE NULL,
    completed BIT NOT NULL DEFAULT 0,
    completed_date DATE NULL,
    carried_from NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    created_date DATETIME2(6) NOT NULL,
    CONSTRAINT [pk_QBR_Action_Items] PRIMARY KEY (action_id),
    CONSTRAINT [ck_QBR_Action_Items_party] CHECK ("party" IN ('BMH', 'Customer')),
    CONSTRAINT [fk_QBR_Action_Items_qbr_id] FOREIGN KEY(qbr_id) REFERENCES qbr.[QBR_Sessions] (qbr_id) ON DELETE CASCADE
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Action_Items_session] ON qbr.[QBR_Action_Items] (qbr_id);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_QBR_Action_Items_session_due] ON qbr.[QBR_Action_Items] (qbr_id, due_date);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
INSERT INTO reporting.schema_versions (version_num) VALUES ('qbr_0001');
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO
