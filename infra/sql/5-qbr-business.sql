-- The forklift dealer's tables, for sample data and tests: a deployment has its own.
-- Branch qbr_business of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
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

-- Revision qbr_business_0001: The forklift dealer's tables, for sample data and tests: a deployment has its own.
IF EXISTS (SELECT 1 FROM reporting.schema_versions WHERE version_num IN ('qbr_business_0001')) SET NOEXEC ON;
GO
BEGIN TRANSACTION;
GO
CREATE TABLE qbr.[Customers] (
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CustomerName] NVARCHAR(255) NOT NULL,
    [Active] BIT NOT NULL,
    [FiscalYearStartMonth] INTEGER NULL,
    [AccountManager] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [pk_Customers] PRIMARY KEY ([CustomerID])
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[Equipment] (
    [EquipmentID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [UnitNumber] NVARCHAR(255) NULL,
    [EquipmentType] NVARCHAR(255) NULL,
    [Make] NVARCHAR(255) NULL,
    [Model] NVARCHAR(255) NULL,
    [SerialNumber] NVARCHAR(255) NULL,
    [OwnershipType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [Status] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [AcquisitionDate] DATE NULL,
    [DisposalDate] DATE NULL,
    [ReplacementValue] NUMERIC(12, 2) NULL,
    [Location] NVARCHAR(255) NULL,
    CONSTRAINT [pk_Equipment] PRIMARY KEY ([EquipmentID]),
    CONSTRAINT [fk_Equipment_CustomerID] FOREIGN KEY([CustomerID]) REFERENCES qbr.[Customers] ([CustomerID])
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Equipment_customer] ON qbr.[Equipment] ([CustomerID]);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[PartsOrders] (
    [PartsOrderID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [OrderDate] DATE NULL,
    [Category] NVARCHAR(255) NULL,
    [TotalAmount] NUMERIC(12, 2) NULL,
    CONSTRAINT [pk_PartsOrders] PRIMARY KEY ([PartsOrderID]),
    CONSTRAINT [fk_PartsOrders_CustomerID] FOREIGN KEY([CustomerID]) REFERENCES qbr.[Customers] ([CustomerID])
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_PartsOrders_customer_date] ON qbr.[PartsOrders] ([CustomerID], [OrderDate]);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[Rentals] (
    [RentalID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [StartDate] DATE NULL,
    [EndDate] DATE NULL,
    [TotalCost] NUMERIC(12, 2) NULL,
    CONSTRAINT [pk_Rentals] PRIMARY KEY ([RentalID]),
    CONSTRAINT [fk_Rentals_CustomerID] FOREIGN KEY([CustomerID]) REFERENCES qbr.[Customers] ([CustomerID])
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_Rentals_customer_start] ON qbr.[Rentals] ([CustomerID], [StartDate]);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE TABLE qbr.[ServiceOrders] (
    [ServiceOrderID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CustomerID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EquipmentID] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [ServiceType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [Status] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [ServiceDate] DATE NULL,
    [CallReceived] DATETIME2(6) NULL,
    [TechnicianArrived] DATETIME2(6) NULL,
    [VisitCount] INTEGER NULL,
    [LaborCost] NUMERIC(12, 2) NULL,
    [PartsCost] NUMERIC(12, 2) NULL,
    [TotalCost] NUMERIC(12, 2) NULL,
    [DowntimeHours] DOUBLE PRECISION NULL,
    CONSTRAINT [pk_ServiceOrders] PRIMARY KEY ([ServiceOrderID]),
    CONSTRAINT [fk_ServiceOrders_CustomerID] FOREIGN KEY([CustomerID]) REFERENCES qbr.[Customers] ([CustomerID]),
    CONSTRAINT [fk_ServiceOrders_EquipmentID] FOREIGN KEY([EquipmentID]) REFERENCES qbr.[Equipment] ([EquipmentID])
);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
CREATE INDEX [ix_ServiceOrders_customer_date] ON qbr.[ServiceOrders] ([CustomerID], [ServiceDate]);
GO
IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;
GO
INSERT INTO reporting.schema_versions (version_num) VALUES ('qbr_business_0001');
COMMIT TRANSACTION;
GO
SET NOEXEC OFF;
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
GO
