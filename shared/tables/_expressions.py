"""Expressions that SQLAlchemy has no common form for, each compiled by hand for every database.

What the databases would silently get wrong (datetime subtraction, 2,100 parameters) is written here once.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Double, String, bindparam, case, func
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement, operators
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine

from shared.tables._types import BINARY_COLLATION, Guid, Instant

_SECONDS_BEFORE_1970 = 62_135_596_800  # since 0001-01-01: numbers that are never negative need no care in dividing


class utc_now(GenericFunction[Any]):  # noqa: N801 reads as the SQL function it is
    """The database's clock, in UTC with microseconds: the only clock leases are judged by."""

    type = Instant()
    inherit_cache = True


class utc_now_plus(GenericFunction[Any]):  # noqa: N801 reads as the SQL function it is
    """The database's clock plus a number of seconds: when a lease taken now ends."""

    type = Instant()
    inherit_cache = True


class minutes_between(GenericFunction[float]):  # noqa: N801 reads as the SQL function it is
    """Minutes from the first instant to the second as a floating number; negative when they are swapped."""

    type = Double()
    inherit_cache = True


class quarter_hours(GenericFunction[int]):  # noqa: N801 reads as the SQL function it is
    """Whole quarters of an hour from 0001-01-01 in UTC to the instant.

    Every zone's offset has been a multiple of a quarter since 1972: instants of one quarter share local date and hour.
    """

    type = BigInteger()
    inherit_cache = True


class sortable_id(GenericFunction[str]):  # noqa: N801 reads as the SQL function it is
    """An id as it sorts as text; UNIQUEIDENTIFIER alone sorts by its last bytes."""

    type = String()
    inherit_cache = True


class without_index(GenericFunction[Any]):  # noqa: N801 reads as the SQL function it would be
    """A column, to group by: SQLite would read a whole table in the order of an index rather than sort a few rows."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        """Has the type of the column."""
        super().__init__(column)
        self.type = column.type


class _Texts(TypeDecorator[list[str]]):
    """A list as JSON text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """JSON."""
        del dialect
        return json.dumps(value)


class _Ids(_Texts):
    """A list of ids, as JSON text too; on PostgreSQL as an array.

    That is a constant to its planner, which tells from it how many rows a bank has; a JSON list it would read again for
    every row of a table.
    """

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import ARRAY, UUID

            return dialect.type_descriptor(ARRAY(UUID(as_uuid=False)))
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """The list itself, or JSON."""
        return value if dialect.name == "postgresql" else super().process_bind_param(value, dialect)


def count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group meet a condition; 0 where there is no row."""
    return func.count(case((condition, 1)))


class InJsonList(ColumnElement[bool]):
    """`column IN (a list sent as one JSON parameter)`: one statement text and one parameter for any length."""

    __visit_name__ = "in_json_list"
    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 SQLAlchemy reads it by this name
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], values: Iterable[str]) -> None:
        """Takes the column and the texts to look for; ids in either case."""
        listed = [each.lower() for each in values] if isinstance(column.type, Guid) else list(values)
        self.column = column
        self.values = bindparam("json_list", listed, _Ids() if isinstance(column.type, Guid) else _Texts(), unique=True)

    def self_group(self, against: Any = None) -> "InJsonList":
        """Itself wherever it stands: SQLAlchemy would compare it with 1 where a database has no booleans."""
        del against
        return self

    def _negate(self) -> ColumnElement[bool]:
        return UnaryExpression(self, operator=operators.inv, type_=self.type)

    @property
    def _from_objects(self) -> list[Any]:
        return list(self.column._from_objects)  # noqa: SLF001 how SQLAlchemy asks elements for their tables


@compiles(utc_now, "mssql")
def _utc_now_mssql(element: utc_now, compiler: Any, **_kw: Any) -> str:
    del element, compiler
    return "SYSUTCDATETIME()"


@compiles(utc_now, "postgresql")
def _utc_now_postgresql(element: utc_now, compiler: Any, **_kw: Any) -> str:
    del element, compiler
    return "clock_timestamp()"  # now() would stand still within a transaction


@compiles(utc_now, "sqlite")
def _utc_now_sqlite(element: utc_now, compiler: Any, **_kw: Any) -> str:
    del element, compiler
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(utc_now_plus, "mssql")
def _utc_now_plus_mssql(element: utc_now_plus, compiler: Any, **kw: Any) -> str:
    """Whole seconds and the rest apart: as milliseconds alone a month is more than an INT holds."""
    whole, seconds, again = (compiler.process(element.clauses, **kw) for _ in range(3))
    rest = f"CAST(({seconds} - FLOOR({again})) * 1000 AS INT)"
    return f"DATEADD(MILLISECOND, {rest}, DATEADD(SECOND, CAST(FLOOR({whole}) AS INT), SYSUTCDATETIME()))"


@compiles(utc_now_plus, "postgresql")
def _utc_now_plus_postgresql(element: utc_now_plus, compiler: Any, **kw: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


@compiles(utc_now_plus, "sqlite")
def _utc_now_plus_sqlite(element: utc_now_plus, compiler: Any, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds') || '000')"


@compiles(minutes_between, "mssql")
def _minutes_mssql(element: minutes_between, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(DATEDIFF_BIG(MICROSECOND, {start}, {end}) / 60000000.0)"


@compiles(minutes_between, "postgresql")
def _minutes_postgresql(element: minutes_between, compiler: Any, **kw: Any) -> str:
    """EXTRACT would calculate with decimals, which is several times as slow."""
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(date_part('epoch', ({end}) - ({start})) / 60.0)"


@compiles(minutes_between, "sqlite")
def _minutes_sqlite(element: minutes_between, compiler: Any, **kw: Any) -> str:
    """Whole seconds and the six stored decimals apart: SQLite's own functions round to the millisecond."""
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    seconds = f"(strftime('%s', substr({end}, 1, 19)) - strftime('%s', substr({start}, 1, 19)))"
    return f"({seconds} / 60.0 + (substr({end}, 21, 6) - substr({start}, 21, 6)) / 60000000.0)"


