"""Fills a database with very many calls in little time: a sample world copied by the database itself; measures nothing.

Ten thousand calls of the sample world, with all that hangs on them, under ids that begin with eight zeros; each copy
has its number there instead. All calls lie within the sample world's 400 days.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Select, String, Table, cast, func, insert, literal, select

from dev.bulk_load import Row
from dev.sample_data import _load_calls
from dev.sample_data._calls import Calls
from dev.sample_data._jpegs import store_photos
from dev.sample_data._story import Calendar
from ops.migrate import migrate
from shared.clock import local_date
from shared.ports import Services
from shared.settings import DatabaseSettings
from shared.tables import Guid, call_devices, call_events, calls, customer_surveys, photos

COPIED = 10_000  # calls
_SEED = 1
_TABLES = (calls, call_events, photos, call_devices, customer_surveys)
_KEYS = ("id", "call_id")
_COPIES = "00000001-0000-0000-0000-000000000000"  # the least id of a copy


class _Originals(Calls):
    """Calls whose ids begin with zeros."""

    def batches(self) -> Iterator[Mapping[Table, list[Row]]]:
        """The rows under their new ids."""
        for batch in super().batches():
            yield {table: [_marked(row) for row in rows] for table, rows in batch.items()}


def fill(services: Services, count: int) -> None:
    """Makes every table, and `count` calls in them; `count` is a multiple of `COPIED`."""
    migrate(DatabaseSettings(database_url=services.settings.database_url), with_business_tables=True)
    zone = services.settings.zone
    calendar = Calendar(local_date(services.clock.now(), zone), zone)
    made = _Originals(COPIED, _SEED, calendar, store_photos(services.photos))
    with services.costar.transaction() as connection:
        _load_calls(connection, made, _SEED)
    for number in range(1, count // COPIED):
        with services.costar.transaction() as connection:
            _copy(connection, number)


def _marked(row: Row) -> Row:
    return row | {key: f"{0:08x}{row[key][8:]}" for key in _KEYS if key in row}


def _copy(connection: Connection, number: int) -> None:
    for table in _TABLES:
        names = [column.name for column in table.columns]
        connection.execute(insert(table).from_select(names, _copies(table, number)))


def _copies(table: Table, number: int) -> Select[Any]:
    key = table.c[next(name for name in _KEYS if name in table.c)]
    return select(*(_changed(column, number) for column in table.columns)).where(key < _COPIES)


def _changed(column: Column[Any], number: int) -> Any:
    if column.name in _KEYS:
        return cast(literal(f"{number:08x}", String) + func.substr(cast(column, String(36)), 9), Guid())
    return column + literal(f"-{number}", String) if column.name == "call_number" else column
