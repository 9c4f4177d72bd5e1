"""Rows of `call_events` from stories; a few in the wrong order or after the end, as real logs have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dev.bulk_load import Row
from dev.sample_data import _remarks as remarks
from dev.sample_data._chance import happens, identity
from dev.sample_data._people import user_id
from dev.sample_data._story import Story

_EMPTY: Row = dict.fromkeys(
    (
        "from_status", "to_status", "from_engineer", "to_engineer", "from_date", "to_date", "reason", "details",
        "notes", "latitude", "longitude", "ip_address",
    )
)  # fmt: skip
_ODD_OF, _DISORDERED, _AFTER_THE_END = 100, 19, 57


@dataclass(frozen=True)
class EventContext:
    """What the events of one call need beside its story: its id, its photos' upload times, and the end of time."""

    call_id: str
    uploads: tuple[datetime, ...]
    now: datetime


def event_rows(chance: Random, story: Story, context: EventContext) -> list[Row]:
    """The rows of one call, in the order in which they were written."""
    rows = [_row(chance, story, event) for event in _events(chance, story, context)]
    oddity = story.order.number % _ODD_OF
    if oddity == _DISORDERED and story.completed:
        _disorder(rows)
    if oddity == _AFTER_THE_END and story.completed and story.completed + timedelta(hours=3) < context.now:
        rows += [_row(chance, story, event) for event in _late_events(chance, story, story.completed)]
    for place, row in enumerate(rows):
        row["id"], row["call_id"] = identity("event", context.call_id, place), context.call_id
    return rows


def _row(chance: Random, story: Story, event: Row) -> Row:
    """All columns, with what the device of the actor adds."""
    is_on_site = event["event_type"] in {"STARTED", "COMPLETED", "PHOTO_ADDED"}
    row = _EMPTY | {"actor_id": _actor(story, is_on_site=is_on_site)} | event
    if is_on_site:
        row["latitude"], row["longitude"] = story.order.merchant.latitude, story.order.merchant.longitude
    if happens(chance, 80):
        address = chance.randrange(1, 255)
        row["ip_address"] = f"2001:db8::{address:x}" if happens(chance, 15) else f"203.0.113.{address}"
    if happens(chance, 6):
        row["notes"] = chance.choice(remarks.EVENT_NOTES)
    return row


def _actor(story: Story, *, is_on_site: bool) -> str:
    if is_on_site and story.engineer:
        return story.engineer.id
    return user_id(f"admin-{story.order.bank.code.lower()}" if story.order.bank else "admin")


def _events(chance: Random, story: Story, context: EventContext) -> Iterator[Row]:
    yield {"event_type": "CREATED", "at": story.created, "to_status": "pending", "to_date": story.first_day}
    if story.assigned and story.first_engineer:
        yield {
            "event_type": "ASSIGNED",
            "at": story.assigned,
            "from_status": "pending",
            "to_status": "assigned",
            "to_engineer": story.first_engineer.id,
        }
    yield from _bounces(story)
    if happens(chance, 5) and story.assigned:
        yield {"event_type": "NOTE", "at": story.last_change, "notes": chance.choice(remarks.EVENT_NOTES)}
    yield from _visit(chance, story, context)
    if story.cancelled:
        yield {
            "event_type": "CANCELLED",
            "at": story.cancelled,
            "from_status": "assigned" if story.assigned else "pending",
            "to_status": "cancelled",
            "reason": chance.choice(remarks.CANCEL_REASONS),
            "details": chance.choice(remarks.CANCEL_DETAILS),
        }


def _bounces(story: Story) -> Iterator[Row]:
    for bounce in story.bounces:
        yield {
            "event_type": bounce.kind,
            "at": bounce.at,
            "from_status": "assigned",
            "to_status": "assigned",
            "from_engineer": bounce.from_engineer and bounce.from_engineer.id,
            "to_engineer": bounce.to_engineer and bounce.to_engineer.id,
            "from_date": bounce.from_day,
            "to_date": bounce.to_day,
            "reason": bounce.reason,
        }


def _visit(chance: Random, story: Story, context: EventContext) -> Iterator[Row]:
    if story.started:
        yield {
            "event_type": "STARTED",
            "at": story.started,
            "from_status": "assigned",
            "to_status": "in_progress",
        }
    if context.uploads and happens(chance, 60):
        details = f"{len(context.uploads)} photo(s)"
        yield {"event_type": "PHOTO_ADDED", "at": max(context.uploads), "details": details}
    if story.completed:
        yield {
            "event_type": "COMPLETED",
            "at": story.completed,
            "from_status": "in_progress",
            "to_status": "completed",
        }


def _disorder(rows: list[Row]) -> None:
    """The clock of the device was wrong: the end stands before the beginning."""
    started = next(row for row in rows if row["event_type"] == "STARTED")
    completed = next(row for row in rows if row["event_type"] == "COMPLETED")
    started["at"], completed["at"] = completed["at"], started["at"]


def _late_events(chance: Random, story: Story, completed: datetime) -> Iterator[Row]:
    """What comes in after the call was completed: a note, or a change of date that was typed too late."""
    if happens(chance, 50):
        yield {"event_type": "NOTE", "at": completed + timedelta(hours=2), "notes": "Sheet scanned and filed"}
        return
    yield {
        "event_type": "RESCHEDULED",
        "at": completed + timedelta(hours=2),
        "from_date": story.order.day - timedelta(days=1),
        "to_date": story.order.day,
        "reason": "customer_rescheduled",
    }
