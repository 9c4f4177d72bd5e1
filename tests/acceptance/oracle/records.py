"""The tables as lists of dictionaries, from CSV files or straight from a database, and what a report was asked."""

import csv
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

Record = dict[str, Any]
TABLES = ("banks", "user_profiles", "calls", "call_events", "photos", "devices", "call_devices", "customer_surveys")
_IDS = {"id", "call_id", "bank_id", "device_id", "actor_id", "client_bank", "assigned_engineer", "uploaded_by"}
_IDS |= {"from_engineer", "to_engineer", "updated_by"}
LIMITS = {"urgent": 60, "high": 120, "medium": 240, "low": 480}


@dataclass(frozen=True)
class World:
    """Banks and people by id, calls, the instants of each call's ASSIGNED events by the call's id, and all tables."""

    banks: dict[str, Record]
    calls: list[Record]
    assigned: dict[str, list[datetime]]
    people: dict[str, Record]
    tables: dict[str, list[Record]]  # by the names of `TABLES`

    @classmethod
    def of(cls, tables: dict[str, list[Record]]) -> "World":
        """From the rows of each table."""
        assigned: dict[str, list[datetime]] = {}
        for event in tables["call_events"]:
            if event["event_type"] == "ASSIGNED":
                assigned.setdefault(event["call_id"], []).append(event["at"])
        banks, people = ({row["id"]: row for row in tables[name]} for name in ("banks", "user_profiles"))
        return cls(banks, tables["calls"], assigned, people, tables)


@dataclass(frozen=True)
class Question:
    """What was asked, by whom (`allowed` None: somebody who may see everything), where and when."""

    first: date
    last: date
    as_of: datetime
    zone: ZoneInfo
    allowed: frozenset[str] | None = None
    filters: dict[str, list[str]] = field(default_factory=dict)  # column of `calls` to the values that stay
    grace_days: int = 0

    @property
    def previous(self) -> "Question":
        """The same about as many days just before."""
        days = (self.last - self.first).days + 1
        return replace(self, first=self.first - timedelta(days), last=self.first - timedelta(1))

    @property
    def days(self) -> list[date]:
        """Every day asked for."""
        return [self.first + timedelta(number) for number in range((self.last - self.first).days + 1)]

    def wall_clock(self, at: datetime | None) -> datetime | None:
        """The instant by the clock of the business zone, as cells hold it."""
        return None if at is None else self.local(at).replace(tzinfo=None)

    def local(self, at: datetime) -> datetime:
        """The instant in the business zone; in UTC where the zone's own date would be after the year 9999."""
        try:
            return at.astimezone(self.zone)
        except OverflowError:
            return at.astimezone(UTC)

    def day(self, at: datetime) -> date:
        """The date in the business zone."""
        return self.local(at).date()

    def scope(self, world: World) -> list[Record]:
        """The calls it is about."""
        return [call for call in world.calls if self._is_asked(call)]

    def _is_asked(self, call: Record) -> bool:
        if call["scheduled_date"] is None or not self.first <= call["scheduled_date"] <= self.last:
            return False
        return self.permits(call) and all(call[column] in values for column, values in self.filters.items())

    def permits(self, call: Record) -> bool:
        """Whether the call is of a bank that may be seen and was asked for."""
        banks = [each for each in (self.allowed, self.filters.get("client_bank")) if each is not None]
        return all(call["client_bank"] in each for each in banks)


@dataclass(frozen=True)
class Answer:
    """What the report has to say: each sheet with its headings, tiles, charts, and lines of Export Info."""

    sheets: dict[str, list[list[Any]]]
    tiles: list[tuple[str, Any, Any]]  # label, value, previous value
    charts: dict[str, dict[str, list[Any]]]  # title to categories (under "") and series by name
    reconciliation: list[tuple[str, str]]


def from_files(folder: Path) -> World:
    """From one CSV file a table; empty means nothing."""
    tables: dict[str, list[Record]] = {name: [] for name in TABLES}
    for name in TABLES:
        if (folder / f"{name}.csv").exists():
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                tables[name] = _plain(
                    {name: text or None for name, text in row.items()} for row in csv.DictReader(file)
                )
    return World.of(tables)


def from_database(url: str) -> World:
    """From a database of the product, by its URL, past everything that the product reads with."""
    tables = {}
    with closing(_connected(url)) as connection:
        for name in TABLES:
            cursor = connection.cursor()
            cursor.execute(f"SELECT * FROM {_prefix(url, 'costar')}{name}")  # noqa: S608 names of ours
            columns = [each[0] for each in cursor.description]
            rows = (dict(zip(columns, row, strict=True)) for row in cursor.fetchall())
            tables[name] = _plain(rows, knows_json=not url.startswith("sqlite"))
    return World.of(tables)


def newest_as_of(url: str, report: str) -> datetime:
    """The instant of the view that the newest file of a report was made from."""
    jobs = f"{_prefix(url, 'reporting')}report_jobs"
    with closing(_connected(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT MAX(data_as_of) FROM {jobs} WHERE report_id = '{report}'")  # noqa: S608 names of ours
        at: datetime = _value("at", cursor.fetchone()[0])
    return at


def _connected(url: str) -> Any:
    scheme, _, place = url.partition("://")
    if scheme == "sqlite":
        return sqlite3.connect(place.removeprefix("/"))
    return psycopg.connect(f"postgresql://{place}", options="-c timezone=UTC")  # others know no year after 9999


def _prefix(url: str, schema: str) -> str:
    return f"{schema}_" if url.startswith("sqlite") else f"{schema}."


def _plain(rows: Iterable[Record], *, knows_json: bool = False) -> list[Record]:
    plain = [{column: _value(column, value) for column, value in row.items()} for row in rows]
    for row in plain if not knows_json else ():
        if isinstance(row.get("metadata"), str):
            row["metadata"] = _json(row["metadata"])
    return plain


def _json(text: str) -> Any:
    """What the text says; the text itself where that is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _value(column: str, value: Any) -> Any:
    """Ids as text, dates as dates, instants with UTC; everything else as it came."""
    if value is None:
        return None
    if column.endswith("_at") or column in {"at", "survey_date"}:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if column in {"scheduled_date", "from_date", "to_date"}:
        return date.fromisoformat(value) if isinstance(value, str) else value
    return str(value).lower() if column in _IDS else value
