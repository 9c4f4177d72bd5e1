"""Rows of `calls` from stories, with what is missing or cannot be true in real data; decides nothing of the story."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from dev.bulk_load import Row
from dev.sample_data import _remarks as remarks
from dev.sample_data._chance import happens
from dev.sample_data._people import user_id
from dev.sample_data._story import Story

_ESTIMATES = {"installation": 60, "swap": 45, "maintenance": 45, "breakdown": 90, "deinstallation": 30}
_EVENTLESS = 3  # the last digit of the numbers of calls that keep no events: one in ten
_ODD_OF = 1_000  # the oddities below come once in so many calls


def has_events(number: int) -> bool:
    """Whether the call of this number has rows in `call_events`; without them reports must reconstruct."""
    return number % 10 != _EVENTLESS


def call_row(chance: Random, story: Story, call_id: str, year: int) -> Row:
    """The row of one call; `year` is that of the first call numbers."""
    order = story.order
    row: Row = {
        "id": call_id,
        "call_number": f"CST-{year}-{order.number + 1:07}",
        "type": story.type,
        "status": story.status,
        "priority": story.priority,
        "client_bank": order.bank.id if order.bank else None,
        "assigned_engineer": story.engineer.id if story.engineer else None,
        "requires_device": story.type not in {"maintenance", "breakdown"} if happens(chance, 99) else None,
        "requires_photo": happens(chance, 70),
        "metadata": _metadata(chance, story),
        "updated_by": story.engineer.id if story.engineer else user_id("admin"),
    }
    row |= _merchant_columns(story) | _time_columns(chance, story) | _text_columns(chance, story)
    if spoil := _SPOILS.get(order.number % _ODD_OF):
        spoil(row)
    return row


def _merchant_columns(story: Story) -> Row:
    merchant = story.order.merchant
    return {
        "client_name": merchant.name,
        "client_contact": merchant.contact,
        "client_phone": merchant.phone,
        "client_address": merchant.address,
        "city": merchant.city.name,
        "state": merchant.city.state,
        "pin_code": merchant.pin_code,
        "client_id": merchant.client_id,
        "latitude": merchant.latitude,
        "longitude": merchant.longitude,
    }


def _time_columns(chance: Random, story: Story) -> Row:
    actual = (story.completed - story.started).total_seconds() / 60 if story.completed and story.started else None
    return {
        "scheduled_date": story.order.day,
        "scheduled_time_window": chance.choice(remarks.WINDOWS),
        "assigned_at": story.last_assigned,
        "started_at": story.started,
        "completed_at": story.completed,
        "estimated_duration_minutes": _ESTIMATES[story.type] if happens(chance, 90) else None,
        "actual_duration_minutes": int(actual) if actual is not None else None,
        "created_at": story.created,
        "updated_at": story.last_change,
    }


def _text_columns(chance: Random, story: Story) -> Row:
    notes = chance.choice(remarks.RESOLUTIONS[story.type]) if story.completed else None
    if notes and happens(chance, 2):
        notes = chance.choice(remarks.ODD_TEXTS)
    elif notes and happens(chance, 0.5):
        notes = remarks.LONG_NOTE
    return {"description": chance.choice(remarks.DESCRIPTIONS[story.type]), "resolution_notes": notes}


def _metadata(chance: Random, story: Story) -> dict[str, Any]:
    """The keys of the call's type once it is completed; why it is late while it is open."""
    found: dict[str, Any] = _BY_TYPE[story.type](chance, story) if story.completed else {}
    if story.status in {"pending", "assigned", "in_progress"} and happens(chance, 45):
        found["delay_reason"] = chance.choice(remarks.DELAY_REASONS)
    if story.bounces and not has_events(story.order.number):
        found["reassigned"] = True
    return found


def _installation(chance: Random, story: Story) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pre_installation_checklist": ["Socket near the counter", "Network signal", "Merchant documents"],
        "post_installation_verification": chance.choice(("Test payment done", "Test payment and refund done")),
    }
    return found | ({"customer_signature": story.order.merchant.contact or "stamp"} if happens(chance, 60) else {})


def _swap(chance: Random, _story: Story) -> dict[str, Any]:
    return {
        "swap_reason": chance.choice(remarks.SWAP_REASONS),
        "old_device_status": chance.choice(remarks.OLD_DEVICE_STATES),
    }


def _maintenance(chance: Random, story: Story) -> dict[str, Any]:
    issue = chance.choice(remarks.ISSUES)
    due = story.order.day + timedelta(days=chance.choice((90, 180, 365)))
    return {
        "maintenance_type": chance.choice(remarks.MAINTENANCE_TYPES),
        "issues_found": issue,
        "parts_replaced": [] if issue == "None" else chance.sample(remarks.PARTS, chance.randrange(3)),
        "firmware_updated": happens(chance, 40),
        "next_maintenance_due": due.isoformat(),
    }


def _breakdown(chance: Random, _story: Story) -> dict[str, Any]:
    return {
        "fault_description": chance.choice(remarks.FAULTS),
        "root_cause": chance.choice(remarks.ROOT_CAUSES),
        "resolution_action": chance.choice(remarks.REPAIRS),
        "downtime_hours": chance.randrange(1, 97) / 2,
        "customer_impact": chance.choice(remarks.IMPACTS),
    }


def _deinstallation(chance: Random, _story: Story) -> dict[str, Any]:
    return {
        "deinstallation_reason": chance.choice(remarks.DEINSTALLATION_REASONS),
        "device_condition": chance.choice(remarks.CONDITIONS),
        "return_status": chance.choice(remarks.RETURN_STATES),
    }


_BY_TYPE: Mapping[str, Callable[[Random, Story], dict[str, Any]]] = {
    "installation": _installation,
    "swap": _swap,
    "maintenance": _maintenance,
    "breakdown": _breakdown,
    "deinstallation": _deinstallation,
}


def _complete_before_start(row: Row) -> None:
    if row["completed_at"]:
        row["completed_at"] = row["started_at"] - timedelta(minutes=40)


def _start_before_assignment(row: Row) -> None:
    if row["started_at"]:
        row["started_at"] = row["created_at"] - timedelta(minutes=25)


def _lose(*columns: str) -> Callable[[Row], None]:
    """Something that leaves the columns of a row empty."""
    return lambda row: row.update(dict.fromkeys(columns))


_SPOILS: Mapping[int, Callable[[Row], None]] = {
    11: _complete_before_start,
    23: _start_before_assignment,
    37: _lose("started_at"),
    41: _lose("completed_at"),
    52: _lose("scheduled_date"),
    67: _lose("assigned_at"),
    73: _lose("assigned_at"),
    83: _lose("metadata"),
    96: _lose("estimated_duration_minutes", "requires_photo", "description", "updated_at", "updated_by"),
    109: _lose("client_name", "client_contact", "client_phone", "client_address", "client_id", "city", "pin_code"),
    123: _lose("assigned_engineer"),
    511: _complete_before_start,
}
