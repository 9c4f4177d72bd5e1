"""The tables of the QBR schema that are ours."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, Json, between, json_checks, key_text, one_of

revision = "qbr_0001"
down_revision = None
branch_labels = ("qbr",)
depends_on = None


def upgrade() -> None:
    """Creates the tables and their indexes."""
    _customer_managers()
    _qbr_sessions()
    _equipment_condition_history()
    _qbr_business_priorities()
    _qbr_recommendations()
    _qbr_action_items()


def _customer_managers() -> None:
    op.create_table(
        "customer_managers",
        sa.Column("CustomerID", key_text(), primary_key=True),
        sa.Column("subject", key_text(), primary_key=True),
        schema="qbr",
    )


def _qbr_sessions() -> None:
    op.create_table(
        "QBR_Sessions",
        sa.Column("qbr_id", key_text(), primary_key=True),
        sa.Column("customer_id", key_text(), nullable=False),
        sa.Column("customer_name", sa.Unicode(255), nullable=False),
        sa.Column("quarter", key_text(2), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("meeting_date", sa.Date()),
        sa.Column("status", key_text(), nullable=False),
        sa.Column("notes", sa.UnicodeText()),
        sa.Column("metrics_snapshot", Json()),
        sa.Column("assumptions", Json()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_date", Instant(), nullable=False),
        sa.Column("created_by", key_text(100), nullable=False),
        sa.Column("last_modified_date", Instant(), nullable=False),
        sa.Column("last_modified_by", key_text(100), nullable=False),
        sa.UniqueConstraint("customer_id", "fiscal_year", "quarter"),
        one_of("quarter", "Q1", "Q2", "Q3", "Q4"),
        one_of("status", "draft", "finalized"),
        *json_checks("metrics_snapshot", "assumptions"),
        schema="qbr",
    )
    op.create_index("ix_QBR_Sessions_customer", "QBR_Sessions", ["customer_id"], schema="qbr")
    op.create_index("ix_QBR_Sessions_quarter_year", "QBR_Sessions", ["quarter", "fiscal_year"], schema="qbr")
    op.create_index("ix_QBR_Sessions_status", "QBR_Sessions", ["status"], schema="qbr")


def _equipment_condition_history() -> None:
    op.create_table(
        "Equipment_Condition_History",
        sa.Column("condition_id", key_text(), primary_key=True),
        sa.Column("equipment_id", key_text(), nullable=False),
        sa.Column("customer_id", key_text(), nullable=False),
        sa.Column("assessment_date", sa.Date(), nullable=False),
        sa.Column("condition_status", key_text(), nullable=False),
        sa.Column("age_years", sa.Numeric(5, 2)),
        sa.Column("annual_maintenance_cost", sa.Numeric(12, 2)),
        sa.Column("notes", sa.UnicodeText()),
        sa.Column("assessed_by", key_text(100)),
        sa.Column("created_date", Instant(), nullable=False),
        sa.UniqueConstraint("equipment_id", "assessment_date"),
        one_of("condition_status", "good", "monitor", "replace"),
        schema="qbr",
    )
    op.create_index(
        "ix_Equipment_Condition_History_assessed", "Equipment_Condition_History", ["assessment_date"], schema="qbr"
    )
    op.create_index(
        "ix_Equipment_Condition_History_condition", "Equipment_Condition_History", ["condition_status"], schema="qbr"
    )
    op.create_index(
        "ix_Equipment_Condition_History_customer", "Equipment_Condition_History", ["customer_id"], schema="qbr"
    )
    op.create_index(
        "ix_Equipment_Condition_History_equipment", "Equipment_Condition_History", ["equipment_id"], schema="qbr"
    )


def _qbr_business_priorities() -> None:
    op.create_table(
        "QBR_Business_Priorities",
        sa.Column("priority_id", key_text(), primary_key=True),
        sa.Column("qbr_id", key_text(), sa.ForeignKey("qbr.QBR_Sessions.qbr_id", ondelete="CASCADE"), nullable=False),
        sa.Column("priority_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Unicode(255), nullable=False),
        sa.Column("description", sa.UnicodeText()),
        sa.Column("created_date", Instant(), nullable=False),
        sa.UniqueConstraint("qbr_id", "priority_number"),
        between("priority_number", 1, 3),
        schema="qbr",
    )
    op.create_index("ix_QBR_Business_Priorities_session", "QBR_Business_Priorities", ["qbr_id"], schema="qbr")


def _qbr_recommendations() -> None:
    op.create_table(
        "QBR_Recommendations",
        sa.Column("recommendation_id", key_text(), primary_key=True),
        sa.Column("qbr_id", key_text(), sa.ForeignKey("qbr.QBR_Sessions.qbr_id", ondelete="CASCADE"), nullable=False),
        sa.Column("category", key_text(), nullable=False),
        sa.Column("rule", key_text()),
        sa.Column("title", sa.Unicode(255), nullable=False),
        sa.Column("description", sa.UnicodeText()),
        sa.Column("estimated_impact", sa.Unicode(255)),
        sa.Column("is_auto_generated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("evidence", Json()),
        sa.Column("status", key_text(), nullable=False),
        sa.Column("created_date", Instant(), nullable=False),
        one_of("category", "equipment_refresh", "safety_training", "optimization"),
        one_of("rule", "replace_units", "more_pm", "operator_training"),
        one_of("status", "proposed", "accepted", "declined"),
        *json_checks("evidence"),
        schema="qbr",
    )
    op.create_index("ix_QBR_Recommendations_session", "QBR_Recommendations", ["qbr_id"], schema="qbr")
    op.create_index(
        "ix_QBR_Recommendations_session_category", "QBR_Recommendations", ["qbr_id", "category"], schema="qbr"
    )


def _qbr_action_items() -> None:
    op.create_table(
        "QBR_Action_Items",
        sa.Column("action_id", key_text(), primary_key=True),
        sa.Column("qbr_id", key_text(), sa.ForeignKey("qbr.QBR_Sessions.qbr_id", ondelete="CASCADE"), nullable=False),
        sa.Column("party", key_text(), nullable=False),
        sa.Column("description", sa.Unicode(500), nullable=False),
        sa.Column("owner_name", sa.Unicode(100)),
        sa.Column("due_date", sa.Date()),
        sa.Column("completed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("completed_date", sa.Date()),
        sa.Column("carried_from", key_text()),
        sa.Column("created_date", Instant(), nullable=False),
        one_of("party", "BMH", "Customer"),
        schema="qbr",
    )
    op.create_index("ix_QBR_Action_Items_session", "QBR_Action_Items", ["qbr_id"], schema="qbr")
    op.create_index("ix_QBR_Action_Items_session_due", "QBR_Action_Items", ["qbr_id", "due_date"], schema="qbr")
