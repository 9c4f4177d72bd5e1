"""Call Details And Activity: the calls of some days, or one call, with everything that happened, photos and devices."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement

from shared.document import Column, Document, Kind, Kpi, Note, Row, Table, clean_text
from shared.reports import _activity_sheets as sheets
from shared.reports._activity_sheets import Activity, Conditions, activity
from shared.reports._call_rows import COLUMNS, ON_PAGES, call_rows
from shared.reports._calls import call, in_scope
from shared.reports._export_info import Reconciled, Told, closing
from shared.reports._model import Entry, ReportData
from shared.reports._names import filter_notes
from shared.reports._parameters import BankFilter, DateRange
from shared.reports._period import previous_dates

_TITLE = "Call Details And Activity"
_NO_PERIOD: dict[str, Any] = {"properties": {"period": {"type": "null"}}}
_NO_DATES: dict[str, Any] = {"properties": {"dateFrom": {"type": "null"}, "dateTo": {"type": "null"}}}
_DATES: dict[str, Any] = {
    "properties": {"dateFrom": {"type": "string"}, "dateTo": {"type": "string"}},
    "required": ["dateFrom", "dateTo"],
}
_IS_ONE_CALL: dict[str, Any] = {
    "properties": {"specificCallNumber": {"type": "string"}},
    "required": ["specificCallNumber"],
}
_IS_PERIOD: dict[str, Any] = {"properties": {"period": {"type": "string"}}, "required": ["period"]}
_FREE: dict[str, Any] = {"anyOf": [_NO_DATES, {"allOf": [_DATES, _NO_PERIOD]}]}
_BOUND: dict[str, Any] = {"if": _IS_PERIOD, "then": _NO_DATES, "else": _DATES}


class CallDetailsActivityParameters(DateRange, BankFilter):
    """The parameters of Call Details And Activity: dates, or a period, or one call, or both."""

    model_config = ConfigDict(json_schema_extra={"if": _IS_ONE_CALL, "then": _FREE, "else": _BOUND})

    specific_call_number: str | None = Field(
        None, min_length=1, max_length=50, description="Only the call of this number; then no dates are needed."
    )

    def require_dates(self) -> None:
        """As of every range of dates, but that a call's number stands for them too."""
        if self._has_dates or self.specific_call_number is None:
            super().require_dates()

    @property
    def _has_dates(self) -> bool:
        return (self.date_from, self.date_to, self.period) != (None, None, None)

    @property
    def dates(self) -> tuple[Any, Any]:
        """First and last day; where none are given there is no such attribute, and `hasattr` says so."""
        if not self._has_dates:
            message = "one call was asked for, of whatever day"
            raise AttributeError(message)
        return super().dates


def build(parameters: CallDetailsActivityParameters, data: ReportData) -> Document:
    """The document: numbers are read now, each sheet's rows when a format asks for them, one sheet after another."""
    conditions = _conditions(parameters, data)
    now = activity(data, conditions)
    then = None
    if hasattr(parameters, "dates"):
        then = activity(data, _conditions(parameters.model_copy(update=_before(parameters)), data))
    number = clean_text(parameters.specific_call_number or "")
    dates = " to ".join(f"{day:%Y-%m-%d}" for day in getattr(parameters, "dates", ()))
    notes = (*filter_notes(parameters, data), *([Note("Call number", number)] if number else ()))
    kpis = _tiles(now, then)
    return Document(
        report_id="call-details-activity",
        title=_TITLE,
        subtitle=dates or f"Call {number}",
        zone=data.settings.zone,
        generated_at=data.generated_at,
        data_as_of=data.reader.as_of,
        file_dates=dates.replace(" to ", "_") or _file_name_part(number),
        tables=_tables(data, conditions, now),
        kpis=kpis,
        notes=notes,
        closing=closing(data, Told(_TITLE, parameters, notes, kpis, lambda: _reconciled(now), has_photo_links=True)),
    )


def estimate(parameters: CallDetailsActivityParameters, data: ReportData) -> int:
    """Lines of the log."""
    return sheets.log_lines(data, _conditions(parameters, data))


ENTRY = Entry(
    category="calls",
    icon="history",
    estimated_time="2–5 min",
    async_threshold=2_000,
    parameters=CallDetailsActivityParameters,
    build=build,
    estimate=estimate,
)


def _conditions(parameters: CallDetailsActivityParameters, data: ReportData) -> list[ColumnElement[bool]]:
    if hasattr(parameters, "dates"):
        conditions = in_scope(parameters, data, parameters.dates)
    else:
        conditions = [data.scope.narrowed(parameters.banks).predicate(call.client_bank)]
    if parameters.specific_call_number is not None:
        conditions.append(call.call_number == parameters.specific_call_number)
    return conditions


def _before(parameters: CallDetailsActivityParameters) -> dict[str, Any]:
    first, last = previous_dates(*parameters.dates)
    return {"date_from": first, "date_to": last}


def _file_name_part(number: str) -> str:
    return "call-" + (re.sub("[^A-Za-z0-9]+", "-", number).strip("-") or "number")


def _tables(data: ReportData, conditions: Conditions, found: Activity) -> tuple[Table, ...]:
    def table(
        name: str,
        columns: Sequence[Column],
        rows: Callable[[ReportData, Conditions], Iterator[Row]],
        count: int,
    ) -> Table:
        return Table(name, tuple(columns), partial(rows, data, conditions), count, is_main=rows is sheets.log_rows)

    return (
        replace(table("Calls", COLUMNS, call_rows, found.calls), page_columns=ON_PAGES),
        table("Activity Log", sheets.LOG_COLUMNS, sheets.log_rows, found.lines),
        table("Photos", sheets.PHOTO_COLUMNS, sheets.photo_rows, found.photos),
        table("Devices", sheets.DEVICE_COLUMNS, sheets.device_rows, found.devices),
    )


def _tiles(now: Activity, then: Activity | None) -> tuple[Kpi, ...]:
    def tile(key: str, label: str, formula: str, value: Callable[[Activity], int]) -> Kpi:
        return Kpi(key, label, Kind.INTEGER, value(now), None if then is None else value(then), formula)

    lines = "lines of the log: recorded events, and for calls without any those that their timestamps make"
    return (
        tile("calls", "Calls", "all calls in scope", lambda found: found.calls),
        tile("events", "Events", lines, lambda found: found.lines),
        tile("photos", "Photos", "photos of the calls in scope", lambda found: found.photos),
        tile("devices", "Devices", "devices of the calls in scope, once for each role", lambda found: found.devices),
    )


def _reconciled(found: Activity) -> list[Reconciled]:
    return [
        Reconciled.of("calls with recorded events", found.calls, [("no event recorded", found.silent_calls)]),
        Reconciled.of(
            "events as recorded", found.lines, [("reconstructed from the timestamps of the call", found.reconstructed)]
        ),
    ]
