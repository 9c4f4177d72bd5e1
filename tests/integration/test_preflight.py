"""Preflight names what a database lacks, on SQLite and PostgreSQL, and nothing that the product can do without."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Column,
    Executable,
    MetaData,
    Table,
    column,
    delete,
    insert,
    literal,
    select,
    table,
)
from sqlalchemy.dialects import mssql
from sqlalchemy.schema import CreateTable, CreateView

from ops.__main__ import main
from ops.databases import stores
from ops.migrate import migrate
from ops.preflight import preflight, snapshot_state
from ops.revisions import VERSION_TABLE
from ops.revisions import options as options_of
from shared.settings import DatabaseSettings
from shared.tables import (
    BUSINESS_COSTAR,
    BUSINESS_QBR,
    COSTAR,
    QBR,
    REPORTING,
    calls,
    metadata,
    rentals,
    service_orders,
    user_profiles,
)

ALL = "database of reporting, costar, qbr"
WHERE = {f"{dialect}_where": calls.c.client_bank.is_not(None) for dialect in ("postgresql", "sqlite")}
versions = table(VERSION_TABLE, column("version_num"), schema=REPORTING)


@contextmanager
def altering(url: str) -> Iterator[Operations]:
    """What the owner of a database might do to it."""
    store = stores(DatabaseSettings(database_url=url))[0]
    with closing(store.open()) as database, database.transaction() as connection:
        yield Operations(MigrationContext.configure(connection, opts=options_of(store)))


def replaced(url: str, table: Table, by: Executable) -> None:
    """Puts something else in the place of a table."""
    with altering(url) as operations:
        cascade = " CASCADE" if operations.get_bind().dialect.name == "postgresql" else ""
        name = operations.get_bind().dialect.identifier_preparer.format_table(table)
        operations.execute(f"DROP TABLE {name}{cascade}")
        operations.execute(by)


def view(table: Table, columns: Iterable[Column[Any]]) -> CreateView:
    """A view of a table's name that has some of its columns and no row."""
    nothing = [literal(None, each.type).label(each.name) for each in columns]
    return CreateView(select(*nothing), table.name, schema=table.schema)


def found(url: str, *, warnings: bool = False) -> list[str]:
    """What preflight says of a database that holds all three schemas."""
    findings = preflight(DatabaseSettings(database_url=url))
    return [finding.text for finding in findings if finding.is_warning is warnings]


