"""The forklift dealer's tables, and the QBR tables that are ours; names as the owner has them."""

from sqlalchemy import Column, ForeignKey, Numeric, Table, UniqueConstraint, false

from shared.tables._metadata import QBR, between, index, json_checks, json_column, metadata, one_of
from shared.tables._types import Count, Day, Flag, Instant, LongText, Real, key_text, money, text

OPTIONAL = {"optional": True}  # marked * in data-model.md: the owner's database may lack the column

customers = Table(
    "Customers",
    metadata,
    Column("CustomerID", key_text(), primary_key=True),
    Column("CustomerName", text(), nullable=False),
    Column("Active", Flag, nullable=False),
    Column("FiscalYearStartMonth", Count, info=OPTIONAL),
    Column("AccountManager", key_text(), info=OPTIONAL),
    schema=QBR,
)
_CUSTOMER_ID = f"{QBR}.Customers.CustomerID"
_EQUIPMENT_ID = f"{QBR}.Equipment.EquipmentID"

equipment = Table(
    "Equipment",
    metadata,
    Column("EquipmentID", key_text(), primary_key=True),
    Column("CustomerID", key_text(), ForeignKey(_CUSTOMER_ID), nullable=False),
    Column("UnitNumber", text(), info=OPTIONAL),
    Column("EquipmentType", text()),
    Column("Make", text(), info=OPTIONAL),
    Column("Model", text(), info=OPTIONAL),
    Column("SerialNumber", text(), info=OPTIONAL),
    Column("OwnershipType", key_text()),
    Column("Status", key_text()),
    Column("AcquisitionDate", Day),
    Column("DisposalDate", Day, info=OPTIONAL),
    Column("ReplacementValue", money(), info=OPTIONAL),
    Column("Location", text(), info=OPTIONAL),
    schema=QBR,
)
index(equipment, "customer", equipment.c.CustomerID)

service_orders = Table(
    "ServiceOrders",
    metadata,
    Column("ServiceOrderID", key_text(), primary_key=True, info=OPTIONAL),
    Column("CustomerID", key_text(), ForeignKey(_CUSTOMER_ID), nullable=False),
    Column("EquipmentID", key_text(), ForeignKey(_EQUIPMENT_ID), info=OPTIONAL),
    Column("ServiceType", key_text()),
    Column("Status", key_text()),
    Column("ServiceDate", Day),
    Column("CallReceived", Instant()),
    Column("TechnicianArrived", Instant()),
    Column("VisitCount", Count),
    Column("LaborCost", money(), info=OPTIONAL),
    Column("PartsCost", money(), info=OPTIONAL),
    Column("TotalCost", money()),
    Column("DowntimeHours", Real),
    schema=QBR,
)
index(service_orders, "customer_date", service_orders.c.CustomerID, service_orders.c.ServiceDate)

parts_orders = Table(
    "PartsOrders",
    metadata,
    Column("PartsOrderID", key_text(), primary_key=True, info=OPTIONAL),
    Column("CustomerID", key_text(), ForeignKey(_CUSTOMER_ID), nullable=False),
    Column("OrderDate", Day),
    Column("Category", text()),
    Column("TotalAmount", money()),
    schema=QBR,
)
index(parts_orders, "customer_date", parts_orders.c.CustomerID, parts_orders.c.OrderDate)

rentals = Table(
    "Rentals",
    metadata,
    Column("RentalID", key_text(), primary_key=True),
    Column("CustomerID", key_text(), ForeignKey(_CUSTOMER_ID), nullable=False),
    Column("StartDate", Day),
    Column("EndDate", Day),
    Column("TotalCost", money()),
    schema=QBR,
)
index(rentals, "customer_start", rentals.c.CustomerID, rentals.c.StartDate)

# Owned here from this line on; no foreign key into the owner's tables, which may be views.
customer_managers = Table(
    "customer_managers",
    metadata,
    Column("CustomerID", key_text(), primary_key=True),
    Column("subject", key_text(), primary_key=True),
    schema=QBR,
)

