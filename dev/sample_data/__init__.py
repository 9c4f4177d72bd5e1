"""The sample world: deterministic, lifelike rows of every business table and their photos; never changes other data.

The same number of calls, seed and day give the same rows on every machine; loading them again changes nothing.
"""

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Column, Connection, select

from dev.bulk_load import LoadRefused, insert_rows, listed
from dev.sample_data._calls import Calls
from dev.sample_data._chance import stream
from dev.sample_data._customers import CUSTOMERS, customer_rows
from dev.sample_data._dealer_rows import parts_order_rows, rental_rows, service_order_rows
from dev.sample_data._fleet_rows import condition_rows, equipment_rows
from dev.sample_data._fsp_format import fsp_format_row
from dev.sample_data._jpegs import store_photos
from dev.sample_data._people import BANKS, bank_rows, user_rows
from dev.sample_data._story import Calendar
from shared import tables
from shared.clock import local_date
from shared.ports import Database, Services

DEFAULT_CALLS, DEFAULT_SEED = 20_000, 1
_TABLES = (
    tables.banks,
    tables.user_profiles,
    tables.devices,
    tables.calls,
    tables.call_events,
    tables.photos,
    tables.call_devices,
    tables.customer_surveys,
    tables.customers,
    tables.equipment,
    tables.service_orders,
    tables.parts_orders,
    tables.rentals,
    tables.condition_history,
    tables.fsp_formats,
)


def configure(parser: ArgumentParser) -> None:
    """Declares `--calls`, `--seed` and `--until`, named as the arguments of `load_sample_data`."""
    parser.add_argument("--calls", type=_count, default=DEFAULT_CALLS, help="how many (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help="another number, other data (default: %(default)s)"
    )
    parser.add_argument("--until", type=_day, help="the day whose work has not begun (default: today)")


def load_sample_data(
    services: Services, calls: int = DEFAULT_CALLS, seed: int = DEFAULT_SEED, until: date | None = None
) -> dict[str, int]:
    """Loads the sample world into migrated databases; returns the rows it added, by table: 0 where they were there.

    The world covers 389 days before `until` (default: today in the business zone) and 10 after it, and nothing in it
    has happened later than the first instant of `until`. Each database is filled in one transaction, so a load that
    was interrupted can be started again.

    Raises:
        LoadRefused: a database holds business data that are not the sample's.

    """
    zone = services.settings.zone
    calendar = Calendar(until or local_date(services.clock.now(), zone), zone)
    has_calls = _holds(services.costar, tables.banks.c.id, BANKS[0].id)
    has_fleets = _holds(services.qbr, tables.customers.c.CustomerID, CUSTOMERS[0].id)
    sizes = store_photos(services.photos)
    counts: Counter[str] = Counter({table.name: 0 for table in _TABLES})
    if not has_fleets:
        with services.qbr.transaction() as connection:
            counts.update(_load_fleets(connection, seed, calendar.until))
    counts.update(_load_format(services.reporting))
    if not has_calls:  # last: where there are banks, everything is there
        with services.costar.transaction() as connection:
            counts.update(_load_calls(connection, Calls(calls, seed, calendar, sizes), seed))
    return dict(counts)


def describe(counts: Mapping[str, int]) -> str:
    """What a load did, for the person at the command line."""
    if not any(counts.values()):
        return "The sample data is already there; nothing was changed."
    return listed(counts)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"'{text}' is not a whole number of 0 or more")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is not a date such as 2025-01-31") from None


def _holds(database: Database, key: Column[str], sample: str) -> bool:
    """Whether the sample is there; raises `LoadRefused` where other data are."""
    with database.read() as connection:
        if connection.scalar(select(key).where(key == sample)) is not None:
            return True
    if _first(database, key) is not None:
        raise LoadRefused(
            f"The table {key.table.name} holds data that are not the sample's. Sample data need an empty database."
        )
    return False


def _first(database: Database, key: Column[str]) -> str | None:
    with database.read() as connection:
        return connection.scalar(select(key).order_by(key).limit(1))


def _load_calls(connection: Connection, calls: Calls, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for table, rows in (
        (tables.banks, bank_rows()),
        (tables.user_profiles, user_rows()),
        (tables.devices, calls.devices.rows(stream("devices", seed))),
    ):
        counts[table.name] += insert_rows(connection, table, rows)
    for batch in calls.batches():
        for each, made in batch.items():
            counts[each.name] += insert_rows(connection, each, made)
    return counts


def _load_fleets(connection: Connection, seed: int, until: date) -> Counter[str]:
    return Counter(
        {
            table.name: insert_rows(connection, table, rows)
            for table, rows in (
                (tables.customers, customer_rows()),
                (tables.equipment, equipment_rows(seed, until)),
                (tables.service_orders, service_order_rows(seed, until)),
                (tables.parts_orders, parts_order_rows(seed, until)),
                (tables.rentals, rental_rows(seed, until)),
                (tables.condition_history, condition_rows(seed, until)),
            )
        }
    )


def _load_format(database: Database) -> Counter[str]:
    """The one row among the product's own tables; a format that was changed since stays."""
    row, bank = fsp_format_row(), tables.fsp_formats.c.bank_id
    with database.transaction() as connection:
        if connection.scalar(select(bank).where(bank == row["bank_id"])) is not None:
            return Counter()
        return Counter({tables.fsp_formats.name: insert_rows(connection, tables.fsp_formats, [row])})
