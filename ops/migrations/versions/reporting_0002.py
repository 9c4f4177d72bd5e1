"""Rate limits: the address of a request, the previews asked for, and the gates that serialise the counting."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, key_text

revision = "reporting_0002"
down_revision = "reporting_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one column, two tables and their indexes."""
    op.add_column("report_jobs", sa.Column("requested_address", key_text()), schema="reporting")
    op.create_index(
        "ix_report_jobs_address_created", "report_jobs", ["requested_address", "created_at"], schema="reporting"
    )
    op.create_table(
        "preview_requests",
        sa.Column("id", key_text(), primary_key=True),
        sa.Column("requested_by", key_text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        schema="reporting",
    )
    op.create_index("ix_preview_requests_requester_at", "preview_requests", ["requested_by", "at"], schema="reporting")
    op.create_table(
        "rate_gates",
        sa.Column("gate", key_text(128), primary_key=True),
        sa.Column("passed_at", Instant(), nullable=False),
        schema="reporting",
    )
