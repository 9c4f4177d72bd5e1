"""The databases refuse what the data model forbids: bad codes, numbers out of range, second rows, broken references."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    Table,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.adapters.database import SqlDatabase
from shared.tables import (
    COSTAR,
    QBR,
    REPORTING,
    Guid,
    Instant,
    Json,
    action_items,
    business_priorities,
    call_events,
    calls,
    condition_history,
    customer_surveys,
    customers,
    qbr_sessions,
    recommendations,
    report_deliveries,
    report_jobs,
    schedule_occurrences,
    scheduled_reports,
    service_orders,
    unsubscribes,
    user_profiles,
)

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SOME_ID = "00000000-0000-4000-8000-000000000001"

# A table, and a value that makes a row of it wrong.
REFUSED: list[tuple[Table, dict[str, Any]]] = [
    (report_jobs, {"status": "done"}),
    (report_jobs, {"status": "Queued"}),
    (report_jobs, {"progress": 101}),
    (report_jobs, {"progress": -1}),
    (report_jobs, {"requested_via": "mail"}),
    (scheduled_reports, {"frequency": "yearly"}),
    (scheduled_reports, {"day_of_week": 7}),
    (scheduled_reports, {"day_of_month": 0}),
    (scheduled_reports, {"misfire_policy": "never"}),
    (scheduled_reports, {"holiday_rule": "work"}),
    (scheduled_reports, {"last_run_status": "maybe"}),
    (scheduled_reports, {"visibility": "all"}),
    (schedule_occurrences, {"outcome": "lost"}),
    (report_deliveries, {"status": "sent"}),
    (user_profiles, {"role": "root"}),
    (call_events, {"event_type": "created"}),
    *((customer_surveys, {each: 6}) for each in ("overall_rating", "installation_quality", "timeliness")),
    *((customer_surveys, {each: 0}) for each in ("engineer_professionalism", "device_functionality")),
    (qbr_sessions, {"quarter": "Q5"}),
    (qbr_sessions, {"status": "open"}),
    (business_priorities, {"priority_number": 4}),
    (recommendations, {"category": "other"}),
    (recommendations, {"rule": "guess"}),
    (recommendations, {"status": "open"}),
    (action_items, {"party": "Dealer"}),
    (action_items, {"qbr_id": "no-such-session"}),
    (condition_history, {"condition_status": "bad"}),
    (calls, {"client_bank": SOME_ID}),
    (service_orders, {"CustomerID": "no-such-customer"}),
]
VALID: dict[str, Any] = {
    "requested_via": "http",
    "frequency": "daily",
    "misfire_policy": "coalesce",
    "visibility": "own",
    "outcome": "fired",
    "role": "engineer",
    "event_type": "NOTE",
    "quarter": "Q1",
    "category": "optimization",
    "party": "BMH",
    "condition_status": "good",
    "time": "09:30",
}
PARENTS = {"qbr_id": "s", "CustomerID": "c"}  # keys of the rows that the fixture makes
VALID_STATUS = {
    report_jobs: "queued",
    report_deliveries: "pending",
    calls: "pending",
    qbr_sessions: "draft",
    recommendations: "proposed",
}
# A table, the columns that make two rows the same, and the values that they share.
ONCE: list[tuple[Table, dict[str, Any]]] = [
    (report_jobs, {"requested_by": "u", "idempotency_key": "k"}),
    (report_jobs, {"source": "s", "event_id": "e"}),
    (report_jobs, {"schedule_id": SOME_ID, "occurrence_key": "2025-03-01", "partition_key": ""}),
    (report_deliveries, {"schedule_id": SOME_ID, "occurrence_key": "o", "recipient": "r", "job_id": "j"}),
    (schedule_occurrences, {"schedule_id": SOME_ID, "occurrence_key": "2025-03-01"}),
    (unsubscribes, {"schedule_id": SOME_ID, "recipient": "a@example.com"}),
    (calls, {"call_number": "C-1"}),
    (user_profiles, {"subject": "s"}),
    (customer_surveys, {"call_id": SOME_ID}),
    (qbr_sessions, {"customer_id": "c", "fiscal_year": 2025, "quarter": "Q1"}),
    (business_priorities, {"priority_number": 1}),
    (condition_history, {"equipment_id": "e", "assessment_date": date(2025, 3, 1)}),
]
# Pairs that do not collide: a key that is not given, and texts that differ in their case only.
MANY: list[tuple[Table, dict[str, Any], dict[str, Any]]] = [
    (report_jobs, {"requested_by": "u"}, {"requested_by": "u"}),
    (report_jobs, {"event_id": "e"}, {"event_id": "e"}),
    (report_jobs, {"schedule_id": SOME_ID}, {"schedule_id": SOME_ID}),
    (report_jobs, {"source": "s", "event_id": "e"}, {"source": "s", "event_id": "E"}),
    (user_profiles, {"subject": "a"}, {"subject": "A"}),
]


@pytest.fixture
def connection(shared_url: str) -> Iterator[Connection]:
    """A connection in a transaction that is undone at the end; there are a QBR session and a customer to refer to."""
    names = {schema: schema for schema in (REPORTING, COSTAR, QBR)}
    with closing(SqlDatabase(shared_url, names, timedelta(seconds=30))) as database, database.transaction() as opened:
        add(opened, qbr_sessions, qbr_id=PARENTS["qbr_id"])
        add(opened, customers, CustomerID=PARENTS["CustomerID"])
        yield opened
        opened.rollback()


def add(connection: Connection, table: Table, **values: object) -> None:
    """Inserts a row that is right in all that `values` leaves open."""
    needed = {column.name: a_value(column) for column in table.columns if not column.nullable}
    connection.execute(insert(table), [needed | values])


def a_value(column: Column[Any]) -> object:
    """A value that is allowed, new at each call where nothing says which."""
    if column.foreign_keys:
        return PARENTS[column.name]
    if column.name == "status":
        return VALID_STATUS[column.table]
    if column.name in VALID:
        return VALID[column.name]
    kinds: tuple[tuple[type, object], ...] = (
        (Guid, str(uuid4())),
        (Instant, NOW),
        (Json, {}),
        (Integer, 1),
        (Boolean, False),
        (Date, NOW.date()),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), uuid4().hex)


def name_of(value: object) -> str | None:
    """How a parameter is shown in a test's name."""
    if isinstance(value, Mapping):
        return ",".join(f"{column}={each}" for column, each in value.items())
    return value.name if isinstance(value, Table) else None


