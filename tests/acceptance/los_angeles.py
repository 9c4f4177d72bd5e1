"""Call Details over the Los Angeles data, calculated a second time with the csv module alone.

Deliberately naive, and without a line of the product: what it says is what reports.md says, read by another reader.
"""

import csv
from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")
_AS_IN_THE_SPECIFICATION = """
Call Number|Call Type|Status|Priority|Client Bank|Client Name|Client Contact|Client Phone|Client Address|Client ID|
Latitude|Longitude|Scheduled Date|Scheduled Time Window|Assigned Engineer|Assigned At|Started At|Completed At|
Response Time (min)|Resolution Time (min)|Estimated Duration|Actual Duration|Requires Device|Requires Photo|
Description|Resolution Notes|Photos Count|Photo URLs|Created At|Updated At
"""
HEADINGS = _AS_IN_THE_SPECIFICATION.replace("\n", "").split("|")
Record = dict[str, str]


def read(folder: Path, table: str) -> list[Record]:
    """The rows of one CSV file."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected_rows(folder: Path, first: str, last: str) -> list[list[str]]:
    """The 30 columns of every call scheduled from `first` to `last`, newest first, as text."""
    banks = {row["id"]: row["name"] for row in read(folder, "banks")}
    people = {row["id"]: row["full_name"] for row in read(folder, "user_profiles")}
    assigned = defaultdict(list)
    for event in read(folder, "call_events"):
        if event["event_type"] == "ASSIGNED":
            assigned[event["call_id"]].append(event["at"])
    calls = [call for call in read(folder, "calls") if first <= call["scheduled_date"] <= last]
    calls.sort(key=lambda call: call["id"])
    calls.sort(key=lambda call: (call["scheduled_date"], call["created_at"]), reverse=True)
    return [_row(call, banks, people, min(assigned[call["id"]], default=call["assigned_at"])) for call in calls]


def _row(call: Record, banks: Record, people: Record, first_assigned: str) -> list[str]:
    completed = call["completed_at"] if call["status"] == "completed" else ""
    return [
        *(call["call_number"], call["type"], call["status"], call["priority"], banks.get(call["client_bank"], "")),
        *(
            _text(call[name])
            for name in ("client_name", "client_contact", "client_phone", "client_address", "client_id")
        ),
        *(_number(call["latitude"]), _number(call["longitude"]), call["scheduled_date"], call["scheduled_time_window"]),
        people.get(call["assigned_engineer"], ""),
        *(_local(call[name]) for name in ("assigned_at", "started_at", "completed_at")),
        *(_minutes(first_assigned, call["started_at"]), _minutes(first_assigned, completed)),
        *(call["estimated_duration_minutes"], call["actual_duration_minutes"]),
        *("Yes" if call[name] == "1" else "No" for name in ("requires_device", "requires_photo")),
        *(_text(call["description"]), _text(call["resolution_notes"]), "0", ""),
        *(_local(call["created_at"]), _local(call["updated_at"])),
    ]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local(text: str) -> str:
    return _instant(text).astimezone(ZONE).isoformat() if text else ""


def _minutes(start: str, end: str) -> str:
    if not start or not end:
        return ""
    minutes = Decimal(round((_instant(end) - _instant(start)).total_seconds())) / 60
    return str(minutes.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _number(text: str) -> str:
    return format(Decimal(repr(float(text))), "f") if text else ""


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