qbr_sessions = Table(
    "QBR_Sessions",
    metadata,
    Column("qbr_id", key_text(), primary_key=True),
    Column("customer_id", key_text(), nullable=False),
    Column("customer_name", text(), nullable=False),
    Column("quarter", key_text(2), nullable=False),
    Column("fiscal_year", Count, nullable=False),
    Column("meeting_date", Day),
    Column("status", key_text(), nullable=False),
    Column("notes", LongText),
    json_column("metrics_snapshot"),
    json_column("assumptions"),
    Column("version", Count, nullable=False),
    Column("created_date", Instant(), nullable=False),
    Column("created_by", key_text(100), nullable=False),
    Column("last_modified_date", Instant(), nullable=False),
    Column("last_modified_by", key_text(100), nullable=False),
    UniqueConstraint("customer_id", "fiscal_year", "quarter"),
    one_of("quarter", "Q1", "Q2", "Q3", "Q4"),
    one_of("status", "draft", "finalized"),
    *json_checks("metrics_snapshot", "assumptions"),
    schema=QBR,
)
index(qbr_sessions, "customer", qbr_sessions.c.customer_id)
index(qbr_sessions, "quarter_year", qbr_sessions.c.quarter, qbr_sessions.c.fiscal_year)
index(qbr_sessions, "status", qbr_sessions.c.status)
_QBR_ID = f"{QBR}.QBR_Sessions.qbr_id"


def _session_key() -> Column[str]:
    return Column("qbr_id", key_text(), ForeignKey(_QBR_ID, ondelete="CASCADE"), nullable=False)


business_priorities = Table(
    "QBR_Business_Priorities",
    metadata,
    Column("priority_id", key_text(), primary_key=True),
    _session_key(),
    Column("priority_number", Count, nullable=False),
    Column("title", text(), nullable=False),
    Column("description", LongText),
    Column("created_date", Instant(), nullable=False),
    UniqueConstraint("qbr_id", "priority_number"),
    between("priority_number", 1, 3),
    schema=QBR,
)
index(business_priorities, "session", business_priorities.c.qbr_id)

recommendations = Table(
    "QBR_Recommendations",
    metadata,
    Column("recommendation_id", key_text(), primary_key=True),
    _session_key(),
    Column("category", key_text(), nullable=False),
    Column("rule", key_text()),
    Column("title", text(), nullable=False),
    Column("description", LongText),
    Column("estimated_impact", text()),
    Column("is_auto_generated", Flag, nullable=False, server_default=false()),
    json_column("evidence"),
    Column("status", key_text(), nullable=False),
    Column("created_date", Instant(), nullable=False),
    one_of("category", "equipment_refresh", "safety_training", "optimization"),
    one_of("rule", "replace_units", "more_pm", "operator_training"),
    one_of("status", "proposed", "accepted", "declined"),
    *json_checks("evidence"),
    schema=QBR,
)
index(recommendations, "session", recommendations.c.qbr_id)
index(recommendations, "session_category", recommendations.c.qbr_id, recommendations.c.category)

action_items = Table(
    "QBR_Action_Items",
    metadata,
    Column("action_id", key_text(), primary_key=True),
    _session_key(),
    Column("party", key_text(), nullable=False),
    Column("description", text(500), nullable=False),
    Column("owner_name", text(100)),
    Column("due_date", Day),
    Column("completed", Flag, nullable=False, server_default=false()),
    Column("completed_date", Day),
    Column("carried_from", key_text()),
    Column("created_date", Instant(), nullable=False),
    one_of("party", "BMH", "Customer"),
    schema=QBR,
)
index(action_items, "session", action_items.c.qbr_id)
index(action_items, "session_due", action_items.c.qbr_id, action_items.c.due_date)

condition_history = Table(
    "Equipment_Condition_History",
    metadata,
    Column("condition_id", key_text(), primary_key=True),
    Column("equipment_id", key_text(), nullable=False),
    Column("customer_id", key_text(), nullable=False),
    Column("assessment_date", Day, nullable=False),
    Column("condition_status", key_text(), nullable=False),
    Column("age_years", Numeric(5, 2)),
    Column("annual_maintenance_cost", money()),
    Column("notes", LongText),
    Column("assessed_by", key_text(100)),
    Column("created_date", Instant(), nullable=False),
    UniqueConstraint("equipment_id", "assessment_date"),
    one_of("condition_status", "good", "monitor", "replace"),
    schema=QBR,
)
index(condition_history, "equipment", condition_history.c.equipment_id)
index(condition_history, "customer", condition_history.c.customer_id)
index(condition_history, "assessed", condition_history.c.assessment_date)
index(condition_history, "condition", condition_history.c.condition_status)
