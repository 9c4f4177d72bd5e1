"""Names what the product needs of its databases and does not find: revisions, tables, columns, indexes, snapshots.

It reads catalogues only, and changes nothing.
"""

from argparse import ArgumentParser, Namespace
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Select, column, func, select, table

from ops.catalogue import Catalogue, Finding
from ops.databases import Store, stores
from ops.revisions import state_problems
from shared.settings import DatabaseSettings

_ALLOWED = 1  # other states are off, and on the way from one to the other


def configure(parser: ArgumentParser) -> None:
    """The command has no arguments."""
    del parser


def run(arguments: Namespace) -> int:
    """The command; reads the database settings from the environment."""
    del arguments
    findings = preflight(DatabaseSettings.load())
    for finding in findings:
        print(finding)
    if any(not finding.is_warning for finding in findings):
        return 1
    print("ready")
    return 0


def preflight(settings: DatabaseSettings) -> list[Finding]:
    """Everything that is missing, database by database.

    Raises:
        DatabaseUnavailable: a database cannot be reached.

    """
    findings: list[Finding] = []
    for store in stores(settings):
        with closing(store.open()) as database, database.read() as connection:
            findings += map(Finding, state_problems(connection, store))
            findings += _isolation_findings(connection, store)
            findings += Catalogue(connection, store).findings()
    return findings


def snapshot_state() -> Select[Any]:
    """Asks SQL Server whether the database that is open lets a transaction take a snapshot."""
    databases = table("databases", column("name"), column("snapshot_isolation_state"), schema="sys").alias("d")
    return select(databases.c.snapshot_isolation_state).where(databases.c.name == func.db_name())


def _isolation_findings(connection: Connection, store: Store) -> list[Finding]:
    """The other databases always can."""
    if connection.dialect.name != "mssql" or connection.scalar(snapshot_state()) == _ALLOWED:
        return []
    return [Finding(f"{store}: snapshots are not allowed: ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON")]
