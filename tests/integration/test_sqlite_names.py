"""On SQLite, statements, DDL and reflection speak of schemas, and the file holds names with a prefix."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, delete, exists, func, insert, inspect, select, update

from shared.adapters.sqlite_names import install_schema_prefix
from shared.tables import action_items, banks, calls, customers, metadata, report_jobs, user_profiles

BANK = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A database in memory that has every table."""
    engine = create_engine("sqlite://")
    install_schema_prefix(engine)
    with engine.begin() as opened:
        metadata.create_all(opened)
        opened.execute(insert(banks).values(id=BANK, name="First", code="F"))
        opened.execute(insert(user_profiles).values(id=BANK, subject="s", full_name="S", role="engineer", bank_id=BANK))
        yield opened
    engine.dispose()


def test_the_file_has_prefixed_names(connection: Connection) -> None:
    """A table, an index and a foreign key carry the name `{schema}_{table}`."""
    made = "\n".join(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").scalars())
    assert "CREATE TABLE reporting_report_jobs (" in made
    assert 'CREATE TABLE "qbr_QBR_Sessions" (' in made
    assert "CREATE INDEX ix_calls_completed ON costar_calls (completed_at)" in made
    assert "FOREIGN KEY(client_bank) REFERENCES costar_banks (id)" in made


def test_rows_are_read_through_joins_aliases_and_subqueries(connection: Connection) -> None:
    """Columns are found under their table's name in the file, and under an alias where there is one."""
    other = banks.alias("other")
    statement = (
        select(banks.c.name, user_profiles.c.full_name, other.c.code)
        .select_from(user_profiles)
        .join(banks, banks.c.id == user_profiles.c.bank_id)
        .join(other, other.c.id == banks.c.id)
        .where(~exists().where(calls.c.client_bank == other.c.id), banks.c.id.not_in(select(calls.c.client_bank)))
    )
    assert connection.execute(statement).all() == [("First", "S", "F")]


def test_rows_are_grouped_in_a_common_table_expression(connection: Connection) -> None:
    """A CTE reads the table in the file and is joined by its own name."""
    counted = select(user_profiles.c.bank_id, func.count().label("people")).group_by(user_profiles.c.bank_id).cte("n")
    statement = select(banks.c.code, counted.c.people).join_from(banks, counted, counted.c.bank_id == banks.c.id)
    assert connection.execute(statement).all() == [("F", 1)]


def test_rows_are_changed_and_deleted(connection: Connection) -> None:
    """UPDATE and DELETE find their table, with RETURNING and with a condition over another table."""
    changed = update(banks).where(exists().where(user_profiles.c.bank_id == banks.c.id)).values(name="New")
    assert connection.scalar(changed.returning(banks.c.name)) == "New"
    connection.execute(delete(user_profiles).where(user_profiles.c.bank_id.in_(select(banks.c.id))))
    assert connection.scalar(select(func.count()).select_from(user_profiles)) == 0


def test_the_catalogue_is_read_by_schema(connection: Connection) -> None:
    """Reflection lists the tables of a schema without the prefix, and finds their parts."""
    inspector = inspect(connection)
    assert inspector.get_schema_names() == ["main", "reporting", "costar", "qbr"]
    assert set(inspector.get_table_names("qbr")) == {
        table.name for table in metadata.tables.values() if table.schema == "qbr"
    }
    assert inspector.get_table_names() == []
    assert inspector.has_table("calls", "costar")
    assert not inspector.has_table("calls", "reporting")
    assert inspector.get_pk_constraint("Customers", "qbr")["constrained_columns"] == [customers.c.CustomerID.name]
    assert len(inspector.get_columns("report_jobs", "reporting")) == len(report_jobs.c)
    assert [index["name"] for index in inspector.get_indexes("Rentals", "qbr")] == ["ix_Rentals_customer_start"]
    key = inspector.get_foreign_keys("QBR_Action_Items", "qbr")[0]
    assert (key["referred_schema"], key["referred_table"]) == ("qbr", "QBR_Sessions")
    assert {check["name"] for check in inspector.get_check_constraints(action_items.name, "qbr")} == {
        "ck_QBR_Action_Items_party"
    }
