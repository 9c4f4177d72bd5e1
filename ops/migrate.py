"""Brings the tables of every database to their newest revision, or prints that as a script; never drops data."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from io import StringIO
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from sqlalchemy import Connection, inspect
from sqlalchemy.schema import CreateSchema

from ops import revisions
from ops.databases import Store, stores
from shared.settings import DatabaseSettings
from shared.tables import REPORTING

# Filtered indexes need these two, and with QUOTED_IDENTIFIER off (sqlcmd's default) "name" in a check is a text.
_SESSION = "SET QUOTED_IDENTIFIER ON;\nSET ANSI_NULLS ON;\nSET XACT_ABORT ON;\nGO\n"


def configure(parser: ArgumentParser) -> None:
    """Declares the arguments of the command."""
    parser.add_argument("--with-business-tables", action="store_true", help="also the owners' tables: samples, tests")
    parser.add_argument("--sql", choices=["mssql"], help="print the script from nothing to newest, change nothing")


def run(arguments: Namespace) -> int:
    """The command; reads the database settings from the environment."""
    settings = DatabaseSettings.load()
    if arguments.sql:
        print(script(settings, with_business_tables=arguments.with_business_tables))
        return 0
    applied = migrate(settings, with_business_tables=arguments.with_business_tables)
    print("\n".join(applied) or "Nothing to do: every table is at its newest revision.")
    return 0


def migrate(settings: DatabaseSettings, *, with_business_tables: bool = False) -> list[str]:
    """Applies what is missing, one transaction per database; gives one line per revision. Repeatable.

    Raises:
        DatabaseUnavailable: a database cannot be reached; the ones before it are done.

    """
    lines: list[str] = []
    for store in stores(settings):
        with closing(store.open()) as database, database.transaction() as connection:
            _create_schemas(connection, store)
            lines += _apply(store, {"connection": connection}, with_business_tables=with_business_tables)
    return lines


def script(settings: DatabaseSettings, *, with_business_tables: bool = False) -> str:
    """The T-SQL that makes everything in empty databases, one part per database; the URLs only say which are one."""
    parts = (replace(store, names=settings.schemas) for store in stores(settings))
    return "\n".join(_script(store, with_business_tables=with_business_tables) for store in parts)


def _script(store: Store, *, with_business_tables: bool) -> str:
    text = StringIO()
    text.write(f"-- The {store}, from nothing. With sqlcmd: -b, to end at the first error.\n{_SESSION}")
    for name in _schema_names(store):
        text.write(f"IF SCHEMA_ID(N'{name}') IS NULL EXEC(N'CREATE SCHEMA [{name}]');\nGO\n")
    target = {"dialect_name": "mssql", "dialect_opts": {"deprecate_large_types": True}, "output_buffer": text}
    _apply(store, target, with_business_tables=with_business_tables, as_sql=True)
    return text.getvalue()


def _apply(store: Store, target: dict[str, Any], *, with_business_tables: bool, as_sql: bool = False) -> list[str]:
    directory = revisions.directory()
    lines: list[str] = []
    heads = tuple(f"{name}@head" for name in revisions.branches(store, with_business_tables=with_business_tables))

    def steps(current: Any, _context: MigrationContext) -> list[MigrationStep]:
        missing = list(directory.iterate_revisions(heads, current, implicit_base=True))[::-1]
        lines.extend(f"{store}: {each.revision}: {each.doc}" for each in missing)
        return [MigrationStep.upgrade_from_script(directory.revision_map, each) for each in missing]

    config = Config(attributes={"options": revisions.options(store) | target})
    with EnvironmentContext(config, directory, fn=steps, as_sql=as_sql, destination_rev="heads"):
        directory.run_env()
    return lines


def _create_schemas(connection: Connection, store: Store) -> None:
    present = inspect(connection).get_schema_names()
    for name in _schema_names(store):
        if name not in present:
            connection.execute(CreateSchema(name))


def _schema_names(store: Store) -> Sequence[str]:
    """The schemas a database needs; the first holds the version table and may hold nothing else."""
    return [store.names[schema] for schema in dict.fromkeys((REPORTING, *store.schemas))]
