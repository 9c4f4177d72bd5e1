"""The calls the jobs are about: plain rows, quick to load; one period has many, the other few."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from dev.bulk_load import Row, insert_rows
from dev.sample_data._people import BUSIEST, bank_rows, user_rows
from shared.ports import Database
from shared.tables import banks, call_events, calls, photos, user_profiles


@dataclass(frozen=True)
class Period:
    """A report's dates, and the numbers of the calls within them."""

    dates: Mapping[str, str]
    calls: range


MANY = Period({"dateFrom": "2026-01-01", "dateTo": "2026-06-30"}, range(3_000))
FEW = Period({"dateFrom": "2025-01-01", "dateTo": "2025-06-30"}, range(3_000, 3_100))
_DAYS = 180
_NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def fill(database: Database) -> None:
    """Loads banks, people and calls, each call with an assignment and a photo."""
    numbers = (*MANY.calls, *FEW.calls)
    with database.transaction() as connection:
        insert_rows(connection, banks, bank_rows())
        insert_rows(connection, user_profiles, user_rows())
        insert_rows(connection, calls, map(_call, numbers))
        insert_rows(connection, call_events, map(_assignment, numbers))
        insert_rows(connection, photos, map(_photo, numbers))


def call_number(number: int) -> str:
    """What a file shows of a call."""
    return f"CALL-{number:05}"


def _call(number: int) -> Row:
    first = date(2026 if number in MANY.calls else 2025, 1, 1)
    return {
        "id": _id(1, number),
        "call_number": call_number(number),
        "type": "swap",
        "status": "assigned",
        "priority": "high",
        "client_bank": BUSIEST.id,
        "scheduled_date": first + timedelta(days=number % _DAYS),
        "description": "The same words for every call. " * 20,
        "created_at": _NOON,
    }


def _assignment(number: int) -> Row:
    return {"id": _id(2, number), "call_id": _id(1, number), "at": _NOON, "event_type": "ASSIGNED"}


def _photo(number: int) -> Row:
    return {
        "id": _id(3, number),
        "call_id": _id(1, number),
        "storage_path": f"calls/{number}/before.jpg",
        "kind": "before",
    }


def _id(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 64) + number))
