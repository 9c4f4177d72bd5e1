"""A person's own data: one CSV file per table into the business tables, all of them or none; changes no existing row.

Columns are named as in the tables, an empty field is null, instants carry their offset.
"""

from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection, insert

from dev.bulk_load import LoadRefused, batches, listed
from dev.import_calls._diagnosis import REFUSALS, diagnosed
from dev.import_calls._files import Source, fields_of_any_length, read, sources
from shared.ports import Services
from shared.tables import COSTAR

__all__ = ["LoadRefused", "configure", "describe", "import_calls"]


def configure(parser: ArgumentParser) -> None:
    """Declares the folder, named as the argument of `import_calls`."""
    parser.add_argument("folder", type=Path, help="holds one CSV file per table, such as calls.csv")


def import_calls(services: Services, folder: Path) -> dict[str, int]:
    """Loads every CSV file of the folder into migrated databases; returns the rows of each table, in loading order.

    Raises:
        LoadRefused: naming file, line, column and problem of the first thing that cannot be loaded; nothing was.

    """
    found = sources(folder)
    with fields_of_any_length(), ExitStack() as transactions:
        opened: dict[int, Connection] = {}
        counts = {}
        for source in found:
            database = services.costar if source.table.schema == COSTAR else services.qbr
            if id(database) not in opened:
                opened[id(database)] = transactions.enter_context(database.transaction())
            counts[source.table.name] = _load(opened[id(database)], source)
    return counts


def describe(counts: Mapping[str, int]) -> str:
    """What an import did, for the person at the command line."""
    return listed(counts) or "The files hold no rows; nothing was changed."


def _load(connection: Connection, source: Source) -> int:
    count = 0
    for records in batches(read(source)):
        try:
            with connection.begin_nested():
                connection.execute(insert(source.table), [record.row for record in records])
        except REFUSALS as error:
            raise diagnosed(connection, source, records) from error
        count += len(records)
    return count
