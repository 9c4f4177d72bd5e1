"""Table names on SQLite, which has no schemas: `costar.calls` is kept as `costar_calls`. Runs no statement of its own.

Statements, DDL and reflection all speak of schema and table; the prefix is seen in the file only.
"""

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Engine, TableClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler, SQLiteIdentifierPreparer
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from shared.tables import COSTAR, QBR, REPORTING

SCHEMAS = (REPORTING, COSTAR, QBR)


def install_schema_prefix(engine: Engine) -> None:
    """Makes an engine of SQLite, before its first use, write and read every table as `{schema}_{name}`."""
    engine.dialect.__class__ = _PrefixingDialect  # an engine takes no other dialect than its URL's
    engine.dialect.identifier_preparer = _PrefixingPreparer(engine.dialect)


def physical_name(schema: str | None, name: str) -> str:
    """The name in the file."""
    return f"{schema}_{name}" if schema else name


def _has_prefix(element: object) -> bool:
    """Whether it is a table of a schema itself, not an alias of one."""
    return isinstance(element, TableClause) and element.schema is not None


def _no_schema(_element: object, /) -> str:
    """No index and no column is written with a schema before it."""
    return ""


class _PrefixingPreparer(SQLiteIdentifierPreparer):
    schema_for_object = staticmethod(_no_schema)

    def format_table(self, table: Any, *args: Any, **kw: Any) -> str:
        if _has_prefix(table):
            return self.quote(physical_name(table.schema, table.name))
        return super().format_table(table, *args, **kw)


class _PrefixingCompiler(SQLiteCompiler):
    def visit_table(self, table: Any, *args: Any, **kw: Any) -> str:
        text = cast("str", _inherited(SQLiteCompiler, "visit_table")(self, table, *args, **kw))
        return self.preparer.format_table(table) if text and _has_prefix(table) else text

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> str:
        if not kw.get("include_table", True) or not _has_prefix(column.table):
            return super().visit_column(column, *args, **kw)
        name = super().visit_column(column, *args, **{**kw, "include_table": False})
        return f"{self.preparer.format_table(column.table)}.{name}"


def _inherited(owner: type, method: str) -> Callable[..., Any]:
    """A method that SQLAlchemy leaves without types."""
    return cast("Callable[..., Any]", getattr(owner, method))


def _of_one_table(method: str) -> Callable[..., Any]:
    """A reflection method that looks the table up by its name in the file."""
    inherited = _inherited(SQLiteDialect_pysqlite, method)

    def reflect(self: "_PrefixingDialect", connection: Any, table: str, schema: str | None = None, **kw: Any) -> Any:
        return inherited(self, connection, physical_name(schema, table), **kw)

    return reflect


def _of_one_schema(method: str) -> Callable[..., Any]:
    """A listing method that gives the names of one schema, without the prefix."""
    inherited = _inherited(SQLiteDialect_pysqlite, method)

    def reflect(self: "_PrefixingDialect", connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        names = inherited(self, connection, **kw)
        prefix = physical_name(schema, "")
        if prefix:
            return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        return [name for name in names if not name.startswith(tuple(f"{each}_" for each in SCHEMAS))]

    return reflect


class _PrefixingDialect(SQLiteDialect_pysqlite):
    preparer = _PrefixingPreparer
    statement_compiler = _PrefixingCompiler
    supports_statement_cache = True

    get_table_names = _of_one_schema("get_table_names")
    get_view_names = _of_one_schema("get_view_names")
    has_table = _of_one_table("has_table")
    get_columns = _of_one_table("get_columns")
    get_pk_constraint = _of_one_table("get_pk_constraint")
    get_indexes = _of_one_table("get_indexes")
    get_unique_constraints = _of_one_table("get_unique_constraints")
    get_check_constraints = _of_one_table("get_check_constraints")
    get_table_options = _of_one_table("get_table_options")
    get_view_definition = _of_one_table("get_view_definition")

    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        del connection, kw
        return ["main", *SCHEMAS]

    def get_foreign_keys(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """The keys of a table; none of them leads into another schema."""
        keys = _of_one_table("get_foreign_keys")(self, connection, table_name, schema, **kw)
        prefix = physical_name(schema, "")
        referred = [key["referred_table"].removeprefix(prefix) for key in keys]
        return [
            {**key, "referred_schema": schema, "referred_table": name} for key, name in zip(keys, referred, strict=True)
        ]
