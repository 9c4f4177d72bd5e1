"""The one MetaData, its naming rules, and the small builders that the three schemas share."""

from functools import cached_property
from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, Index, MetaData, Table

from shared.tables._types import Json

REPORTING, COSTAR, QBR = "reporting", "costar", "qbr"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def index(table: Table, name: str, *columns: ColumnElement[Any] | Column[Any]) -> Index:
    """A plain index `ix_{table}_{name}`."""
    return Index(f"ix_{table.name}_{name}", *columns)


def partial_index(
    table: Table,
    name: str,
    *columns: ColumnElement[Any] | Column[Any],
    where: ColumnElement[bool],
    unique: bool = False,
) -> Index:
    """An index over the rows where `where` holds; all three databases have them."""
    prefix = "uq" if unique else "ix"
    return _PartialIndex(where, f"{prefix}_{table.name}_{name}", *columns, unique=unique)


class _PartialIndex(Index):
    """Takes its condition apart: SQLAlchemy loads each dialect that an argument names, at every start of the app."""

    def __init__(self, where: ColumnElement[bool], name: str, *columns: Any, unique: bool) -> None:
        self._where = where
        super().__init__(name, *columns, unique=unique)

    @cached_property
    def dialect_options(self) -> Any:
        """The condition as the argument of each dialect; asked for where tables are made or compared."""
        options: dict[str, Any] = {f"{dialect}_where": self._where for dialect in ("mssql", "postgresql", "sqlite")}
        return Index(None, **options).dialect_options


def one_of(column: str, *values: str) -> CheckConstraint:
    """A check that the column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({listed})', name=column)


def between(column: str, low: int, high: int) -> CheckConstraint:
    """A check that the column lies between two numbers, both included."""
    return CheckConstraint(f'"{column}" BETWEEN {low} AND {high}', name=column)


def json_checks(*columns: str) -> list[CheckConstraint]:
    """Checks that text columns hold JSON, for the databases whose JSON is text."""
    return [
        check
        for column in columns
        for check in (
            CheckConstraint(f'ISJSON("{column}") = 1', name=f"{column}_json").ddl_if(dialect="mssql"),
            CheckConstraint(f'"{column}" IS NULL OR json_valid("{column}")', name=f"{column}_json").ddl_if(
                dialect="sqlite"
            ),
        )
    ]


def json_column(name: str, *, nullable: bool = True) -> Column[Any]:
    """A JSON column."""
    return Column(name, Json(), nullable=nullable)