def test_a_migrated_database_is_ready(
    shared_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With every table in its place the command says `ready` and ends with 0."""
    monkeypatch.setenv("DATABASE_URL", shared_url)
    assert main(["preflight"]) == 0
    assert capsys.readouterr().out == "ready\n"


def test_an_empty_database_lacks_everything(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each revision and each table that is not there has a line of its own, and the status is 1."""
    monkeypatch.setenv("DATABASE_URL", empty_url)
    assert main(["preflight"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"{ALL}: revision qbr_0001 is not applied: run `migrate`" in lines
    assert "costar.calls: there is no such table or view" in lines
    assert len(lines) == 3 + len(metadata.tables)


def test_without_the_owners_tables_only_those_are_named(empty_url: str) -> None:
    """After `migrate` alone, what is left to do is the owner's."""
    migrate(DatabaseSettings(database_url=empty_url))
    assert found(empty_url) == sorted(
        f"{owner.schema}.{owner.name}: there is no such table or view" for owner in (*BUSINESS_COSTAR, *BUSINESS_QBR)
    )


def test_a_missing_index_is_named_by_its_columns(migrated_url: str) -> None:
    """Every index counts, plain, partial or unique."""
    with altering(migrated_url) as operations:
        operations.drop_index("ix_calls_scheduled_status", "calls", schema=COSTAR)
        operations.drop_index("ix_report_jobs_lease", "report_jobs", schema=REPORTING)
        operations.drop_index("uq_report_jobs_event", "report_jobs", schema=REPORTING)
    assert found(migrated_url) == [
        "costar.calls: index on (scheduled_date, status) is missing",
        "reporting.report_jobs: partial index on (lease_until) is missing",
        "reporting.report_jobs: unique partial index on (source, event_id) is missing",
    ]


OWNERS = {
    "the same": (["client_bank", "scheduled_date"], {}, True),
    "one column more": (["client_bank", "scheduled_date", "city"], {}, True),
    "unique": (["client_bank", "scheduled_date"], {"unique": True}, True),
    "another order": (["scheduled_date", "client_bank"], {}, False),
    "some rows only": (["client_bank", "scheduled_date"], WHERE, False),
}


@pytest.mark.parametrize(("columns", "options", "serves"), OWNERS.values(), ids=OWNERS)
def test_an_index_counts_by_what_it_does(
    migrated_url: str, columns: list[str], options: dict[str, Any], *, serves: bool
) -> None:
    """The owner's index may have any name and more columns; one in another order, or over some rows, will not do."""
    with altering(migrated_url) as operations:
        operations.drop_index("ix_calls_bank_scheduled", "calls", schema=COSTAR)
        operations.create_index("owners", "calls", columns, schema=COSTAR, **options)
    missing = ["costar.calls: index on (client_bank, scheduled_date) is missing"]
    assert found(migrated_url) == ([] if serves else missing)


def test_a_missing_unique_key_is_named(migrated_url: str) -> None:
    """An index that is not unique is no unique key."""
    columns = [Column(each.name, each.type) for each in user_profiles.c]
    owners = Table("user_profiles", MetaData(), *columns, schema=COSTAR)
    replaced(migrated_url, user_profiles, CreateTable(owners))
    with altering(migrated_url) as operations:
        operations.create_index("owners", "user_profiles", ["subject"], schema=COSTAR)
    assert found(migrated_url) == ["costar.user_profiles: unique index on (subject) is missing"]


def test_a_missing_column_is_named(migrated_url: str) -> None:
    """A column that a report reads is named with its table."""
    with altering(migrated_url) as operations:
        operations.drop_column("photos", "kind", schema=COSTAR)
        operations.drop_column("Rentals", "TotalCost", schema=QBR)
    assert found(migrated_url) == ["costar.photos: column kind is missing", "qbr.Rentals: column TotalCost is missing"]


def test_columns_that_may_be_absent_are_not_missed(migrated_url: str) -> None:
    """The columns marked * in the data model are not asked for."""
    absent = {
        "Customers": ("FiscalYearStartMonth", "AccountManager"),
        "Equipment": ("UnitNumber", "Make", "Model", "SerialNumber", "DisposalDate", "ReplacementValue", "Location"),
        "ServiceOrders": ("LaborCost", "PartsCost"),
    }
    with altering(migrated_url) as operations:
        for name, columns in absent.items():
            for each in columns:
                operations.drop_column(name, each, schema=QBR)
    assert found(migrated_url) == []


def test_a_view_needs_the_columns_and_is_warned_of_for_its_indexes(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A view that lacks optional columns will do: the indexes it needs beneath are a warning, and the status is 0."""
    have = [each for each in service_orders.c if each.name not in ("ServiceOrderID", "EquipmentID", "LaborCost")]
    replaced(migrated_url, service_orders, view(service_orders, have))
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    assert main(["preflight"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "warning: qbr.ServiceOrders is a view: what it reads should have index on (CustomerID, ServiceDate)",
        "ready",
    ]


def test_a_view_without_a_needed_column_will_not_do(migrated_url: str) -> None:
    """Columns are needed from views as from tables."""
    replaced(migrated_url, rentals, view(rentals, [each for each in rentals.c if each.name != "EndDate"]))
    assert found(migrated_url) == ["qbr.Rentals: column EndDate is missing"]


def test_a_revision_that_this_version_does_not_know_is_named(migrated_url: str) -> None:
    """A database that a newer version migrated, or that lacks a revision, is told apart from one at its head."""
    with altering(migrated_url) as operations:
        operations.execute(delete(versions).where(versions.c.version_num == "costar_business_0001"))
        operations.execute(insert(versions).values(version_num="reporting_9999"))
    assert found(migrated_url) == [f"{ALL}: revision reporting_9999 is not known to this version"]
    with altering(migrated_url) as operations:
        operations.execute(delete(versions).where(versions.c.version_num == "qbr_0001"))
    assert f"{ALL}: revision qbr_0001 is not applied: run `migrate`" in found(migrated_url)


def test_each_database_is_asked_for_its_own_tables(new_url: Callable[[], str]) -> None:
    """With separate databases, a finding says in which one something is missing."""
    settings = DatabaseSettings(database_url=new_url(), qbr_database_url=new_url())
    migrate(settings, with_business_tables=True)
    assert preflight(settings) == []
    settings = DatabaseSettings(database_url=settings.database_url, qbr_database_url=new_url())
    lines = [finding.text for finding in preflight(settings)]
    assert lines[0] == "database of qbr: revision qbr_0001 is not applied: run `migrate`"
    assert {line.split(".")[0] for line in lines[1:]} == {"qbr"}


def test_names_of_schemas_are_those_of_the_settings(postgres_url: str) -> None:
    """Findings speak of the schemas as the database has them."""
    migrate(DatabaseSettings(database_url=postgres_url, qbr_schema="ben002"), with_business_tables=True)
    settings = DatabaseSettings(database_url=postgres_url, qbr_schema="ben002")
    assert preflight(settings) == []
    lines = [finding.text for finding in preflight(settings.model_copy(update={"qbr_schema": "elsewhere"}))]
    assert "elsewhere.Customers: there is no such table or view" in lines


def test_letters_case_counts_on_postgresql_alone(migrated_url: str, backend: str) -> None:
    """SQL Server and SQLite take `customerid` for `CustomerID`; PostgreSQL does not."""
    with altering(migrated_url) as operations:
        operations.alter_column("Rentals", "StartDate", new_column_name="startdate", schema=QBR)
    expected = ["qbr.Rentals: column StartDate is missing", "qbr.Rentals: index on (CustomerID, StartDate) is missing"]
    assert found(migrated_url) == (expected if backend == "postgresql" else [])


def test_sql_server_is_asked_whether_it_allows_snapshots() -> None:
    """The question is T-SQL about the database that is open."""
    asked = " ".join(str(snapshot_state().compile(dialect=mssql.dialect())).split())
    assert asked == ("SELECT d.snapshot_isolation_state FROM sys.databases AS d WHERE d.name = db_name()")
