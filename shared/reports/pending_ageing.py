"""Pending Call Ageing: calls still open at the end of a date, by how many days they are past their scheduled date."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement

from shared.clock import local_date
from shared.document import Chart, ChartKind, Column, Document, Kind, Kpi, Note, Row, Series, Table, Tone
from shared.errors import FieldProblem, InvalidParameters
from shared.reports._call_metadata import metadata_text, read_metadata, words_of
from shared.reports._call_totals import as_of_date
from shared.reports._calls import call
from shared.reports._export_info import Reconciled, Told, closing
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members, filter_notes
from shared.reports._open_calls import (
    BUCKETS,
    Moment,
    OpenCalls,
    bucket,
    count_open,
    read_open,
    recorded_as_open,
    sla_at,
)
from shared.reports._parameters import BankFilter, IsoDate
from shared.reports._pivot import Member

_TITLE = "Pending Call Ageing"
_MOST_DAYS = 100_000
_DETAILS = (
    Column("callNumber", "Call Number"),
    Column("clientName", "Client Name"),
    Column("bank", "Bank", few_values=True),
    Column("callType", "Call Type", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("scheduledDate", "Scheduled Date", Kind.DATE),
    Column("daysOpen", "Days Open", Kind.INTEGER),
    Column("ageingBucket", "Ageing Bucket", few_values=True),
    Column("assignedEngineer", "Assigned Engineer", few_values=True),
    Column("status", "Status", few_values=True),
    Column("reasonForDelay", "Reason for Delay", long_text=True),
    Column("daysSinceCreated", "Days Since Created", Kind.INTEGER),
    Column(
        "slaState",
        "SLA State",
        few_values=True,
        tones={"Met": Tone.GOOD, "Open": Tone.WARNING, "Breached": Tone.BAD},
    ),
)
_BOTH: dict[str, Any] = {
    "properties": {"asOfDate": {"type": "string"}, "asOf": {"type": "string"}},
    "required": ["asOfDate", "asOf"],
}


class PendingAgeingParameters(BankFilter):
    """The parameters of Pending Call Ageing."""

    model_config = ConfigDict(json_schema_extra={"not": _BOTH})

    as_of_date: IsoDate | None = Field(None, description="The date at whose end calls are open; left out: today.")
    as_of: Literal["due_date", "previous_day"] | None = Field(
        None, description="The date relative to the day of the run, for schedules, instead of asOfDate."
    )
    min_days_open: int | None = Field(
        None,
        ge=0,
        le=_MOST_DAYS,
        description="Only calls open for so many days; left out: all, those not yet due included.",
    )

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if self.as_of_date is not None and self.as_of is not None:
            kind, message = "either_or", "give asOfDate or asOf, not both"
            raise PydanticCustomError(kind, message)
        return self

    def resolved(self, due: date) -> Self:
        """The date itself.

        Raises:
            InvalidParameters: the date is still to come.

        """
        if self.as_of_date is not None and self.as_of_date > due:
            raise InvalidParameters.of(FieldProblem("params.asOfDate", "must not be after today"))
        day = self.as_of_date or (due - timedelta(days=1) if self.as_of == "previous_day" else due)
        return self.model_copy(update={"as_of_date": day, "as_of": None})


def build(parameters: PendingAgeingParameters, data: ReportData) -> Document:
    """The document: open calls are found and counted now, and read some at a time when a format asks for the rows."""
    moment = _moment(parameters, data)
    permitted = data.scope.narrowed(parameters.banks).predicate(call.client_bank)
    found = OpenCalls.read(data, moment, [permitted], parameters.min_days_open)
    banks = bank_members(found.banks, data)
    names = {each.value: each.label for each in banks if each.value}
    details = Table(
        "Details", _DETAILS, lambda: _rows(data, moment, [permitted], found.ids, names), len(found.ids), is_main=True
    )
    kpis = _tiles(found)
    day = f"{moment.day:%Y-%m-%d}"
    notes = (Note("As-of date", day), *filter_notes(parameters, data))
    return Document(
        report_id="pending-ageing",
        title=_TITLE,
        subtitle=f"as of {day}",
        zone=data.settings.zone,
        generated_at=data.generated_at,
        data_as_of=data.reader.as_of,
        file_dates=f"asof-{day}",
        tables=(_summary(found, banks), details),
        kpis=kpis,
        charts=_charts(found, banks),
        notes=notes,
        closing=closing(
            data, Told(_TITLE, parameters, notes, kpis, lambda: _reconciled(found, moment, parameters, data))
        ),
    )


def estimate(parameters: PendingAgeingParameters, data: ReportData) -> int:
    """Calls open on the date, for so many days."""
    moment = _moment(parameters, data)
    permitted = data.scope.narrowed(parameters.banks).predicate(call.client_bank)
    return count_open(data, moment, [permitted, *_shown(parameters, moment)])


ENTRY = Entry(
    category="tat",
    icon="clock-alert",
    estimated_time="1 min",
    async_threshold=5_000,
    parameters=PendingAgeingParameters,
    build=build,
    estimate=estimate,
)


def _moment(parameters: PendingAgeingParameters, data: ReportData) -> Moment:
    return Moment.of(parameters.as_of_date or as_of_date(data), data)


def _shown(parameters: PendingAgeingParameters, moment: Moment) -> list[ColumnElement[bool]]:
    """The conditions on open calls that are shown."""
    if parameters.min_days_open is None:
        return [call.scheduled_date.is_not(None)]
    return [call.scheduled_date <= moment.day - timedelta(days=parameters.min_days_open)]


def _rows(
    data: ReportData,
    moment: Moment,
    conditions: Sequence[ColumnElement[bool]],
    ids: Sequence[str],
    banks: Mapping[str, str],
) -> Iterator[Row]:
    """The rows of Details; `banks` are names by id."""
    columns = (call.call_number, call.client_name, call.type, metadata_text().label("metadata_text"))
    for row, engineer in read_open(data, moment, conditions, ids, *columns):
        open_days = moment.days_since(row.scheduled_date)
        yield (
            row.call_number,
            row.client_name,
            banks.get(row.client_bank),
            row.type,
            row.priority,
            row.scheduled_date,
            open_days,
            bucket(open_days),
            engineer,
            row.state,
            words_of(read_metadata(row.metadata_text).values.get("delay_reason")),
            moment.days_since(local_date(row.created_at, data.settings.zone)),
            sla_at(row, moment, data),
        )


def _summary(found: OpenCalls, banks: Sequence[Member]) -> Table:
    columns = (
        Column("ageingBucket", "Ageing Bucket"),
        *(Column(bank.key, bank.label, Kind.INTEGER) for bank in banks),
        Column("total", "Total", Kind.INTEGER),
    )
    lines = [(name, [found.by_bucket[name, bank.value] for bank in banks]) for name in BUCKETS]
    rows: list[Row] = [(name, *cells, sum(cells)) for name, cells in lines]
    return Table.eager("Summary", columns, rows if len(found.ids) else ())


def _tiles(found: OpenCalls) -> tuple[Kpi, ...]:
    whole = Kind.INTEGER
    return (
        Kpi(
            "open",
            "Open",
            whole,
            len(found.ids),
            formula="calls pending, assigned or in progress at the end of the date",
        ),
        Kpi("overdue", "Overdue", whole, found.overdue, formula="open calls scheduled before the as-of date"),
        Kpi("over7Days", "Over 7 Days", whole, found.over_a_week, formula="open calls with more than 7 days open"),
        Kpi(
            "oldestDays",
            "Oldest (days)",
            whole,
            found.oldest,
            formula="most days from the scheduled date to the as-of date, over open calls that are due",
        ),
        Kpi("unassigned", "Unassigned", whole, found.unassigned, formula="open calls pending without an engineer"),
    )


def _charts(found: OpenCalls, banks: Sequence[Member]) -> tuple[Chart, ...]:
    """No chart where there is no bank to stand along its axis."""
    series = tuple(Series(name, tuple(found.by_bucket[name, bank.value] for bank in banks)) for name in BUCKETS)
    labels = tuple(bank.label for bank in banks)
    description = "Number of open calls of each bank by days open"
    made = Chart("bucketsByBank", "Ageing by bank", ChartKind.STACKED_BAR, labels, series, description, "Calls")
    return (made,) if banks else ()


def _reconciled(
    found: OpenCalls, moment: Moment, parameters: PendingAgeingParameters, data: ReportData
) -> list[Reconciled]:
    shown = len(found.ids)
    too_new = found.all - found.unscheduled - shown
    on_time = found.by_bucket.total() - found.overdue
    lines = [
        Reconciled.of("Open", found.all, [("no scheduled date", found.unscheduled), ("open too few days", too_new)]),
        Reconciled.of("Overdue", shown, [("scheduled for the as-of date or later", on_time)]),
        Reconciled.of("Over 7 Days", shown, [("open 7 days or less", shown - found.over_a_week)]),
        Reconciled.of(
            "Unassigned",
            shown,
            [("not pending", shown - found.pending), ("with an engineer", found.pending - found.unassigned)],
        ),
        Reconciled.of("SLA State", shown, [("no first assignment, or a start before it", found.untimed)]),
        Reconciled.of("priority as recorded", shown, [("none or unknown, taken as medium", found.without_priority)]),
        Reconciled.of("states as logged", shown, [("no events, taken from timestamps", found.unlogged)]),
    ]
    return [*lines, *_statuses(found, parameters, data)] if moment.is_now else lines


def _statuses(found: OpenCalls, parameters: PendingAgeingParameters, data: ReportData) -> list[Reconciled]:
    """Where the log and the status recorded now do not agree whether a call is open, either way."""
    recorded, both = recorded_as_open(parameters, data), found.recorded_open
    return [
        Reconciled.of("open as recorded", found.all, [("another status is recorded", found.all - both)]),
        Reconciled.of("recorded as open", recorded, [("ended, or not begun, by their events", recorded - both)]),
    ]
