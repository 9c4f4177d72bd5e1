"""Call Details: one row per call with its client, engineer, times and photo evidence, newest scheduled date first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, select

from shared.document import Cell, Chart, ChartKind, Column, Document, Kind, Link, Row, Series, Table
from shared.ports import Query
from shared.reports import _call_figures as figures
from shared.reports._call_charts import by_status
from shared.reports._call_exclusions import reconciled
from shared.reports._call_figures import tiles
from shared.reports._call_totals import CallTotals, DaySums, as_of_date, daily_sums
from shared.reports._calls import call, count_in_scope, first_assignment, in_scope, photo_list
from shared.reports._dated import Content, dated_document
from shared.reports._model import Entry, PhotoRef, ReportData
from shared.reports._parameters import BankFilter, DateRange, IdList, PriorityList, RegionList, StatusList, TypeList
from shared.reports._period import days_of, previous_dates
from shared.tables import banks, calls, sortable_id, user_profiles

_SIGNED_AT_ONCE = 500  # rows whose photo links are asked for in one go

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
_ON_PAGES = (
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


_FIGURES = (
    figures.TOTAL_CALLS,
    figures.COMPLETED,
    figures.COMPLETION_RATE,
    figures.AVG_RESPONSE,
    figures.AVG_RESOLUTION,
    figures.SLA_MET,
)


class CallDetailsParameters(DateRange, BankFilter):
    """The parameters of Call Details."""

    engineers: IdList | None = Field(None, description="Only calls assigned to these engineers.")
    regions: RegionList | None = Field(None, description="Only calls whose engineer is of these regions.")
    status: StatusList | None = Field(None, description="Only calls that are in these states now.")
    call_type: TypeList | None = Field(None, description="Only calls of these types.")
    priority: PriorityList | None = Field(None, description="Only calls of these priorities.")


def build(parameters: CallDetailsParameters, data: ReportData) -> Document:
    """The document: figures and charts are read now, the rows when a format asks for them."""
    dates = parameters.dates
    before = previous_dates(*dates)
    days = daily_sums(parameters, data, (before[0], dates[1]))
    today = as_of_date(data)
    now, then = CallTotals.over(days, dates, today), CallTotals.over(days, before, today)
    conditions = in_scope(parameters, data, dates)
    table = Table(
        "Call Details",
        COLUMNS,
        lambda: _rows(data, conditions),
        now.all.calls,
        is_main=True,
        page_columns=_ON_PAGES,
    )
    content = Content(
        tables=(table,),
        kpis=tiles(_FIGURES, now, then, data.settings),
        charts=(_per_day(days, dates), by_status(now)),
        reconciled=reconciled(_FIGURES, now),
        has_photo_links=True,
    )
    return dated_document("call-details", "Call Details", parameters, data, content)


def estimate(parameters: CallDetailsParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="calls",
    icon="file-text",
    estimated_time="2–5 min",
    async_threshold=5_000,
    parameters=CallDetailsParameters,
    build=build,
    estimate=estimate,
)


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    named = calls.outerjoin(banks, banks.c.id == call.client_bank).outerjoin(
        user_profiles, user_profiles.c.id == call.assigned_engineer
    )
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
        .select_from(named)
        .where(*conditions)
        .order_by(call.scheduled_date.desc(), call.created_at.desc(), sortable_id(call.id))
    )


def _rows(data: ReportData, conditions: Sequence[ColumnElement[bool]]) -> Iterator[Row]:
    source = data.reader.rows(_statement(conditions))
    while batch := list(islice(source, _SIGNED_AT_ONCE)):
        photos = [_photos(row.photo_list) for row in batch]
        links = iter(data.photo_links([photo for each in photos for photo in each]))
        for row, shown in zip(batch, photos, strict=True):
            yield _row(row, [next(links) for _ in shown])


def _photos(listed: str | None) -> list[PhotoRef]:
    """The photos of `photo_list`, in order of their blobs' names."""
    pairs = (line.partition(" ") for line in (listed or "").split("\n") if line)
    photos = (PhotoRef(identity.lower(), name) for identity, _, name in pairs)
    return sorted(photos, key=lambda photo: (photo.blob_name, photo.id))


def _row(row: Any, links: Sequence[str | None]) -> Row:
    """`links` has an entry per photo, None for one that cannot be linked to."""
    cells: tuple[Cell, ...] = tuple(row)
    resolved = row.completed_at if row.status == "completed" else None
    urls = [url for url in links if url]
    return (
        *cells[:18],
        _minutes(row.first_assigned, row.started_at),
        _minutes(row.first_assigned, resolved),
        *cells[19:25],
        len(links),
        Link("; ".join(urls), urls[0]) if urls else None,
        *cells[26:],
    )


def _minutes(start: Any, end: Any) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 60


def _per_day(days: Sequence[DaySums], dates: tuple[date, date]) -> Chart:
    counts = Counter[date]()
    for each in days:
        counts[each.day] += each.sums.calls
    every_day = days_of(*dates)
    return Chart(
        "perDay",
        "Calls per day",
        ChartKind.LINE,
        tuple(f"{day:%Y-%m-%d}" for day in every_day),
        (Series("Calls", tuple(counts[day] for day in every_day)),),
        "Number of calls on each scheduled date",
        "Calls",
    )
