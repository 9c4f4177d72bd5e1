"""Why a database refused some rows: finds the first of them and says what is wrong with it; keeps nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, UniqueConstraint, and_, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from dev.bulk_load import LoadRefused, Row
from dev.import_calls._files import Record, Source, read, shown

REFUSALS = (IntegrityError, DataError)


def diagnosed(connection: Connection, source: Source, records: Iterable[Record]) -> LoadRefused:
    """The error for the first of the records that the database refuses when they come one by one."""
    for record in records:
        try:
            with connection.begin_nested():
                connection.execute(insert(source.table), [record.row])
        except REFUSALS as error:
            column, problem = _cause(connection, source, record, error)
            return source.refusal(record.line, problem, column)
    return LoadRefused(f"{source.path.name}: the database refused rows together that it takes one by one.")


def _cause(
    connection: Connection, source: Source, record: Record, error: IntegrityError | DataError
) -> tuple[str, str]:
    """The column (or none) and the problem."""
    for columns in _keys(source):
        values = [record.row.get(column.name) for column in columns]
        if None not in values and _exists(connection, columns, values):
            return _names(columns), _repeated(source, record, columns, values)
    for key in source.table.foreign_key_constraints:
        referred = [element.column for element in key.elements]
        values = [record.row.get(column.name) for column in key.columns]
        if None not in values and not _exists(connection, referred, values):
            return _names(key.columns), f"{_shown(values)} is in no row of {key.referred_table.name}"
    return _broken_check(source, record.row, str(error.orig))


def _keys(source: Source) -> list[list[Column[Any]]]:
    """The columns of the primary key, then those of each unique key."""
    unique = [key for key in source.table.constraints if isinstance(key, UniqueConstraint)]
    return [list(source.table.primary_key.columns), *(list(key.columns) for key in unique)]


def _exists(connection: Connection, columns: Sequence[Column[Any]], values: Sequence[object]) -> bool:
    same = and_(*(column == value for column, value in zip(columns, values, strict=True)))
    return connection.execute(select(columns[0]).where(same).limit(1)).first() is not None


def _repeated(source: Source, record: Record, columns: Sequence[Column[Any]], values: list[object]) -> str:
    """Where the key stands already: further up in the file, or in the database."""
    for other in read(source):
        if other.line == record.line:
            break
        if [other.row.get(column.name) for column in columns] == values:
            return f"{_shown(values)} stands in line {other.line} already"
    return (
        f"{_shown(values)} is in the database already; import into an empty database, "
        "one without sample data and earlier imports"
    )


def _broken_check(source: Source, row: Row, message: str) -> tuple[str, str]:
    """The check whose name the database's message holds."""
    for check in source.table.constraints:
        if isinstance(check, CheckConstraint) and check.name:
            for column in source.table.c:
                if f"ck_{source.table.name}_{column.name}" in message and str(check.sqltext).startswith(
                    f'"{column.name}"'
                ):
                    return column.name, f"{shown(row.get(column.name))} breaks the rule {check.sqltext}"
    return "", f"the database refuses the row: {message.splitlines()[0]}"


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(column.name for column in columns)


def _shown(values: Iterable[object]) -> str:
    return ", ".join(shown(value) for value in values)
