"""Gives ALTER TABLE the schema names of a deployment: Alembic writes them itself, outside SQLAlchemy's translation.

CREATE statements are SQLAlchemy's own, which knows the names already (but for a script written without a connection).
"""

from typing import Any

from alembic.ddl.base import AlterTable, RenameTable
from alembic.ddl.impl import DefaultImpl
from alembic.ddl.mssql import MSSQLImpl
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.ddl.sqlite import SQLiteImpl

from shared.adapters.sqlite_names import physical_name

NAMES = "schema_names"  # the option of a migration context that holds them
_AZURE_SQL = (16, 0)  # a dialect that has met no server writes DATETIME for a date


class _NamingSchemas(DefaultImpl):
    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if self.as_sql:
            names = self.context_opts[NAMES]
            preparer: Any = self.dialect.identifier_preparer
            preparer.schema_for_object = lambda element: names.get(element.schema, element.schema)

    def _exec(self, construct: Any, *args: Any, **kw: Any) -> Any:
        if isinstance(construct, AlterTable):
            self._place(construct)
        return super()._exec(construct, *args, **kw)

    def _place(self, statement: AlterTable) -> None:
        names = self.context_opts[NAMES]
        statement.schema = names.get(statement.schema, statement.schema)


class _MssqlImpl(_NamingSchemas, MSSQLImpl):
    __dialect__ = "mssql"

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if self.as_sql:
            self.dialect.server_version_info = _AZURE_SQL


class _PostgresqlImpl(_NamingSchemas, PostgresqlImpl):
    __dialect__ = "postgresql"


class _SQLiteImpl(_NamingSchemas, SQLiteImpl):
    __dialect__ = "sqlite"

    def _place(self, statement: AlterTable) -> None:
        statement.table_name = physical_name(statement.schema, statement.table_name)
        if isinstance(statement, RenameTable):
            statement.new_table_name = physical_name(statement.schema, statement.new_table_name)
        statement.schema = None
