"""Call Type Specific: the calls of one type with the devices, photos and findings that belong to its visits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, select

from shared.document import Chart, ChartKind, Column, Document, Kind, Kpi, Row, Series, Table
from shared.ports import Query
from shared.reports import _call_figures as figures
from shared.reports._call_exclusions import reconciled
from shared.reports._call_figures import CallFigure
from shared.reports._call_metadata import metadata_text, read_metadata
from shared.reports._call_totals import DaySums, with_previous
from shared.reports._calls import call, count_in_scope, first_assignment, in_scope, newest_first, with_names
from shared.reports._dated import Content, dated_document
from shared.reports._figures import Figure, tiles
from shared.reports._metrics import elapsed_minutes, share
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members
from shared.reports._parameters import BankFilter, CallType, DateRange
from shared.reports._period import days_of, previous_dates
from shared.reports._pivot import Member
from shared.reports._type_columns import PHOTOS_SHOWN, TYPE_COLUMNS, Visit, refused
from shared.reports._type_facts import TypeFacts, missing_evidence, type_facts
from shared.reports._visit_evidence import (
    device_list,
    devices_of,
    first_linkable,
    kinds_of_photos,
    photos_of,
    view_photos,
)
from shared.tables import banks, calls, user_profiles

_SIGNED_AT_ONCE = 500  # rows whose photo links are asked for in one go
_TYPE_COLUMNS_ON_PAGES = 3

_COLUMNS = (
    Column("callNumber", "Call Number"),
    Column("status", "Status", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("clientBank", "Client Bank", few_values=True),
    Column("clientName", "Client Name"),
    Column("clientAddress", "Client Address", long_text=True),
    Column("scheduledDate", "Scheduled Date", Kind.DATE),
    Column("assignedEngineer", "Assigned Engineer", few_values=True),
    Column("assignedAt", "Assigned At", Kind.DATE_TIME),
    Column("startedAt", "Started At", Kind.DATE_TIME),
    Column("completedAt", "Completed At", Kind.DATE_TIME),
    Column("responseTime", "Response Time (min)", Kind.MINUTES),
    Column("resolutionTime", "Resolution Time (min)", Kind.MINUTES),
)
_NOTE = Column("note", "Note", few_values=True)
_ON_PAGES = (
    "callNumber",
    "clientBank",
    "clientName",
    "assignedEngineer",
    "scheduledDate",
    "completedAt",
    "resolutionTime",
)
_FIGURES = (
    figures.TOTAL_CALLS,
    figures.CANCELLED,
    CallFigure("net", "Net", Kind.INTEGER, "all calls less the cancelled ones", lambda t: t.net.calls),
    figures.COMPLETED,
    figures.COMPLETION_RATE,
    replace(figures.AVG_RESPONSE, label="Avg Response Time (min)"),
    replace(figures.AVG_RESOLUTION, label="Avg Resolution Time (min)"),
    figures.ON_TIME,
)
_EVIDENCE = (
    Figure[TypeFacts](
        "firstTimeFix",
        "First-Time Fix %",
        Kind.PERCENT,
        "completed with no reassignment, rescheduling or cancellation after the first assignment / completed",
        lambda t: share(t.fixed_at_once, t.completed),
    ),
    Figure[TypeFacts](
        "evidenceMissing",
        "Mandatory Evidence Missing",
        Kind.INTEGER,
        "completed calls that require a photo and have none, or require a device and have none",
        lambda t: t.missing,
    ),
)


class CallTypeSpecificParameters(DateRange, BankFilter):
    """The parameters of Call Type Specific."""

    selected_call_type: CallType = Field(description="The type of calls that the report is about.")

    @property
    def call_type(self) -> tuple[CallType]:
        """The type as the filter that other reports have."""
        return (self.selected_call_type,)


@dataclass(frozen=True)
class _Detailed:
    """What the rows of Details are read by."""

    call_type: CallType
    conditions: Sequence[ColumnElement[bool]]


def build(parameters: CallTypeSpecificParameters, data: ReportData) -> Document:
    """The document: figures and charts are read now, the rows when a format asks for them."""
    dates, call_type = parameters.dates, parameters.selected_call_type
    before = previous_dates(*dates)
    days, now, then = with_previous(parameters, data, dates)
    facts = type_facts(parameters, data, call_type, dates, before)
    kpis = (*tiles(_FIGURES, now, then, data.settings), *tiles(_EVIDENCE, *facts, data.settings))
    detailed = _Detailed(call_type, in_scope(parameters, data, dates))
    content = Content(
        tables=(_summary(kpis), _details(detailed, data, now.all.calls)),
        kpis=kpis,
        charts=(_per_week(days, dates), *_by_bank(facts[0], bank_members(facts[0].by_bank, data))),
        reconciled=lambda: [*reconciled(_FIGURES, now), *facts[0].reconciled(now.of("cancelled").calls)],
        has_photo_links=bool(PHOTOS_SHOWN[call_type]),
    )
    return dated_document("call-type-specific", "Call Type Specific", parameters, data, content)


def estimate(parameters: CallTypeSpecificParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="calls",
    icon="layers",
    estimated_time="2–5 min",
    async_threshold=5_000,
    parameters=CallTypeSpecificParameters,
    build=build,
    estimate=estimate,
)


def _summary(kpis: Sequence[Kpi]) -> Table:
    columns = [Column(kpi.key, kpi.label, kpi.kind) for kpi in kpis]
    return Table.eager("Summary", columns, [tuple(kpi.value for kpi in kpis)])


def _details(detailed: _Detailed, data: ReportData, count: int) -> Table:
    own = [each.column for each in TYPE_COLUMNS[detailed.call_type]]
    return Table(
        "Details",
        (*_COLUMNS, *own, _NOTE),
        lambda: _rows(data, detailed),
        count,
        is_main=True,
        page_columns=(*_ON_PAGES, *(column.key for column in own[:_TYPE_COLUMNS_ON_PAGES])),
    )


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    return (
        select(
            *(call.call_number, call.status, call.priority, banks.c.name, call.client_name, call.client_address),
            *(call.scheduled_date, user_profiles.c.full_name, call.assigned_at, call.started_at, call.completed_at),
            first_assignment().label("first_assigned"),
            *(call.requires_photo, call.requires_device),
            metadata_text().label("metadata"),
            device_list().label("device_list"),
            kinds_of_photos().label("photo_list"),
        )
        .select_from(with_names(calls))
        .where(*conditions)
        .order_by(*newest_first())
    )


def _rows(data: ReportData, detailed: _Detailed) -> Iterator[Row]:
    source = data.reader.rows(_statement(detailed.conditions))
    kinds = PHOTOS_SHOWN[detailed.call_type]
    while batch := list(islice(source, _SIGNED_AT_ONCE)):
        taken = [photos_of(row.photo_list) for row in batch]
        shown = [[photo.ref for photo in each if photo.kind in kinds] for each in taken]
        links = iter(data.photo_links([first_linkable(each) for each in shown if each]))
        for row, found, refs in zip(batch, taken, shown, strict=True):
            link = view_photos(refs, [next(links)] if refs else ())
            visit = Visit(read_metadata(row.metadata), devices_of(row.device_list), found, link)
            yield _row(row, visit, detailed.call_type, data)


def _row(row: Any, visit: Visit, call_type: CallType, data: ReportData) -> Row:
    zone, is_completed = data.settings.zone, row.status == "completed"
    lacks_photo, lacks_device = row.requires_photo and not visit.photos, row.requires_device and not visit.devices
    flag = missing_evidence(photo=bool(lacks_photo), device=bool(lacks_device)) if is_completed else ""
    notes = [flag, refused(call_type, visit.metadata, zone)]
    return (
        *row[:11],
        elapsed_minutes(row.first_assigned, row.started_at),
        elapsed_minutes(row.first_assigned, row.completed_at if is_completed else None),
        *(each.cell(visit, zone) for each in TYPE_COLUMNS[call_type]),
        "; ".join(filter(None, notes)) or None,
    )


def _per_week(days: Sequence[DaySums], dates: tuple[date, date]) -> Chart:
    """By scheduled date, as all counts of calls in scope."""
    weeks = dict.fromkeys(map(_monday, days_of(*dates)), 0)
    for each in days:
        if each.day >= dates[0] and each.status == "completed":
            weeks[_monday(each.day)] += each.sums.calls
    return Chart(
        "completedPerWeek",
        "Completed calls per week",
        ChartKind.LINE,
        tuple(f"{monday:%G-W%V}" for monday in weeks),
        (Series("Completed", tuple(weeks.values())),),
        "Number of completed calls by the week of their scheduled date",
        "Calls",
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_bank(facts: TypeFacts, members: Sequence[Member]) -> list[Chart]:
    """No chart where there is no bank to stand along its axis."""
    made = Chart(
        "byBank",
        "Calls by bank",
        ChartKind.BAR,
        tuple(member.label for member in members),
        (Series("Calls", tuple(facts.by_bank[member.value] for member in members)),),
        "Number of calls of each bank",
        "Calls",
    )
    return [made] if members else []
