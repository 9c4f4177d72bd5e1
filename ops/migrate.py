"""Brings the tables of every database to their newest revision, or writes that as scripts; never drops data."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from sqlalchemy import Connection, inspect
from sqlalchemy.schema import CreateSchema

from ops import revisions
from ops.databases import Store, stores
from ops.sql_script import script, script_files
from shared.settings import DatabaseSettings
from shared.tables import REPORTING


def configure(parser: ArgumentParser) -> None:
    """Declares the arguments of the command."""
    parser.add_argument("--with-business-tables", action="store_true", help="also the owners' tables: samples, tests")
    parser.add_argument("--sql", choices=["mssql"], help="print the scripts for somebody else to run, change nothing")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="with --sql: write one file per branch there instead")


def run(arguments: Namespace) -> int:
    """The command; reads the database settings from the environment."""
    settings = DatabaseSettings.load()
    if arguments.sql:
        _tell_scripts(settings, arguments.to, with_business_tables=arguments.with_business_tables)
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
            lines += _apply(store, connection, with_business_tables=with_business_tables)
    return lines


def _tell_scripts(settings: DatabaseSettings, folder: Path | None, *, with_business_tables: bool) -> None:
    if folder is None:
        print(script(settings, with_business_tables=with_business_tables))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in script_files(settings, with_business_tables=with_business_tables).items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


def _apply(store: Store, connection: Connection, *, with_business_tables: bool) -> list[str]:
    directory = revisions.directory()
    lines: list[str] = []
    heads = tuple(f"{name}@head" for name in revisions.branches(store, with_business_tables=with_business_tables))

    def steps(current: Any, _context: MigrationContext) -> list[MigrationStep]:
        missing = list(directory.iterate_revisions(heads, current, implicit_base=True))[::-1]
        lines.extend(f"{store}: {each.revision}: {each.doc}" for each in missing)
        return [MigrationStep.upgrade_from_script(directory.revision_map, each) for each in missing]

    config = Config(attributes={"options": revisions.options(store) | {"connection": connection}})
    with EnvironmentContext(config, directory, fn=steps, destination_rev="heads"):
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
