"""Every table, key, check and index that the data model names is in the catalogue, read against a list by hand."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Inspector, inspect

from shared.adapters.database import SqlDatabase
from shared.tables import COSTAR, QBR, REPORTING

# By table, as data-model.md says it, and what rate limits add: primary key; unique; index; partial ones with "*".
KEYS = """
reporting.report_jobs            pk job_id
reporting.report_jobs            unique* requested_by, idempotency_key
reporting.report_jobs            unique* source, event_id
reporting.report_jobs            unique* schedule_id, occurrence_key, partition_key
reporting.report_jobs            index status, created_at
reporting.report_jobs            index requested_by, created_at
reporting.report_jobs            index schedule_id
reporting.report_jobs            index requested_address, created_at
reporting.report_jobs            index* enqueued_at
reporting.report_jobs            index* lease_until
reporting.scheduled_reports      pk id
reporting.scheduled_reports      index* next_run_at
reporting.scheduled_reports      index created_by
reporting.schedule_occurrences   pk schedule_id, occurrence_key
reporting.report_deliveries      pk id
reporting.report_deliveries      unique schedule_id, occurrence_key, recipient, job_id
reporting.report_deliveries      index status, next_attempt_at
reporting.unsubscribes           pk schedule_id, recipient
reporting.alerts                 pk id
reporting.audit_log              pk id
reporting.audit_log              index at
reporting.audit_log              index actor, at
reporting.fsp_formats            pk bank_id
reporting.preview_requests       pk id
reporting.preview_requests       index requested_by, at
reporting.rate_gates             pk gate
reporting.saved_parameters       pk id
reporting.saved_parameters       unique owner, report_id, name
costar.banks                     pk id
costar.user_profiles             pk id
costar.user_profiles             unique subject
costar.calls                     pk id
costar.calls                     unique call_number
costar.calls                     index scheduled_date, created_at, id
costar.calls                     index scheduled_date, status
costar.calls                     index client_bank, scheduled_date
costar.calls                     index assigned_engineer, scheduled_date
costar.calls                     index completed_at
costar.calls                     index created_at
costar.call_events               pk id
costar.call_events               index call_id, at
costar.call_events               index at
costar.photos                    pk id
costar.photos                    index call_id
costar.devices                   pk id
costar.call_devices              pk call_id, device_id, role
costar.call_devices              index call_id
costar.customer_surveys          pk id
costar.customer_surveys          unique call_id
costar.customer_surveys          index survey_date
costar.customer_surveys          index overall_rating
qbr.Customers                    pk CustomerID
qbr.Equipment                    pk EquipmentID
qbr.Equipment                    index CustomerID
qbr.ServiceOrders                pk ServiceOrderID
qbr.ServiceOrders                index CustomerID, ServiceDate
qbr.PartsOrders                  pk PartsOrderID
qbr.PartsOrders                  index CustomerID, OrderDate
qbr.Rentals                      pk RentalID
qbr.Rentals                      index CustomerID, StartDate
qbr.customer_managers            pk CustomerID, subject
qbr.QBR_Sessions                 pk qbr_id
qbr.QBR_Sessions                 unique customer_id, fiscal_year, quarter
qbr.QBR_Sessions                 index customer_id
qbr.QBR_Sessions                 index quarter, fiscal_year
qbr.QBR_Sessions                 index status
qbr.QBR_Business_Priorities      pk priority_id
qbr.QBR_Business_Priorities      unique qbr_id, priority_number
qbr.QBR_Business_Priorities      index qbr_id
qbr.QBR_Recommendations          pk recommendation_id
qbr.QBR_Recommendations          index qbr_id
qbr.QBR_Recommendations          index qbr_id, category
qbr.QBR_Action_Items             pk action_id
qbr.QBR_Action_Items             index qbr_id
qbr.QBR_Action_Items             index qbr_id, due_date
qbr.Equipment_Condition_History  pk condition_id
qbr.Equipment_Condition_History  unique equipment_id, assessment_date
qbr.Equipment_Condition_History  index equipment_id
qbr.Equipment_Condition_History  index customer_id
qbr.Equipment_Condition_History  index assessment_date
qbr.Equipment_Condition_History  index condition_status
"""
FOREIGN_KEYS = {
    ("costar.user_profiles", "bank_id", "banks", None),
    ("costar.calls", "client_bank", "banks", None),
    ("costar.calls", "assigned_engineer", "user_profiles", None),
    ("costar.photos", "call_id", "calls", None),
    ("costar.devices", "bank_id", "banks", None),
    ("costar.call_devices", "call_id", "calls", None),
    ("costar.call_devices", "device_id", "devices", None),
    ("qbr.Equipment", "CustomerID", "Customers", None),
    ("qbr.ServiceOrders", "CustomerID", "Customers", None),
    ("qbr.ServiceOrders", "EquipmentID", "Equipment", None),
    ("qbr.PartsOrders", "CustomerID", "Customers", None),
    ("qbr.Rentals", "CustomerID", "Customers", None),
    ("qbr.QBR_Business_Priorities", "qbr_id", "QBR_Sessions", "CASCADE"),
    ("qbr.QBR_Recommendations", "qbr_id", "QBR_Sessions", "CASCADE"),
    ("qbr.QBR_Action_Items", "qbr_id", "QBR_Sessions", "CASCADE"),
}
# Columns that a check bounds; those that hold JSON are checked where JSON is text.
CHECKED = {
    "reporting.report_jobs": "progress requested_via status",
    "reporting.scheduled_reports": "day_of_month day_of_week frequency holiday_rule last_run_status misfire_policy "
    "visibility",
    "reporting.schedule_occurrences": "outcome",
    "reporting.report_deliveries": "status",
    "costar.user_profiles": "role",
    "costar.call_events": "event_type",
    "costar.customer_surveys": "device_functionality engineer_professionalism installation_quality "
    "overall_rating timeliness",
    "qbr.QBR_Sessions": "quarter status",
    "qbr.QBR_Business_Priorities": "priority_number",
    "qbr.QBR_Recommendations": "category rule status",
    "qbr.QBR_Action_Items": "party",
    "qbr.Equipment_Condition_History": "condition_status",
}
JSON_CHECKED = {
    "reporting.report_jobs": "output_config params scope summary",
    "reporting.scheduled_reports": "holidays output_config params recipients",
    "reporting.alerts": "details",
    "reporting.audit_log": "details",
    "reporting.fsp_formats": "columns",
    "reporting.saved_parameters": "output_config params",
    "costar.calls": "metadata",
    "costar.customer_surveys": "metadata",
    "qbr.QBR_Sessions": "assumptions metrics_snapshot",
    "qbr.QBR_Recommendations": "evidence",
}
TABLES = sorted({line.split()[0] for line in KEYS.split("\n") if line})


@pytest.fixture
def inspector(shared_url: str) -> Iterator[Inspector]:
    """The catalogue of a migrated database."""
    names = {schema: schema for schema in (REPORTING, COSTAR, QBR)}
    with closing(SqlDatabase(shared_url, names, timedelta(seconds=30))) as database, database.read() as connection:
        yield inspect(connection)


def keys_of(inspector: Inspector, table: str) -> set[str]:
    """The lines that `KEYS` should have for a table."""
    schema, _, name = table.partition(".")
    primary = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    unique = [each["column_names"] for each in inspector.get_unique_constraints(name, schema)]
    lines = [("pk", primary), *(("unique", columns) for columns in unique)]
    for index in inspector.get_indexes(name, schema):
        if "duplicates_constraint" not in index:
            partial = any(key.endswith("_where") for key in index.get("dialect_options", {}))
            kind = ("unique" if index["unique"] else "index") + ("*" if partial else "")
            lines.append((kind, [str(column) for column in index["column_names"]]))
    return {f"{table} {kind} {', '.join(columns)}" for kind, columns in lines}


@pytest.mark.parametrize("table", TABLES)
def test_keys_and_indexes_are_those_of_the_data_model(inspector: Inspector, table: str) -> None:
    """A table has the primary key, unique keys and indexes that are listed, and no others."""
    listed = {" ".join(line.split()) for line in KEYS.split("\n") if line.split()[:1] == [table]}
    assert keys_of(inspector, table) == listed


def test_there_are_no_other_tables(inspector: Inspector) -> None:
    """The three schemas hold the listed tables and the record of revisions."""
    found = {f"{schema}.{name}" for schema in (REPORTING, COSTAR, QBR) for name in inspector.get_table_names(schema)}
    assert found == {*TABLES, "reporting.schema_versions"}


def test_foreign_keys_are_those_of_the_data_model(inspector: Inspector) -> None:
    """Foreign keys lead where they should; those of a QBR session delete with it; none leaves its schema."""
    found = set()
    for table in TABLES:
        schema, _, name = table.partition(".")
        for key in inspector.get_foreign_keys(name, schema):
            assert key["referred_schema"] == schema
            action = key["options"].get("ondelete")
            found.add((table, ", ".join(key["constrained_columns"]), key["referred_table"], action))
    assert found == FOREIGN_KEYS


def test_checks_are_those_of_the_data_model(inspector: Inspector, backend: str) -> None:
    """Every bounded column has its check, and every JSON column where the database stores JSON as text."""
    for table in TABLES:
        schema, _, name = table.partition(".")
        json = JSON_CHECKED.get(table, "").split() if backend == "sqlite" else []
        columns = [*CHECKED.get(table, "").split(), *(f"{column}_json" for column in json)]
        found = {check["name"] for check in inspector.get_check_constraints(name, schema)}
        assert found == {f"ck_{name}_{column}" for column in columns}


@pytest.mark.parametrize("backend", ["postgresql"])
def test_json_is_a_type_on_postgresql(inspector: Inspector) -> None:
    """PostgreSQL checks JSON by its type."""
    for table, columns in JSON_CHECKED.items():
        schema, _, name = table.partition(".")
        types = {each["name"]: str(each["type"]) for each in inspector.get_columns(name, schema)}
        assert {types[column] for column in columns.split()} == {"JSONB"}
