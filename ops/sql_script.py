"""The revisions as T-SQL scripts for somebody else to run, one repeatable file per branch; runs no statement itself."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.schema import CreateTable

from ops import revisions
from ops.databases import Store, stores
from shared.settings import DatabaseSettings
from shared.tables import REPORTING, metadata

_ORDER = ("reporting", "costar", "qbr", "costar_business", "qbr_business")
_STOP = "IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;"
# Filtered indexes need the first two, and with QUOTED_IDENTIFIER off (sqlcmd's default) "name" in a check is a text.
_SESSION = "SET QUOTED_IDENTIFIER ON;\nSET ANSI_NULLS ON;\nSET XACT_ABORT ON;\nSET NOCOUNT ON;\nGO\n"
_ABOUT = """\
-- {title}
-- Branch {branch} of the revisions in ops/migrations, written by `python -m ops migrate --sql mssql`: not by hand.
-- For Azure SQL Database, or SQL Server 2019 and later; by sqlcmd, SSMS or anything else that knows GO.
-- It may be run again, and over any older state: {versions} holds the last revision of this
-- branch, and a revision that is in already is passed over. Each revision is one transaction, which the first error
-- rolls back; what follows it is not executed then. Nothing is dropped, and no row but that of the revision is written.
"""


def script(settings: DatabaseSettings, *, with_business_tables: bool = False) -> str:
    """All scripts as one text, one part per database; the URLs of the settings only say which are one."""
    parts: list[str] = []
    for store in _stores(settings):
        parts.append(f"-- The {store}.\n")
        parts += _scripts(store, with_business_tables=with_business_tables).values()
    return "\n".join(parts)


def script_files(settings: DatabaseSettings, *, with_business_tables: bool = False) -> dict[str, str]:
    """The scripts by file name; the names sort in the order to run them."""
    return {
        name: text
        for store in _stores(settings)
        for name, text in _scripts(store, with_business_tables=with_business_tables).items()
    }


def _stores(settings: DatabaseSettings) -> Iterator[Store]:
    """The databases, with the schema names of the settings whatever the URLs are."""
    return (replace(store, names=settings.schemas) for store in stores(settings))


def _scripts(store: Store, *, with_business_tables: bool) -> dict[str, str]:
    branches = revisions.branches(store, with_business_tables=with_business_tables)
    return {_file_name(branch): _branch(store, branch) for branch in sorted(branches, key=_ORDER.index)}


def _file_name(branch: str) -> str:
    return f"{_ORDER.index(branch) + 1}-{branch.replace('_', '-')}.sql"


def _branch(store: Store, branch: str) -> str:
    text = StringIO()
    context = _context(store, text)
    steps = list(revisions.directory().iterate_revisions(f"{branch}@head", "base"))[::-1]
    versions = _versions(context, store)
    text.write(_ABOUT.format(title=steps[0].doc, branch=branch, versions=versions))
    text.write(_SESSION)
    text.writelines(f"{each}\nGO\n" for each in _preparations(context, store, branch))
    for place, step in enumerate(steps):
        text.write(_begin(versions, steps, place))
        with Operations.context(context):
            step.module.upgrade()
        text.write(_end(versions, steps, place))
    return _tidied(text.getvalue())


def _tidied(text: str) -> str:
    """Without the blank lines that Alembic leaves, but for one before each revision."""
    lines = (line.rstrip() for line in text.splitlines() if line.strip())
    return "".join(f"\n{line}\n" if line.startswith("-- Revision ") else f"{line}\n" for line in lines)


def _context(store: Store, text: StringIO) -> MigrationContext:
    options = revisions.options(store) | {
        "as_sql": True,
        "output_buffer": text,
        "target_metadata": metadata,
        "mssql_batch_separator": f"GO\n{_STOP}\nGO",
    }
    azure_sql: Any = {"deprecate_large_types": True}
    return MigrationContext.configure(dialect_name="mssql", dialect_opts=azure_sql, opts=options)


def _versions(context: MigrationContext, store: Store) -> str:
    return f"{_quoted(context, store.names[REPORTING])}.{revisions.VERSION_TABLE}"


def _quoted(context: MigrationContext, name: str) -> str:
    return str(context.dialect.identifier_preparer.quote(name))


def _preparations(context: MigrationContext, store: Store, branch: str) -> Iterator[str]:
    """The schemas that the branch needs, the first of which holds the version table, and that table."""
    held = store.names[branch.removesuffix("_business")]
    for name in dict.fromkeys((store.names[REPORTING], held)):
        yield f"IF SCHEMA_ID(N'{name}') IS NULL EXEC(N'CREATE SCHEMA {_quoted(context, name)}');"
    table = context.impl.version_table_impl(
        version_table=revisions.VERSION_TABLE, version_table_schema=store.names[REPORTING], version_table_pk=True
    )
    made = str(CreateTable(table).compile(dialect=context.dialect)).strip()
    yield f"IF OBJECT_ID(N'{_versions(context, store)}', N'U') IS NULL\n{made};"


def _begin(versions: str, steps: list[Any], place: int) -> str:
    """Executes nothing up to `_end` unless the branch is at the revision before, or, for the first, at none."""
    step = steps[place]
    if place:
        due = f"NOT EXISTS (SELECT 1 FROM {versions} WHERE version_num = '{steps[place - 1].revision}')"  # noqa: S608 our names
    else:
        known = ", ".join(f"'{each.revision}'" for each in steps)
        due = f"EXISTS (SELECT 1 FROM {versions} WHERE version_num IN ({known}))"  # noqa: S608 our names
    return f"-- Revision {step.revision}: {step.doc}\nIF {due} SET NOEXEC ON;\nGO\nBEGIN TRANSACTION;\nGO\n"


def _end(versions: str, steps: list[Any], place: int) -> str:
    now = steps[place].revision
    if place:
        before = steps[place - 1].revision
        record = f"UPDATE {versions} SET version_num = '{now}' WHERE version_num = '{before}';"  # noqa: S608 our names
    else:
        record = f"INSERT INTO {versions} (version_num) VALUES ('{now}');"  # noqa: S608 our names
    return f"{record}\nCOMMIT TRANSACTION;\nGO\nSET NOEXEC OFF;\nIF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\nGO\n"
