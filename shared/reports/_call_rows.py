"""The thirty columns that tell all of a call, and their rows, streamed newest scheduled date first; counts nothing."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, select

from shared.document import Cell, Column, Kind, Link, Row
from shared.ports import Query
from shared.reports._calls import call, first_assignment, newest_first, photo_list, with_names
from shared.reports._metrics import elapsed_minutes
from shared.reports._model import PhotoRef, ReportData
from shared.tables import banks, calls, user_profiles

_SIGNED_AT_ONCE = 500  # rows whose photo links are asked for in one go
_EACH_PHOTO = re.compile(r"(?:\A|\n)([0-9A-Fa-f-]{36}) ")  # a blob's name may have a line end in it

COLUMNS = (
    Column("callNumber", "Call Number"),
    Column("callType", "Call Type", few_values=True),
    Column("status", "Status", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("clientBank", "Client Bank", few_values=True),
    Column("clientName", "Client Name"),
    Column("clientContact", "Client Contact"),
    Column("clientPhone", "Client Phone"),
    Column("clientAddress", "Client Address", long_text=True),
    Column("clientId", "Client ID"),
    Column("latitude", "Latitude", Kind.DECIMAL),
    Column("longitude", "Longitude", Kind.DECIMAL),
    Column("scheduledDate", "Scheduled Date", Kind.DATE),
    Column("scheduledTimeWindow", "Scheduled Time Window", few_values=True),
    Column("assignedEngineer", "Assigned Engineer", few_values=True),
    Column("assignedAt", "Assigned At", Kind.DATE_TIME),
    Column("startedAt", "Started At", Kind.DATE_TIME),
    Column("completedAt", "Completed At", Kind.DATE_TIME),
    Column("responseTime", "Response Time (min)", Kind.MINUTES),
    Column("resolutionTime", "Resolution Time (min)", Kind.MINUTES),
    Column("estimatedDuration", "Estimated Duration", Kind.INTEGER),
    Column("actualDuration", "Actual Duration", Kind.INTEGER),
    Column("requiresDevice", "Requires Device", Kind.BOOLEAN),
    Column("requiresPhoto", "Requires Photo", Kind.BOOLEAN),
    Column("description", "Description", long_text=True),
    Column("resolutionNotes", "Resolution Notes", long_text=True),
    Column("photosCount", "Photos Count", Kind.INTEGER),
    Column("photoUrls", "Photo URLs", Kind.LINK),
    Column("createdAt", "Created At", Kind.DATE_TIME),
    Column("updatedAt", "Updated At", Kind.DATE_TIME),
)
# The columns of these on pages and slides, which have room for fewer (reports.md §3.2).
ON_PAGES = (
    "callNumber",
    "clientBank",
    "clientName",
    "callType",
    "priority",
    "status",
    "assignedEngineer",
    "scheduledDate",
    "completedAt",
    "responseTime",
    "resolutionTime",
)


def call_rows(data: ReportData, conditions: Sequence[ColumnElement[bool]]) -> Iterator[Row]:
    """The calls that meet the conditions, in the order of `COLUMNS`."""
    source = data.reader.rows(_statement(conditions))
    while batch := list(islice(source, _SIGNED_AT_ONCE)):
        photos = [_photos(row.photo_list) for row in batch]
        links = iter(data.photo_links([photo for each in photos for photo in each]))
        for row, shown in zip(batch, photos, strict=True):
            yield _row(row, shown, [next(links) for _ in shown])


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    return (
        select(
            *(call.call_number, call.type, call.status, call.priority, banks.c.name),
            *(call.client_name, call.client_contact, call.client_phone, call.client_address, call.client_id),
            *(call.latitude, call.longitude, call.scheduled_date, call.scheduled_time_window),
            *(user_profiles.c.full_name, call.assigned_at, call.started_at, call.completed_at),
            first_assignment().label("first_assigned"),
            *(call.estimated_duration_minutes, call.actual_duration_minutes),
            *(call.requires_device, call.requires_photo, call.description, call.resolution_notes),
            photo_list().label("photo_list"),
            *(call.created_at, call.updated_at),
        )
        .select_from(with_names(calls))
        .where(*conditions)
        .order_by(*newest_first())
    )


def _photos(listed: str | None) -> list[PhotoRef]:
    """The photos of `photo_list`, in order of their blobs' names."""
    parts = _EACH_PHOTO.split(listed or "")
    photos = (PhotoRef(identity.lower(), name) for identity, name in zip(parts[1::2], parts[2::2], strict=True))
    return sorted(photos, key=lambda photo: (photo.blob_name, photo.id))


def _row(row: Any, photos: Sequence[PhotoRef], links: Sequence[str | None]) -> Row:
    """`links` has an entry per photo, None for one that cannot be linked to."""
    cells: tuple[Cell, ...] = tuple(row)
    resolved = row.completed_at if row.status == "completed" else None
    urls = [url for url in links if url]
    return (
        *cells[:18],
        elapsed_minutes(row.first_assigned, row.started_at),
        elapsed_minutes(row.first_assigned, resolved),
        *cells[19:25],
        len(links),
        Link("; ".join(urls), urls[0], photos=tuple(photo.blob_name for photo in photos)) if urls else None,
        *cells[26:],
    )
