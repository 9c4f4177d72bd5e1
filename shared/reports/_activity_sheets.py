"""What happened on each call, its photos and its devices: rows by call, time and id, and their numbers; no document.

A call without events has a log made of its timestamps, marked as reconstructed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.sql.selectable import FromClause

from shared.document import Column, Kind, Link, Row
from shared.ports import Query
from shared.reports._calls import call
from shared.reports._model import PhotoRef, ReportData
from shared.tables import call_devices, call_events, calls, count_where, devices, photos, sortable_id, user_profiles

LOG_COLUMNS = (
    Column("callNumber", "Call Number"),
    Column("timestamp", "Timestamp", Kind.DATE_TIME),
    Column("eventType", "Event Type", few_values=True),
    Column("actor", "Actor (User)", few_values=True),
    Column("fromStatus", "From Status", few_values=True),
    Column("toStatus", "To Status", few_values=True),
    Column("details", "Action Details", long_text=True),
    Column("notes", "Notes", long_text=True),
    Column("location", "Location"),
    Column("ipAddress", "IP Address"),
    Column("note", "Note", few_values=True),
)
PHOTO_COLUMNS = (
    Column("callNumber", "Call Number"),
    Column("kind", "Kind", few_values=True),
    Column("fileName", "File Name"),
    Column("takenAt", "Taken At", Kind.DATE_TIME),
    Column("uploadedAt", "Uploaded At", Kind.DATE_TIME),
    Column("uploadedBy", "Uploaded By", few_values=True),
    Column("size", "Size", Kind.INTEGER),
    Column("link", "Link", Kind.LINK),
)
DEVICE_COLUMNS = (
    Column("callNumber", "Call Number"),
    Column("role", "Role", few_values=True),
    Column("serialNumber", "Serial Number"),
    Column("model", "Model", few_values=True),
    Column("status", "Status", few_values=True),
)
RECONSTRUCTED = "reconstructed"
_SIGNED_AT_ONCE = 500  # photos whose links are asked for in one go
Conditions = Sequence[ColumnElement[bool]]

_WITH_PHOTOS = calls.join(photos, photos.c.call_id == call.id)
_WITH_DEVICES = calls.join(call_devices, call_devices.c.call_id == call.id).join(
    devices, devices.c.id == call_devices.c.device_id
)


@dataclass(frozen=True)
class Activity:
    """Numbers of calls, of those without events, of log lines of either kind, of photos, and of devices."""

    calls: int
    silent_calls: int
    recorded: int
    reconstructed: int
    photos: int
    devices: int

    @property
    def lines(self) -> int:
        """Lines of the log."""
        return self.recorded + self.reconstructed


def activity(data: ReportData, conditions: Conditions) -> Activity:
    """The numbers, in five statements that give a row each."""
    with_events = calls.join(call_events, call_events.c.call_id == call.id)
    counts = (_count(data, source, conditions) for source in (calls, with_events, _WITH_PHOTOS, _WITH_DEVICES))
    number, recorded, of_photos, of_devices = counts
    silent, reconstructed = _reconstructed(data, conditions)
    return Activity(number, silent, recorded, reconstructed, of_photos, of_devices)


def log_lines(data: ReportData, conditions: Conditions) -> int:
    """How many lines the log has."""
    recorded = _count(data, calls.join(call_events, call_events.c.call_id == call.id), conditions)
    return recorded + _reconstructed(data, conditions)[1]


def _count(data: ReportData, source: FromClause, conditions: Conditions) -> int:
    return int(data.reader.all(select(func.count()).select_from(source).where(*conditions))[0][0])


def _reconstructed(data: ReportData, conditions: Conditions) -> tuple[int, int]:
    """Calls without events, and the lines that their timestamps make."""
    is_cancelled = call.status == "cancelled"
    ended = is_cancelled & call.updated_at.is_not(None) | ~is_cancelled & call.completed_at.is_not(None)
    lines = (call.assigned_at.is_not(None), call.started_at.is_not(None), ended)
    statement = select(func.count(), *map(count_where, lines)).where(
        *conditions, ~exists(select(call_events.c.id).where(call_events.c.call_id == call.id).correlate(calls))
    )
    created, *others = data.reader.all(statement)[0]
    return int(created), int(created) + sum(map(int, others))


def log_rows(data: ReportData, conditions: Conditions) -> Iterator[Row]:
    """The events; of calls without any, what their timestamps tell."""
    for row in data.reader.rows(_log_statement(conditions)):
        if row.event_id is None:
            yield from _told_by_timestamps(row)
        else:
            yield (*row[:8], _location(row.latitude, row.longitude), row.ip_address, None)


def _log_statement(conditions: Conditions) -> Query:
    event = call_events.c
    source = calls.outerjoin(call_events, event.call_id == call.id).outerjoin(
        user_profiles, user_profiles.c.id == event.actor_id
    )
    return (
        select(
            *(call.call_number, event.at, event.event_type, user_profiles.c.full_name),
            *(event.from_status, event.to_status, event.details, event.notes),
            *(event.latitude, event.longitude, event.ip_address, event.id.label("event_id")),
            *(call.status, call.created_at, call.assigned_at, call.started_at, call.completed_at, call.updated_at),
        )
        .select_from(source)
        .where(*conditions)
        .order_by(call.call_number, event.at, sortable_id(event.id))
    )


def _told_by_timestamps(row: Any) -> Iterator[Row]:
    """In order of time; where two are the same, in the order in which such things happen."""
    ended = ("CANCELLED", row.updated_at) if row.status == "cancelled" else ("COMPLETED", row.completed_at)
    told = (("CREATED", row.created_at), ("ASSIGNED", row.assigned_at), ("STARTED", row.started_at), ended)
    for name, at in sorted((each for each in told if each[1] is not None), key=lambda each: each[1]):
        yield (row.call_number, at, name, *[None] * 7, RECONSTRUCTED)


def _location(latitude: float | None, longitude: float | None) -> str | None:
    return None if latitude is None or longitude is None else f"{latitude}, {longitude}"


def photo_rows(data: ReportData, conditions: Conditions) -> Iterator[Row]:
    """The photos of the calls, each with a link of its own; without one where no blob can have its name."""
    source = data.reader.rows(_photo_statement(conditions))
    while batch := list(islice(source, _SIGNED_AT_ONCE)):
        links = data.photo_links([PhotoRef(row.id, row.storage_path) for row in batch])
        for row, url in zip(batch, links, strict=True):
            name = row.storage_path.rpartition("/")[2]
            link = None if url is None else Link(url, url, name, (row.storage_path,))
            yield (row.call_number, row.kind, name, *row[3:7], link)


def _photo_statement(conditions: Conditions) -> Query:
    """Photos whose time is not known come last; databases would disagree."""
    photo = photos.c
    return (
        select(
            *(call.call_number, photo.kind, photo.storage_path, photo.taken_at, photo.uploaded_at),
            *(user_profiles.c.full_name, photo.file_size, photo.id),
        )
        .select_from(_WITH_PHOTOS.outerjoin(user_profiles, user_profiles.c.id == photo.uploaded_by))
        .where(*conditions)
        .order_by(call.call_number, case((photo.taken_at.is_(None), 1), else_=0), photo.taken_at, sortable_id(photo.id))
    )


def device_rows(data: ReportData, conditions: Conditions) -> Iterator[Row]:
    """The devices of the calls, by role: of when they were there nothing is known."""
    device = devices.c
    statement = (
        select(call.call_number, call_devices.c.role, device.serial_number, device.model, device.status)
        .select_from(_WITH_DEVICES)
        .where(*conditions)
        .order_by(call.call_number, call_devices.c.role, sortable_id(device.id))
    )
    for row in data.reader.rows(statement):
        yield tuple(row)
