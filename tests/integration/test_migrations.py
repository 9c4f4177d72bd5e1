"""Migrations on SQLite and PostgreSQL: they make what `shared.tables` says, once and in the right place; data stay."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, UniqueConstraint, func, insert, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from ops.__main__ import main
from ops.databases import stores
from ops.migrate import migrate
from ops.revisions import VERSION_TABLE, options
from ops.sql_script import script
from shared.adapters.database import SqlDatabase
from shared.errors import ReportingError
from shared.settings import DatabaseSettings
from shared.tables import BUSINESS_COSTAR, BUSINESS_QBR, COSTAR, QBR, REPORTING, alerts, banks, calls, metadata
from tests.databases import migrate_all

NewUrl = Callable[[], str]


@contextmanager
def opened(url: str, schemas: dict[str, str] | None = None) -> Iterator[SqlDatabase]:
    """The database as the product opens it, closed at the end."""
    names = schemas or {name: name for name in (REPORTING, COSTAR, QBR)}
    with closing(SqlDatabase(url, names, timedelta(seconds=30))) as database:
        yield database


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that reads."""
    with opened(url) as database, database.read() as connection:
        yield connection


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A connection in a transaction."""
    with opened(url) as database, database.transaction() as connection:
        yield connection


def tables_of(url: str, schema: str) -> set[str]:
    """The names of the tables of one schema."""
    with reading(url) as connection:
        return set(inspect(connection).get_table_names(schema)) - {VERSION_TABLE}


def expected(schema: str) -> set[str]:
    """The names that `shared.tables` has for a schema."""
    return {table.name for table in metadata.tables.values() if table.schema == schema}


def count(connection: Connection, table: Table) -> int:
    """The number of rows."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def definitions(connection: Connection) -> set[tuple[str, ...]]:
    """All tables, columns, keys, checks and indexes, in the database's own words."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        # SQLite writes an added column behind a comma of the last line, and leaves the bracket to the end.
        lines = ((table, sql.replace(", requested_address", "\n\trequested_address")) for table, sql in rows)
        return {(table, line.strip(" ,\t)")) for table, sql in lines for line in sql.splitlines()}
    columns = "SELECT table_name, column_name, data_type, udt_name, collation_name, is_nullable, column_default, "
    columns += (
        "character_maximum_length::text, numeric_precision::text, numeric_scale::text FROM information_schema.columns"
    )
    constraints = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    indexes = "SELECT tablename, indexdef FROM pg_indexes"
    found = {tuple(row) for query in (columns, constraints, indexes) for row in connection.exec_driver_sql(query)}
    return {row for row in found if VERSION_TABLE not in str(row)}


def test_what_migrations_make_is_what_the_code_expects(shared_url: str) -> None:
    """Alembic finds no difference between a migrated database and `shared.tables`."""
    with reading(shared_url) as connection:
        compared = {"include_schemas": True, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(
            connection, opts={**compared, "version_table": VERSION_TABLE, "version_table_schema": REPORTING}
        )
        assert compare_metadata(context, metadata) == []


def test_every_definition_equals_that_of_the_tables_themselves(shared_url: str, new_url: NewUrl) -> None:
    """Also what Alembic does not compare is equal: collations, checks, filters and the order of index columns."""
    direct = new_url()
    with writing(direct) as connection:
        for schema in (REPORTING, COSTAR, QBR) if connection.dialect.name == "postgresql" else ():
            connection.execute(CreateSchema(schema))
        metadata.create_all(connection)
    with reading(direct) as made, reading(shared_url) as migrated:
        expected_definitions = definitions(made)
        found = {row for row in definitions(migrated) if VERSION_TABLE not in row[0]}
    assert len(expected_definitions) > 300
    assert found == expected_definitions


def test_a_second_run_changes_nothing(empty_url: str) -> None:
    """Migrating twice applies every revision once."""
    settings = DatabaseSettings(database_url=empty_url)
    first = migrate(settings, with_business_tables=True)
    assert len(first) == 6
    assert migrate(settings, with_business_tables=True) == []


def test_data_survive(empty_url: str) -> None:
    """Rows written between two runs are there after them, also when the business tables come later."""
    settings = DatabaseSettings(database_url=empty_url)
    migrate(settings)
    with writing(empty_url) as connection:
        connection.execute(insert(alerts).values(id="a", at=func.now(), kind="test", subject="kept"))
    assert len(migrate(settings, with_business_tables=True)) == 2
    with reading(empty_url) as connection:
        assert (count(connection, alerts), count(connection, banks)) == (1, 0)


def test_the_owners_tables_are_made_only_when_asked_for(empty_url: str) -> None:
    """Without the flag, a database gets the product's own tables and no others."""
    migrate(DatabaseSettings(database_url=empty_url))
    assert tables_of(empty_url, REPORTING) == expected(REPORTING)
    assert tables_of(empty_url, COSTAR) == expected(COSTAR) - {table.name for table in BUSINESS_COSTAR}
    assert tables_of(empty_url, QBR) == expected(QBR) - {table.name for table in BUSINESS_QBR}


