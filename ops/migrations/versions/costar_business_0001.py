"""The CoSTAR business tables, for sample data and tests: a deployment has its own."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Guid, Instant, Json, json_checks, key_text, one_of

revision = "costar_business_0001"
down_revision = None
branch_labels = ("costar_business",)
depends_on = None


def upgrade() -> None:
    """Creates the tables and their indexes."""
    _banks()
    _devices()
    _user_profiles()
    _calls()
    _call_devices()
    _photos()


def _banks() -> None:
    op.create_table(
        "banks",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("name", sa.Unicode(255), nullable=False),
        sa.Column("code", key_text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        schema="costar",
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("serial_number", sa.Unicode(255), nullable=False),
        sa.Column("model", sa.Unicode(255)),
        sa.Column("status", key_text()),
        sa.Column("bank_id", Guid(), sa.ForeignKey("costar.banks.id")),
        schema="costar",
    )


def _user_profiles() -> None:
    op.create_table(
        "user_profiles",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("subject", key_text(), unique=True, nullable=False),
        sa.Column("full_name", sa.Unicode(255), nullable=False),
        sa.Column("email", key_text(320)),
        sa.Column("phone", sa.Unicode(50)),
        sa.Column("role", key_text(), nullable=False),
        sa.Column("region", key_text(255)),
        sa.Column("bank_id", Guid(), sa.ForeignKey("costar.banks.id")),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        one_of("role", "admin", "bank_admin", "account_manager", "engineer"),
        schema="costar",
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("call_number", key_text(), unique=True, nullable=False),
        sa.Column("type", key_text(), nullable=False),
        sa.Column("status", key_text(), nullable=False),
        sa.Column("priority", key_text()),
        sa.Column("client_bank", Guid(), sa.ForeignKey("costar.banks.id")),
        sa.Column("client_name", sa.Unicode(255)),
        sa.Column("client_contact", sa.Unicode(255)),
        sa.Column("client_phone", sa.Unicode(50)),
        sa.Column("client_address", sa.Unicode(500)),
        sa.Column("city", sa.Unicode(255)),
        sa.Column("state", sa.Unicode(255)),
        sa.Column("pin_code", sa.Unicode(50)),
        sa.Column("client_id", sa.Unicode(50)),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("scheduled_date", sa.Date()),
        sa.Column("scheduled_time_window", sa.Unicode(50)),
        sa.Column("assigned_engineer", Guid(), sa.ForeignKey("costar.user_profiles.id")),
        sa.Column("assigned_at", Instant()),
        sa.Column("started_at", Instant()),
        sa.Column("completed_at", Instant()),
        sa.Column("estimated_duration_minutes", sa.Integer()),
        sa.Column("actual_duration_minutes", sa.Integer()),
        sa.Column("requires_device", sa.Boolean()),
        sa.Column("requires_photo", sa.Boolean()),
        sa.Column("description", sa.UnicodeText()),
        sa.Column("resolution_notes", sa.UnicodeText()),
        sa.Column("metadata", Json()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant()),
        sa.Column("updated_by", Guid()),
        *json_checks("metadata"),
        schema="costar",
    )
    op.create_index("ix_calls_bank_scheduled", "calls", ["client_bank", "scheduled_date"], schema="costar")
    op.create_index("ix_calls_completed", "calls", ["completed_at"], schema="costar")
    op.create_index("ix_calls_created", "calls", ["created_at"], schema="costar")
    op.create_index("ix_calls_engineer_scheduled", "calls", ["assigned_engineer", "scheduled_date"], schema="costar")
    op.create_index("ix_calls_scheduled_created_id", "calls", ["scheduled_date", "created_at", "id"], schema="costar")
    op.create_index("ix_calls_scheduled_status", "calls", ["scheduled_date", "status"], schema="costar")


def _call_devices() -> None:
    op.create_table(
        "call_devices",
        sa.Column("call_id", Guid(), sa.ForeignKey("costar.calls.id"), nullable=False),
        sa.Column("device_id", Guid(), sa.ForeignKey("costar.devices.id"), nullable=False),
        sa.Column("role", key_text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "device_id", "role"),
        schema="costar",
    )
    op.create_index("ix_call_devices_call", "call_devices", ["call_id"], schema="costar")


def _photos() -> None:
    op.create_table(
        "photos",
        sa.Column("id", Guid(), primary_key=True),
        sa.Column("call_id", Guid(), sa.ForeignKey("costar.calls.id"), nullable=False),
        sa.Column("storage_path", sa.Unicode(500), nullable=False),
        sa.Column("kind", key_text(), nullable=False),
        sa.Column("file_size", sa.Integer()),
        sa.Column("content_type", sa.Unicode(255)),
        sa.Column("taken_at", Instant()),
        sa.Column("uploaded_at", Instant()),
        sa.Column("uploaded_by", Guid()),
        schema="costar",
    )
    op.create_index("ix_photos_call", "photos", ["call_id"], schema="costar")
