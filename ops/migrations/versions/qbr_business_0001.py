"""The forklift dealer's tables, for sample data and tests: a deployment has its own."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, key_text

revision = "qbr_business_0001"
down_revision = None
branch_labels = ("qbr_business",)
depends_on = None


def upgrade() -> None:
    """Creates the tables and their indexes."""
    _customers()
    _equipment()
    _parts_orders()
    _rentals()
    _service_orders()


def _customers() -> None:
    op.create_table(
        "Customers",
        sa.Column("CustomerID", key_text(), primary_key=True),
        sa.Column("CustomerName", sa.Unicode(255), nullable=False),
        sa.Column("Active", sa.Boolean(), nullable=False),
        sa.Column("FiscalYearStartMonth", sa.Integer()),
        sa.Column("AccountManager", key_text()),
        schema="qbr",
    )


def _equipment() -> None:
    op.create_table(
        "Equipment",
        sa.Column("EquipmentID", key_text(), primary_key=True),
        sa.Column("CustomerID", key_text(), sa.ForeignKey("qbr.Customers.CustomerID"), nullable=False),
        sa.Column("UnitNumber", sa.Unicode(255)),
        sa.Column("EquipmentType", sa.Unicode(255)),
        sa.Column("Make", sa.Unicode(255)),
        sa.Column("Model", sa.Unicode(255)),
        sa.Column("SerialNumber", sa.Unicode(255)),
        sa.Column("OwnershipType", key_text()),
        sa.Column("Status", key_text()),
        sa.Column("AcquisitionDate", sa.Date()),
        sa.Column("DisposalDate", sa.Date()),
        sa.Column("ReplacementValue", sa.Numeric(12, 2)),
        sa.Column("Location", sa.Unicode(255)),
        schema="qbr",
    )
    op.create_index("ix_Equipment_customer", "Equipment", ["CustomerID"], schema="qbr")


def _parts_orders() -> None:
    op.create_table(
        "PartsOrders",
        sa.Column("PartsOrderID", key_text(), primary_key=True),
        sa.Column("CustomerID", key_text(), sa.ForeignKey("qbr.Customers.CustomerID"), nullable=False),
        sa.Column("OrderDate", sa.Date()),
        sa.Column("Category", sa.Unicode(255)),
        sa.Column("TotalAmount", sa.Numeric(12, 2)),
        schema="qbr",
    )
    op.create_index("ix_PartsOrders_customer_date", "PartsOrders", ["CustomerID", "OrderDate"], schema="qbr")


def _rentals() -> None:
    op.create_table(
        "Rentals",
        sa.Column("RentalID", key_text(), primary_key=True),
        sa.Column("CustomerID", key_text(), sa.ForeignKey("qbr.Customers.CustomerID"), nullable=False),
        sa.Column("StartDate", sa.Date()),
        sa.Column("EndDate", sa.Date()),
        sa.Column("TotalCost", sa.Numeric(12, 2)),
        schema="qbr",
    )
    op.create_index("ix_Rentals_customer_start", "Rentals", ["CustomerID", "StartDate"], schema="qbr")


def _service_orders() -> None:
    op.create_table(
        "ServiceOrders",
        sa.Column("ServiceOrderID", key_text(), primary_key=True),
        sa.Column("CustomerID", key_text(), sa.ForeignKey("qbr.Customers.CustomerID"), nullable=False),
        sa.Column("EquipmentID", key_text(), sa.ForeignKey("qbr.Equipment.EquipmentID")),
        sa.Column("ServiceType", key_text()),
        sa.Column("Status", key_text()),
        sa.Column("ServiceDate", sa.Date()),
        sa.Column("CallReceived", Instant()),
        sa.Column("TechnicianArrived", Instant()),
        sa.Column("VisitCount", sa.Integer()),
        sa.Column("LaborCost", sa.Numeric(12, 2)),
        sa.Column("PartsCost", sa.Numeric(12, 2)),
        sa.Column("TotalCost", sa.Numeric(12, 2)),
        sa.Column("DowntimeHours", sa.Double()),
        schema="qbr",
    )
    op.create_index("ix_ServiceOrders_customer_date", "ServiceOrders", ["CustomerID", "ServiceDate"], schema="qbr")
