"""Many rows into a database in batches, inside a transaction of the caller; never commits and holds one batch."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert

Row = dict[str, Any]
BATCH = 1_000
_Item = TypeVar("_Item")


class LoadRefused(Exception):
    """The data cannot be loaded; the message says why and what to do, and nothing of them was kept."""


def batches(items: Iterable[_Item], size: int = BATCH) -> Iterator[list[_Item]]:
    """The items in lists of at most `size`."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def insert_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Inserts rows that all have the same keys; returns how many there were."""
    count = 0
    for batch in batches(rows):
        connection.execute(insert(table), batch)
        count += len(batch)
    return count


def listed(counts: Mapping[str, int]) -> str:
    """Rows by table, one line each, without the tables that got none."""
    return "\n".join(f"{count:>9,}  {name}" for name, count in counts.items() if count)
