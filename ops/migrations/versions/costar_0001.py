"""The two tables of the CoSTAR schema that are ours."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Guid, Instant, Json, between, json_checks, key_text, one_of

revision = "costar_0001"
down_revision = None
branch_labels = ("costar",)
depends_on = None


def upgrade() -> None:
    """Creates the tables and their indexes."""
    _call_events()
    _customer_surveys()


def _call_events() -> None:
    op.create_table(
        "call_events",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("call_id", Guid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event_type", key_text(), nullable=False),
        sa.Column("actor_id", Guid()),
        sa.Column("from_status", key_text()),
        sa.Column("to_status", key_text()),
        sa.Column("from_engineer", Guid()),
        sa.Column("to_engineer", Guid()),
        sa.Column("from_date", sa.Date()),
        sa.Column("to_date", sa.Date()),
        sa.Column("reason", key_text()),
        sa.Column("details", sa.Unicode(500)),
        sa.Column("notes", sa.UnicodeText()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("ip_address", sa.Unicode(50)),
        one_of(
            "event_type",
            "CREATED",
            "ASSIGNED",
            "REASSIGNED",
            "RESCHEDULED",
            "STARTED",
            "COMPLETED",
            "CANCELLED",
            "NOTE",
            "PHOTO_ADDED",
        ),
        schema="costar",
    )
    op.create_index("ix_call_events_at", "call_events", ["at"], schema="costar")
    op.create_index("ix_call_events_call_at", "call_events", ["call_id", "at"], schema="costar")


def _customer_surveys() -> None:
    op.create_table(
        "customer_surveys",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("call_id", Guid(), unique=True, nullable=False),
        sa.Column("survey_date", Instant(), nullable=False),
        sa.Column("overall_rating", sa.Integer()),
        sa.Column("installation_quality", sa.Integer()),
        sa.Column("engineer_professionalism", sa.Integer()),
        sa.Column("timeliness", sa.Integer()),
        sa.Column("device_functionality", sa.Integer()),
        sa.Column("would_recommend", sa.Boolean()),
        sa.Column("comments", sa.UnicodeText()),
        sa.Column("metadata", Json()),
        sa.Column("created_at", Instant(), nullable=False),
        between("overall_rating", 1, 5),
        between("installation_quality", 1, 5),
        between("engineer_professionalism", 1, 5),
        between("timeliness", 1, 5),
        between("device_functionality", 1, 5),
        *json_checks("metadata"),
        schema="costar",
    )
    op.create_index("ix_customer_surveys_overall_rating", "customer_surveys", ["overall_rating"], schema="costar")
    op.create_index("ix_customer_surveys_survey_date", "customer_surveys", ["survey_date"], schema="costar")