def test_three_databases_get_one_schema_each(new_url: NewUrl) -> None:
    """With three URLs, each database holds its own tables and a record of its own revisions."""
    urls = {REPORTING: new_url(), COSTAR: new_url(), QBR: new_url()}
    settings = DatabaseSettings(
        database_url=urls[REPORTING], costar_database_url=urls[COSTAR], qbr_database_url=urls[QBR]
    )
    assert len(migrate(settings, with_business_tables=True)) == 6
    for held, url in urls.items():
        assert {schema: tables_of(url, schema) for schema in urls} == {
            schema: expected(schema) if schema == held else set() for schema in urls
        }
    assert migrate(settings, with_business_tables=True) == []


def test_two_schemas_may_share_a_database(new_url: NewUrl) -> None:
    """Where the CoSTAR tables alone are elsewhere, the other two schemas stay together."""
    first, second = new_url(), new_url()
    migrate(DatabaseSettings(database_url=first, costar_database_url=second), with_business_tables=True)
    assert (tables_of(first, QBR), tables_of(first, COSTAR)) == (expected(QBR), set())
    assert (tables_of(second, QBR), tables_of(second, COSTAR)) == (set(), expected(COSTAR))


def test_schema_names_are_settings(postgres_url: str) -> None:
    """The schemas get the names of the settings, and the product reads its tables there."""
    settings = DatabaseSettings(
        database_url=postgres_url, reporting_schema="reports_test", costar_schema="field", qbr_schema="ben002"
    )
    migrate(settings, with_business_tables=True)
    with opened(postgres_url, settings.schemas) as database, database.read() as connection:
        names = set(inspect(connection).get_schema_names()) - {"information_schema"}
        assert names == {"public", "reports_test", "field", "ben002"}
        assert set(inspect(connection).get_table_names("ben002")) == expected(QBR)
        assert count(connection, calls) == 0
    assert migrate(settings, with_business_tables=True) == []


def test_a_schema_that_exists_is_used(postgres_url: str) -> None:
    """The owner's schema is not made again."""
    with writing(postgres_url) as connection:
        connection.execute(CreateSchema("ben002"))
    assert len(migrate(DatabaseSettings(database_url=postgres_url, qbr_schema="ben002"))) == 4


@pytest.mark.parametrize("schema", ["reporting", "other_name"])
def test_a_later_revision_can_alter_a_table(empty_url: str, schema: str) -> None:
    """ALTER TABLE finds its table under any schema name, and under the prefix on SQLite."""
    settings = DatabaseSettings(database_url=empty_url, reporting_schema=schema)
    migrate(settings)
    store = stores(settings)[0]
    with closing(store.open()) as database, database.transaction() as connection:
        operations = Operations(MigrationContext.configure(connection, opts=options(store)))
        operations.add_column("alerts", Column("weight", Integer), schema="reporting")
        operations.rename_table("audit_log", "audit_trail", schema="reporting")
        inspector, place = inspect(connection), store.names[REPORTING]
        assert "weight" in {column["name"] for column in inspector.get_columns("alerts", place)}
        assert "audit_trail" in inspector.get_table_names(place)