@compiles(quarter_hours, "mssql")
def _quarters_mssql(element: quarter_hours, compiler: Any, **kw: Any) -> str:
    return f"(DATEDIFF_BIG(MINUTE, CAST('0001-01-01' AS DATETIME2), {compiler.process(element.clauses, **kw)}) / 15)"


@compiles(quarter_hours, "postgresql")
def _quarters_postgresql(element: quarter_hours, compiler: Any, **kw: Any) -> str:
    """Whole seconds first: so many of them leave a floating number no room for microseconds."""
    at = compiler.process(element.clauses, **kw)
    return f"((CAST(date_part('epoch', date_trunc('second', {at})) AS BIGINT) + {_SECONDS_BEFORE_1970}) / 900)"


@compiles(quarter_hours, "sqlite")
def _quarters_sqlite(element: quarter_hours, compiler: Any, **kw: Any) -> str:
    at = compiler.process(element.clauses, **kw)
    return f"((strftime('%s', substr({at}, 1, 19)) + {_SECONDS_BEFORE_1970}) / 900)"


@compiles(sortable_id)
@compiles(without_index)
def _the_column_itself(element: sortable_id | without_index, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(sortable_id, "mssql")
def _sortable_id_mssql(element: sortable_id, compiler: Any, **kw: Any) -> str:
    return f"LOWER(CONVERT(CHAR(36), {compiler.process(element.clauses, **kw)}))"


@compiles(without_index, "sqlite")
def _without_index_sqlite(element: without_index, compiler: Any, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(InJsonList, "mssql")
def _in_json_mssql(element: InJsonList, compiler: Any, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    if isinstance(element.column.type, Guid):
        return f"{column} IN (SELECT item FROM OPENJSON({values}) WITH (item UNIQUEIDENTIFIER '$'))"  # noqa: S608 compiled parts
    text = f"SELECT item COLLATE {BINARY_COLLATION} FROM OPENJSON({values}) WITH (item NVARCHAR(500) '$')"  # noqa: S608 compiled parts
    return f"{column} COLLATE {BINARY_COLLATION} IN ({text})"


@compiles(InJsonList, "postgresql")
def _in_json_postgresql(element: InJsonList, compiler: Any, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    if isinstance(element.column.type, Guid):
        return f"{column} = ANY (CAST({values} AS UUID[]))"
    return f"{column} IN (SELECT jsonb_array_elements_text(CAST({values} AS jsonb)))"


@compiles(InJsonList, "sqlite")
def _in_json_sqlite(element: InJsonList, compiler: Any, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 compiled parts
