"""The calls of the FSP report: their totals bank by bank, and their rows in the standard columns; arranges no sheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from shared.clock import local_date, local_midnight
from shared.document import Link, Row
from shared.ports import Query
from shared.reports._calls import CallFilters, call, in_scope, with_names
from shared.reports._metrics import elapsed_minutes, on_time_minutes
from shared.reports._model import ReportData
from shared.reports._visit_evidence import (
    device_list,
    devices_of,
    first_linkable,
    kinds_of_photos,
    photos_of,
    view_photos,
    with_roles,
)
from shared.tables import banks, calls, count_where, minutes_between, user_profiles

_SIGNED_AT_ONCE = 500  # rows whose photo links are asked for in one go


@dataclass(frozen=True)
class FspTotals:
    """Numbers of the calls of one bank (None: of no bank) in one status; TAT in minutes."""

    bank: str | None
    status: str
    calls: int
    without_completion: int
    early: int  # completed before the scheduled date began, so that the TAT is negative
    tat_minutes: float | None  # of the others that have a completion time


def totals(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> list[FspTotals]:
    """The calls in scope by bank and status, in one statement."""
    midnights = on_time_minutes(data.settings.zone, dates, -1)  # the first instant that is no longer the day before
    facts = (
        select(
            call.client_bank,
            call.status,
            minutes_between(call.scheduled_date, call.completed_at).label("done_after"),
            case(*((call.scheduled_date <= day, minutes) for day, minutes in midnights)).label("midnight"),
        )
        .where(*in_scope(parameters, data, dates))
        .subquery("facts")
    ).c
    tat = facts.done_after - facts.midnight
    statement = select(
        facts.client_bank,
        facts.status,
        func.count(),
        count_where(facts.done_after.is_(None)),
        count_where(tat < 0),
        func.sum(case((tat >= 0, tat))),
    ).group_by(facts.client_bank, facts.status)
    return [FspTotals(*row) for row in data.reader.all(statement)]


def fsp_rows(data: ReportData, groups: Iterable[Sequence[ColumnElement[bool]]]) -> Iterator[Row]:
    """The standard columns of the calls that meet the conditions of each group, one statement after another."""
    for conditions in groups:
        source = data.reader.rows(_statement(conditions))
        while batch := list(islice(source, _SIGNED_AT_ONCE)):
            shown = [[photo.ref for photo in photos_of(row.photo_list)] for row in batch]
            links = iter(data.photo_links([first_linkable(photos) for photos in shown if photos]))
            for row, photos in zip(batch, shown, strict=True):
                yield _row(row, view_photos(photos, [next(links)] if photos else ()), data)


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    """Of calls whose banks have one code: the index by bank and date gives their order."""
    return (
        select(
            *(call.call_number, banks.c.code, call.client_name, call.client_id, call.client_address),
            *(call.city, call.state, call.pin_code, call.client_contact, call.client_phone),
            *(call.type, call.priority, call.scheduled_date, user_profiles.c.full_name, user_profiles.c.phone),
            *(call.started_at, call.completed_at, call.status, call.resolution_notes),
            device_list().label("device_list"),
            kinds_of_photos().label("photo_list"),
        )
        .select_from(with_names(calls))
        .where(*conditions)
        .order_by(call.scheduled_date, call.call_number)
    )


def _row(row: Any, evidence: Link, data: ReportData) -> Row:
    tat = elapsed_minutes(local_midnight(row.scheduled_date, data.settings.zone), row.completed_at)
    return (
        *row[:15],
        _date(row.started_at, data),
        _date(row.completed_at, data),
        row.status,
        None if tat is None else tat / 60,
        _serials(row.device_list),
        row.resolution_notes,
        evidence,
    )


def _date(at: datetime | None, data: ReportData) -> date | None:
    return None if at is None else local_date(at, data.settings.zone)


def _serials(listed: str | None) -> str | None:
    """What was put in, else what was serviced, else what was taken away."""
    chosen = with_roles(devices_of(listed), {"installed", "new"}, {"serviced"}, {"removed"})
    return "; ".join(device.serial for device in chosen if device.serial) or None
