"""The CoSTAR business tables, and the two that are ours in the same schema: call_events and customer_surveys."""

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, true

from shared.tables._metadata import COSTAR, between, index, json_checks, json_column, metadata, one_of
from shared.tables._types import Count, Day, Flag, Guid, Instant, LongText, Real, key_text, text

CALL_STATUSES = ("pending", "assigned", "in_progress", "completed", "cancelled")
CALL_TYPES = ("installation", "swap", "deinstallation", "maintenance", "breakdown")
PRIORITIES = ("urgent", "high", "medium", "low")  # by rank
EVENT_TYPES = (
    "CREATED",
    "ASSIGNED",
    "REASSIGNED",
    "RESCHEDULED",
    "STARTED",
    "COMPLETED",
    "CANCELLED",
    "NOTE",
    "PHOTO_ADDED",
)
PHOTO_KINDS = ("before", "after", "installation", "final", "signature", "other")
DEVICE_ROLES = ("installed", "old", "new", "serviced", "removed")
ROLES = ("admin", "bank_admin", "account_manager", "engineer")
BANKS_ID, USERS_ID, CALLS_ID = f"{COSTAR}.banks.id", f"{COSTAR}.user_profiles.id", f"{COSTAR}.calls.id"

banks = Table(
    "banks",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("name", text(), nullable=False),
    Column("code", key_text(), nullable=False),
    Column("active", Flag, nullable=False, server_default=true()),
    schema=COSTAR,
)

user_profiles = Table(
    "user_profiles",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("subject", key_text(), nullable=False, unique=True),
    Column("full_name", text(), nullable=False),
    Column("email", key_text(320)),
    Column("phone", text(50)),
    Column("role", key_text(), nullable=False),
    Column("region", key_text(255)),
    Column("bank_id", Guid(), ForeignKey(BANKS_ID)),
    Column("active", Flag, nullable=False, server_default=true()),
    one_of("role", *ROLES),
    schema=COSTAR,
)

calls = Table(
    "calls",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("call_number", key_text(), nullable=False, unique=True),
    Column("type", key_text(), nullable=False),
    Column("status", key_text(), nullable=False),
    Column("priority", key_text()),
    Column("client_bank", Guid(), ForeignKey(BANKS_ID)),
    Column("client_name", text()),
    Column("client_contact", text()),
    Column("client_phone", text(50)),
    Column("client_address", text(500)),
    Column("city", text()),
    Column("state", text()),
    Column("pin_code", text(50)),
    Column("client_id", text(50)),
    Column("latitude", Real),
    Column("longitude", Real),
    Column("scheduled_date", Day),
    Column("scheduled_time_window", text(50)),
    Column("assigned_engineer", Guid(), ForeignKey(USERS_ID)),
    Column("assigned_at", Instant()),
    Column("started_at", Instant()),
    Column("completed_at", Instant()),
    Column("estimated_duration_minutes", Count),
    Column("actual_duration_minutes", Count),
    Column("requires_device", Flag),
    Column("requires_photo", Flag),
    Column("description", LongText),
    Column("resolution_notes", LongText),
    json_column("metadata"),
    Column("created_at", Instant(), nullable=False),
    Column("updated_at", Instant()),
    Column("updated_by", Guid()),
    *json_checks("metadata"),
    schema=COSTAR,
)
_call = calls.c
index(calls, "scheduled_created_id", _call.scheduled_date, _call.created_at, _call.id)
index(calls, "scheduled_status", _call.scheduled_date, _call.status)
index(calls, "bank_scheduled", _call.client_bank, _call.scheduled_date)
index(calls, "engineer_scheduled", _call.assigned_engineer, _call.scheduled_date)
index(calls, "completed", _call.completed_at)
index(calls, "created", _call.created_at)

# Ours, so no foreign key into tables that a deployment may map with views.
call_events = Table(
    "call_events",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("call_id", Guid(), nullable=False),
    Column("at", Instant(), nullable=False),
    Column("event_type", key_text(), nullable=False),
    Column("actor_id", Guid()),
    Column("from_status", key_text()),
    Column("to_status", key_text()),
    Column("from_engineer", Guid()),
    Column("to_engineer", Guid()),
    Column("from_date", Day),
    Column("to_date", Day),
    Column("reason", key_text()),
    Column("details", text(500)),
    Column("notes", LongText),
    Column("latitude", Real),
    Column("longitude", Real),
    Column("ip_address", text(50)),
    one_of("event_type", *EVENT_TYPES),
    schema=COSTAR,
)
index(call_events, "call_at", call_events.c.call_id, call_events.c.at)
index(call_events, "at", call_events.c.at)

photos = Table(
    "photos",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("call_id", Guid(), ForeignKey(CALLS_ID), nullable=False),
    Column("storage_path", text(500), nullable=False),
    Column("kind", key_text(), nullable=False),
    Column("file_size", Count),
    Column("content_type", text()),
    Column("taken_at", Instant()),
    Column("uploaded_at", Instant()),
    Column("uploaded_by", Guid()),
    schema=COSTAR,
)
index(photos, "call", photos.c.call_id)

devices = Table(
    "devices",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("serial_number", text(), nullable=False),
    Column("model", text()),
    Column("status", key_text()),
    Column("bank_id", Guid(), ForeignKey(BANKS_ID)),
    schema=COSTAR,
)

call_devices = Table(
    "call_devices",
    metadata,
    Column("call_id", Guid(), ForeignKey(CALLS_ID), nullable=False),
    Column("device_id", Guid(), ForeignKey(f"{COSTAR}.devices.id"), nullable=False),
    Column("role", key_text(), nullable=False),
    PrimaryKeyConstraint("call_id", "device_id", "role"),
    schema=COSTAR,
)
index(call_devices, "call", call_devices.c.call_id)

_RATINGS = (
    "overall_rating",
    "installation_quality",
    "engineer_professionalism",
    "timeliness",
    "device_functionality",
)
customer_surveys = Table(
    "customer_surveys",
    metadata,
    Column("id", Guid(), primary_key=True),
    Column("call_id", Guid(), nullable=False, unique=True),
    Column("survey_date", Instant(), nullable=False),
    *(Column(rating, Count) for rating in _RATINGS),
    Column("would_recommend", Flag),
    Column("comments", LongText),
    json_column("metadata"),
    Column("created_at", Instant(), nullable=False),
    *(between(rating, 1, 5) for rating in _RATINGS),
    *json_checks("metadata"),
    schema=COSTAR,
)
index(customer_surveys, "survey_date", customer_surveys.c.survey_date)
index(customer_surveys, "overall_rating", customer_surveys.c.overall_rating)