def test_a_failure_leaves_nothing_behind(empty_url: str) -> None:
    """A run that fails half-way is undone as a whole, so that the next one can succeed."""
    in_the_way = Table("call_events", MetaData(), Column("id", Integer), schema=COSTAR)
    with writing(empty_url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(CreateSchema(COSTAR))
        in_the_way.create(connection)
    settings = DatabaseSettings(database_url=empty_url)
    with pytest.raises((DBAPIError, ReportingError)):
        migrate(settings)
    assert tables_of(empty_url, REPORTING) == set()
    with writing(empty_url) as connection:
        in_the_way.drop(connection)
    assert len(migrate(settings)) == 4


def test_the_script_names_types_that_azure_sql_stores_exactly() -> None:
    """The T-SQL script uses NVARCHAR, DATETIME2, DATE, UNIQUEIDENTIFIER and filtered indexes, and no older type."""
    text = script(DatabaseSettings(database_url="sqlite://"), with_business_tables=True)
    for line in (
        "SET QUOTED_IDENTIFIER ON;",
        "job_id NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,",
        "created_at DATETIME2(6) NOT NULL,",
        "scheduled_date DATE NULL,",
        "client_bank UNIQUEIDENTIFIER NULL,",
        "params NVARCHAR(max) NOT NULL,",
        'CHECK (ISJSON("params") = 1)',
        "[TotalCost] NUMERIC(12, 2) NULL,",
        "ON reporting.report_jobs (lease_until) WHERE status = N'processing';",
        "(requested_by, created_at DESC);",
    ):
        assert line in text
    assert [word for word in ("DATETIME ", " VARCHAR(5", " NTEXT", " TEXT ", "json_valid") if word in text] == []
    assert text.count("CREATE TABLE") == len(metadata.tables) + 5  # the record of revisions, where it is missing


def test_the_script_uses_the_schema_names_of_the_settings() -> None:
    """Each database gets a part of its own, with the names that the deployment gave its schemas."""
    settings = DatabaseSettings(
        database_url="sqlite://", qbr_database_url="sqlite:///other.db", reporting_schema="rep", qbr_schema="ben002"
    )
    first, _, second = script(settings).partition("-- The database of ben002")
    assert "CREATE TABLE rep.report_jobs" in first
    assert "ben002" not in first
    assert "REFERENCES ben002.[QBR_Sessions]" in second
    assert "IF SCHEMA_ID(N'ben002') IS NULL EXEC(N'CREATE SCHEMA ben002');" in second


def test_the_command_tells_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`migrate` needs DATABASE_URL alone, names each revision it applies, and says when there was nothing to do."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/reports.db")
    assert main(["migrate"]) == 0
    assert "reporting_0001: The product's own tables" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "Nothing to do: every table is at its newest revision.\n"


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without DATABASE_URL the command ends with status 2 and says so."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["migrate"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_a_lost_database_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a database cannot be reached, the command says so with status 1 and shows no password."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://someone:secret-word@127.0.0.1:1/nowhere")
    assert main(["migrate"]) == 1
    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "secret-word" not in said


def test_migrate_all_is_what_other_tests_start_from(migrated_url: str, empty_url: str) -> None:
    """The prepared copies that tests use hold the same as a run of the migrations."""
    migrate_all(empty_url)
    with reading(migrated_url) as prepared, reading(empty_url) as fresh:
        assert definitions(prepared) == definitions(fresh)


def unique_keys(table: Table) -> list[UniqueConstraint]:
    """The unique constraints of a table."""
    return [each for each in table.constraints if isinstance(each, UniqueConstraint)]


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_no_index_key_is_too_wide_for_sql_server(table: Table) -> None:
    """A primary key stays within 900 bytes and any other index key within 1,700, which SQL Server allows."""

    def width(columns: list[Column[object]]) -> int:
        return sum(2 * (getattr(column.type, "length", None) or 8) for column in columns)

    assert width(list(table.primary_key.columns)) <= 900
    for columns in [*(each.columns for each in table.indexes), *(each.columns for each in unique_keys(table))]:
        assert width(list(columns)) <= 1_700
