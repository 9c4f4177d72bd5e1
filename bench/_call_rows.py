"""Rows of Call Details for benchmarks: the sample world's, made in memory, the same at every run; measures nothing."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dev.sample_data._calls import Calls
from dev.sample_data._people import bank_rows, user_rows
from dev.sample_data._story import Calendar
from shared.document import Link, Row
from shared.tables import call_events, calls, photos

ZONE = ZoneInfo("Asia/Kolkata")
_UNTIL, _SEED = date(2026, 7, 1), 1
_SIGNED = (
    "https://costar.blob.core.windows.net/photos/{name}"
    "?se=2026-07-31T00%3A00%3A00Z&sp=r&sv=2026-02-06&sr=b&sig={signature}%3D"
)
_AHEAD = ("client_name", "client_contact", "client_phone", "client_address", "client_id", "latitude", "longitude")


def call_rows(count: int) -> list[Row]:
    """`count` rows under the columns of Call Details, in several scripts, with links as long as signed ones are."""
    names = {row["id"]: row["name"] for row in bank_rows()} | {row["id"]: row["full_name"] for row in user_rows()}
    return list(_rows(count, names))


def _rows(count: int, names: Mapping[str, str]) -> Iterator[Row]:
    sizes: Mapping[str, int] = defaultdict(int)  # of photos, which no column shows
    for made in Calls(count, _SEED, Calendar(_UNTIL, ZONE), sizes).batches():
        links, assigned = _links(made[photos]), _first_assignments(made[call_events])
        for call in made[calls]:
            yield _row(call, names, links[call["id"]], assigned.get(call["id"], call["assigned_at"]))


def _links(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = defaultdict(list)
    for row in rows:
        signature = hashlib.sha256(row["id"].encode()).hexdigest()[:43]
        found[row["call_id"]].append(_SIGNED.format(name=row["storage_path"], signature=signature))
    return found


def _first_assignments(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for row in rows:
        if row["event_type"] == "ASSIGNED":
            found[row["call_id"]] = min(row["at"], found.get(row["call_id"], row["at"]))
    return found


def _row(call: Mapping[str, Any], names: Mapping[str, str], urls: Sequence[str], assigned: datetime | None) -> Row:
    return (
        *(call[name] for name in ("call_number", "type", "status", "priority")),
        names.get(call["client_bank"]),
        *(call[name] for name in _AHEAD),
        *(call["scheduled_date"], call["scheduled_time_window"], names.get(call["assigned_engineer"])),
        *(call["assigned_at"], call["started_at"], call["completed_at"]),
        *(_minutes(assigned, call["started_at"]), _minutes(assigned, call["completed_at"])),
        *(call["estimated_duration_minutes"], call["actual_duration_minutes"]),
        *(call["requires_device"], call["requires_photo"], call["description"], call["resolution_notes"]),
        *(len(urls), Link("; ".join(urls), urls[0]) if urls else None),
        *(call["created_at"], call["updated_at"]),
    )


def _minutes(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 60
