"""The revisions of the tables: which branches a database gets, and what it has of them; changes nothing."""

from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ops import alter_tables
from ops.databases import Store
from shared.tables import COSTAR, QBR, REPORTING

VERSION_TABLE = "schema_versions"  # one per database, in the `reporting` schema, which is made for it where need be
_FOLDER = Path(__file__).parent / "migrations"
_BUSINESS = {COSTAR: "costar_business", QBR: "qbr_business"}


def branches(store: Store, *, with_business_tables: bool) -> list[str]:
    """The branches a database gets: one per schema, and those of the owner's tables where they are asked for."""
    business = [_BUSINESS[schema] for schema in store.schemas if schema in _BUSINESS]
    return [*store.schemas, *(business if with_business_tables else ())]


def directory() -> ScriptDirectory:
    """The revisions that this version of the product knows."""
    return ScriptDirectory(str(_FOLDER))


def options(store: Store) -> dict[str, Any]:
    """What Alembic has to know of a database: where its version table is, and how its schemas are named."""
    return {
        "version_table": VERSION_TABLE,
        "version_table_schema": store.names[REPORTING],
        alter_tables.NAMES: store.names,
    }


def state_problems(connection: Connection, store: Store) -> list[str]:
    """One sentence per branch that is behind, and per revision that this version of the product does not know."""
    known = {script.revision: script for script in directory().walk_revisions()}
    applied = MigrationContext.configure(connection, opts=options(store)).get_current_heads()
    begun = {label for revision in applied if revision in known for label in known[revision].branch_labels}
    heads = {label: script for script in known.values() if script.is_head for label in script.branch_labels}
    due = [heads[branch].revision for branch in heads if branch in {*store.schemas, *begun}]
    return [
        *(f"{store}: revision {each} is not applied: run `migrate`" for each in sorted(set(due) - set(applied))),
        *(f"{store}: revision {each} is not known to this version" for each in applied if each not in known),
    ]