@pytest.mark.parametrize(("table", "wrong"), REFUSED, ids=name_of)
def test_a_wrong_value_is_refused(connection: Connection, table: Table, wrong: dict[str, Any]) -> None:
    """A row that is otherwise right is refused for one value that the data model does not allow."""
    add(connection, table)
    with pytest.raises(IntegrityError), connection.begin_nested():
        add(connection, table, **wrong)


@pytest.mark.parametrize(("table", "same"), ONCE, ids=name_of)
def test_a_second_row_of_a_unique_key_is_refused(connection: Connection, table: Table, same: dict[str, Any]) -> None:
    """What may be there once is there once."""
    add(connection, table, **same)
    with pytest.raises(IntegrityError), connection.begin_nested():
        add(connection, table, **same)


@pytest.mark.parametrize(("table", "first", "second"), MANY, ids=name_of)
def test_rows_without_the_key_do_not_collide(
    connection: Connection, table: Table, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """A partial unique key counts only rows that have all of it, and tells upper case from lower."""
    add(connection, table, **first)
    add(connection, table, **second)
    assert connection.scalar(select(func.count()).select_from(table)) == 2


def test_text_that_is_no_json_is_refused(connection: Connection) -> None:
    """A JSON column takes JSON only, whoever writes it."""
    add(connection, report_jobs, job_id="j")
    with pytest.raises(DBAPIError), connection.begin_nested():
        connection.execute(update(report_jobs).values(params=literal_column("'{broken'")))


def test_a_session_takes_its_parts_along(connection: Connection) -> None:
    """Deleting a QBR session deletes its priorities, recommendations and actions."""
    parts = (business_priorities, recommendations, action_items)
    for part in parts:
        add(connection, part)
    connection.execute(delete(qbr_sessions))
    assert [connection.scalar(select(func.count()).select_from(part)) for part in parts] == [0, 0, 0]
