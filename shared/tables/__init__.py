"""All tables of the three schemas, and the expressions that mean the same on every database; opens no connection.

A name with an underscore before it is a module of this package; import from here.
"""

from sqlalchemy import Table

from shared.tables._costar import (
    CALL_STATUSES,
    CALL_TYPES,
    DEVICE_ROLES,
    EVENT_TYPES,
    PHOTO_KINDS,
    PRIORITIES,
    ROLES,
    banks,
    call_devices,
    call_events,
    calls,
    customer_surveys,
    devices,
    photos,
    user_profiles,
)
from shared.tables._expressions import (
    InJsonList,
    count_where,
    minutes_between,
    quarter_hours,
    sortable_id,
    utc_now,
    utc_now_plus,
    without_index,
)
from shared.tables._metadata import COSTAR, QBR, REPORTING, between, json_checks, metadata, one_of
from shared.tables._qbr import (
    action_items,
    business_priorities,
    condition_history,
    customer_managers,
    customers,
    equipment,
    parts_orders,
    qbr_sessions,
    recommendations,
    rentals,
    service_orders,
)
from shared.tables._reporting import (
    alerts,
    audit_log,
    fsp_formats,
    preview_requests,
    rate_gates,
    report_deliveries,
    report_jobs,
    saved_parameters,
    schedule_occurrences,
    scheduled_reports,
    unsubscribes,
)
from shared.tables._types import BINARY_COLLATION, Guid, Instant, Json, key_text

OWNED_COSTAR: tuple[Table, ...] = (call_events, customer_surveys)
OWNED_QBR: tuple[Table, ...] = (
    customer_managers,
    qbr_sessions,
    business_priorities,
    recommendations,
    action_items,
    condition_history,
)
OWNED_REPORTING: tuple[Table, ...] = tuple(t for t in metadata.sorted_tables if t.schema == REPORTING)
BUSINESS_COSTAR: tuple[Table, ...] = tuple(
    t for t in metadata.sorted_tables if t.schema == COSTAR and t not in OWNED_COSTAR
)
BUSINESS_QBR: tuple[Table, ...] = tuple(t for t in metadata.sorted_tables if t.schema == QBR and t not in OWNED_QBR)

__all__ = [
    "BINARY_COLLATION",
    "BUSINESS_COSTAR",
    "BUSINESS_QBR",
    "CALL_STATUSES",
    "CALL_TYPES",
    "COSTAR",
    "DEVICE_ROLES",
    "EVENT_TYPES",
    "OWNED_COSTAR",
    "OWNED_QBR",
    "OWNED_REPORTING",
    "PHOTO_KINDS",
    "PRIORITIES",
    "QBR",
    "REPORTING",
    "ROLES",
    "Guid",
    "InJsonList",
    "Instant",
    "Json",
    "action_items",
    "alerts",
    "audit_log",
    "banks",
    "between",
    "business_priorities",
    "call_devices",
    "call_events",
    "calls",
    "condition_history",
    "count_where",
    "customer_managers",
    "customer_surveys",
    "customers",
    "devices",
    "equipment",
    "fsp_formats",
    "json_checks",
    "key_text",
    "metadata",
    "minutes_between",
    "one_of",
    "parts_orders",
    "photos",
    "preview_requests",
    "qbr_sessions",
    "quarter_hours",
    "rate_gates",
    "recommendations",
    "rentals",
    "report_deliveries",
    "report_jobs",
    "saved_parameters",
    "schedule_occurrences",
    "scheduled_reports",
    "service_orders",
    "sortable_id",
    "unsubscribes",
    "user_profiles",
    "utc_now",
    "utc_now_plus",
    "without_index",
]
