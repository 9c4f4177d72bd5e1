"""Call Details: one row per call with its client, engineer, times and photo evidence, newest scheduled date first."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, func, select

from shared.document import Cell, Chart, ChartKind, Column, Document, Kind, Kpi, Link, Row, Series, Table
from shared.ports import Query
from shared.reports._calls import CallTotals, call, count_in_scope, first_assignment, in_scope, photo_list, totals
from shared.reports._export_info import Told, closing, reconciled
from shared.reports._metrics import average, share
from shared.reports._model import Entry, PhotoRef, ReportData
from shared.reports._names import filter_notes
from shared.reports._parameters import BankFilter, DateRange, IdList, PriorityList, RegionList, StatusList, TypeList
from shared.reports._period import days_of, previous_dates
from shared.tables import CALL_STATUSES, banks, calls, sortable_id, user_profiles

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


class CallDetailsParameters(DateRange, BankFilter):
    """The parameters of Call Details."""

    engineers: IdList | None = Field(None, description="Only calls assigned to these engineers.")
    regions: RegionList | None = Field(None, description="Only calls whose engineer is of these regions.")
    status: StatusList | None = Field(None, description="Only calls that are in these states now.")
    call_type: TypeList | None = Field(None, description="Only calls of these types.")
    priority: PriorityList | None = Field(None, description="Only calls of these priorities.")


def build(parameters: CallDetailsParameters, data: ReportData) -> Document:
    """The document: figures and charts are read now, the rows when a format asks for them."""
    first, last = parameters.dates
    conditions = in_scope(parameters, data, (first, last))
    now = totals(data, conditions)
    before = totals(data, in_scope(parameters, data, previous_dates(first, last)))
    kpis = _kpis(now, before)
    notes = tuple(filter_notes(parameters, data))
    table = Table(
        "Call Details", COLUMNS, lambda: _rows(data, conditions), now.total, is_main=True, page_columns=_ON_PAGES
    )
    return Document(
        report_id="call-details",
        title="Call Details",
        subtitle=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
        zone=data.settings.zone,
        generated_at=data.generated_at,
        data_as_of=data.reader.as_of,
        file_dates=f"{first:%Y-%m-%d}_{last:%Y-%m-%d}",
        tables=(table,),
        kpis=kpis,
        charts=_charts(data, conditions, (first, last)),
        notes=notes,
        closing=closing(data, Told("Call Details", parameters, notes, kpis, _exclusions(now))),
    )


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


def _kpis(now: CallTotals, before: CallTotals) -> tuple[Kpi, ...]:
    def tile(key: str, label: str, kind: Kind, formula: str, value: Any) -> Kpi:
        return Kpi(key, label, kind, value(now), value(before), formula)

    return (
        tile("totalCalls", "Total Calls", Kind.INTEGER, "all calls in scope", lambda t: t.total),
        tile("completed", "Completed", Kind.INTEGER, "calls in scope with status completed", lambda t: t.completed),
        tile(
            "completionRate",
            "Completion Rate %",
            Kind.PERCENT,
            "completed / (all − cancelled)",
            lambda t: share(t.completed, t.total - t.cancelled),
        ),
        tile(
            "avgResponseTime",
            "Avg Response Time",
            Kind.MINUTES,
            "mean minutes from first assignment to start",
            lambda t: average(t.response_minutes, t.responses),
        ),
        tile(
            "avgResolutionTime",
            "Avg Resolution Time",
            Kind.MINUTES,
            "mean minutes from first assignment to completion, completed calls",
            lambda t: average(t.resolution_minutes, t.resolutions),
        ),
        tile(
            "slaMet",
            "SLA Met %",
            Kind.PERCENT,
            "started within the limit / (within + breached)",
            lambda t: share(t.sla_met, t.sla_met + t.sla_breached),
        ),
    )


def _exclusions(t: CallTotals) -> list[Any]:
    response = [
        ("no first assignment", t.unassigned_time),
        ("not started", t.not_started),
        ("started before the assignment", t.negative_responses),
    ]
    unfinished = t.total - t.resolutions - t.negative_resolutions
    resolution = [
        ("not completed, or without an assignment or completion time", unfinished),
        ("completed before the assignment", t.negative_resolutions),
    ]
    counted = t.sla_met + t.sla_breached
    sla = [("open, cancelled, without assignment, or started before it", t.total - counted)]
    return [
        *reconciled("Avg Response Time", t.total, t.responses, response),
        *reconciled("Avg Resolution Time", t.total, t.resolutions, resolution),
        *reconciled("SLA Met %", t.total, counted, sla),
        *reconciled(
            "priority as given", t.total, t.total - t.without_priority, [("none, taken as medium", t.without_priority)]
        ),
    ]


def _charts(data: ReportData, conditions: Sequence[ColumnElement[bool]], dates: tuple[date, date]) -> tuple[Chart, ...]:
    by_day = select(call.scheduled_date, func.count()).where(*conditions).group_by(call.scheduled_date)
    by_status = select(call.status, func.count()).where(*conditions).group_by(call.status)
    days: dict[date, int] = {row[0]: row[1] for row in data.reader.all(by_day)}
    statuses: dict[str, int] = {row[0]: row[1] for row in data.reader.all(by_status)}
    every_day = days_of(*dates)
    return (
        Chart(
            "perDay",
            "Calls per day",
            ChartKind.LINE,
            tuple(f"{day:%Y-%m-%d}" for day in every_day),
            (Series("Calls", tuple(days.get(day, 0) for day in every_day)),),
            "Number of calls on each scheduled date",
        ),
        Chart(
            "byStatus",
            "Calls by status",
            ChartKind.BAR,
            CALL_STATUSES,
            (Series("Calls", tuple(statuses.get(status, 0) for status in CALL_STATUSES)),),
            "Number of calls in each status",
        ),
    )
