"""What tests of the sample data share: services over a database that stands still, and short ways to read it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select

from shared.clock import FixedClock
from shared.ports import Services
from shared.tables import COSTAR, QBR, fsp_formats, metadata
from shared.wiring import in_memory

UNTIL = date(2025, 6, 16)


def opened(url: str, **settings: Any) -> Services:
    """Services over a database, with empty blob stores, in the afternoon of `UNTIL`."""
    clock = FixedClock(datetime(2025, 6, 16, 9, 30, tzinfo=UTC))
    return in_memory(Path("unused"), clock=clock, database_url=url, **settings)


def read(services: Services, statement: Select[Any]) -> Sequence[Any]:
    """All rows of a statement over any of the tables."""
    with services.costar.read() as connection:
        return connection.execute(statement).all()


def count(services: Services, table: Table, *conditions: ColumnElement[bool]) -> int:
    """How many rows fit all conditions."""
    found: int = read(services, select(func.count()).select_from(table).where(*conditions))[0][0]
    return found


def values(services: Services, column: ColumnElement[Any]) -> set[Any]:
    """The different values of a column."""
    return {row[0] for row in read(services, select(column).distinct())}


def all_rows(services: Services) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every business table and of fsp_formats, in an order that no database chooses."""
    chosen = [table for table in metadata.sorted_tables if table.schema in {COSTAR, QBR} or table is fsp_formats]
    return {table.name: sorted(map(tuple, read(services, select(table))), key=repr) for table in chosen}
