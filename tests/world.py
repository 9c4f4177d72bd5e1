"""Builds rows for tests: banks, people, calls, events and photos with sensible defaults and ids of their own."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, func, insert, select

from shared.access.principal import find_principal
from shared.jobs.submit import Caller
from shared.ports import Database, Services
from shared.tables import banks, call_events, calls, photos, user_profiles

DAY = date(2026, 3, 10)
MORNING = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)  # 10:00 in Asia/Kolkata


class World:
    """The rows of one test. Every method writes one row and gives its id; named values replace the defaults."""

    def __init__(self, services: Services) -> None:
        """Writes into the databases of these services."""
        self._services = services
        self._numbers = count(1)

    def bank(self, name: str = "", **values: Any) -> str:
        """A bank."""
        number = next(self._numbers)
        return self._insert(banks, {"name": name or f"Bank {number}", "code": f"B{number}", "active": True}, values)

    def person(self, role: str = "admin", bank: str | None = None, **values: Any) -> str:
        """A person; the subject is what this gives instead of the id."""
        number = next(self._numbers)
        subject = str(values.pop("subject", f"subject-{number}"))
        row = {
            "subject": subject,
            "full_name": f"Person {number}",
            "email": f"person{number}@example.com",
            "role": role,
            "region": "North",
            "bank_id": bank,
            "active": True,
        }
        self._insert(user_profiles, row, values)
        return subject

    def engineer(self, bank: str | None = None, **values: Any) -> str:
        """An engineer; this gives the id, which calls refer to."""
        identity = str(uuid4())
        self.person("engineer", bank, id=identity, **values)
        return identity

    def call(self, bank: str | None = None, **values: Any) -> str:
        """A call scheduled for `DAY`."""
        number = next(self._numbers)
        row = {
            "call_number": f"CALL-{number:06}",
            "type": "installation",
            "status": "pending",
            "priority": "medium",
            "client_bank": bank,
            "client_name": f"Merchant {number}",
            "scheduled_date": DAY,
            "created_at": MORNING,
        }
        return self._insert(calls, row, values)

    def event(self, call: str, event_type: str = "ASSIGNED", **values: Any) -> str:
        """An event of a call."""
        return self._insert(call_events, {"call_id": call, "event_type": event_type, "at": MORNING}, values)

    def photo(self, call: str, storage_path: str = "", **values: Any) -> str:
        """A photo's row; no blob is made."""
        path = storage_path or f"calls/{next(self._numbers)}.jpg"
        return self._insert(photos, {"call_id": call, "storage_path": path, "kind": "after"}, values)

    def caller(self, subject: str) -> Caller:
        """The person as a request of his own would carry him."""
        return Caller(find_principal(self._services.costar, subject), "203.0.113.7")

    def _insert(self, table: Table, row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        whole = {"id": str(uuid4()), **row, **values}
        with self._services.costar.transaction() as connection:
            connection.execute(insert(table).values(whole))
        return str(whole["id"])


def request(report: str = "call-details", **more: Any) -> dict[str, Any]:
    """The body of a request for a CSV of `DAY`; `params` and `output` add to the defaults."""
    params = {"dateFrom": DAY.isoformat(), "dateTo": DAY.isoformat(), **more.pop("params", {})}
    return {"reportId": report, "params": params, "output": {"format": "csv", **more.pop("output", {})}, **more}


def count_rows(database: Database, table: Table) -> int:
    """How many rows a table has."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
