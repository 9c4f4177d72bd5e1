"""Bounce Call: the calls that came back after their first assignment, why, to whom they went, and the days lost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import ColumnElement, func, select

from shared.document import Chart, ChartKind, Column, Document, Kind, Kpi, Row, Series, Table
from shared.reports._bounce_tally import OFTEN, BankTally, Tally, days_delayed
from shared.reports._bounces import REASONS, BouncedCall, bounced_calls, bounced_ids
from shared.reports._call_totals import as_of_date
from shared.reports._calls import call, count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._export_info import Reconciled
from shared.reports._metrics import share
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_labels, people_names
from shared.reports._parameters import BankFilter, DateRange
from shared.reports._period import previous_dates
from shared.reports._pivot import words
from shared.tables import call_events, calls

_NO_BANK = "(no bank)"
_SUMMARY = (
    Column("bank", "Bank", few_values=True),
    *(Column(to_camel(reason), words(reason), Kind.INTEGER) for reason in REASONS),
    Column("totalBounces", "Total Bounces", Kind.INTEGER),
    Column("bouncedCalls", "Bounced Calls", Kind.INTEGER),
    Column("assignedCalls", "Assigned Calls", Kind.INTEGER),
    Column("bounceRate", "Bounce Rate %", Kind.PERCENT),
    Column("daysLost", "Days Lost", Kind.INTEGER),
)
_OFFENDERS = (
    Column("kind", "Kind", few_values=True),
    Column("name", "Name"),
    Column("bounces", "Bounces", Kind.INTEGER),
)
_DETAILS = (
    Column("callNumber", "Call Number"),
    Column("clientName", "Client Name"),
    Column("bank", "Bank", few_values=True),
    Column("callType", "Call Type", few_values=True),
    Column("originalAssignmentDate", "Original Assignment Date", Kind.DATE_TIME),
    Column("originalEngineer", "Original Engineer", few_values=True),
    Column("bounceDate", "Bounce Date", Kind.DATE_TIME),
    Column("bounceReason", "Bounce Reason", few_values=True),
    Column("reassignedTo", "Reassigned To", few_values=True),
    Column("finalStatus", "Final Status", few_values=True),
    Column("totalBounces", "Total Bounces", Kind.INTEGER),
    Column("daysDelayed", "Days Delayed", Kind.INTEGER),
    Column("note", "Note", few_values=True),
)
_TILES = (
    Kpi(
        "bouncedCalls",
        "Bounced Calls",
        Kind.INTEGER,
        None,
        formula="calls in scope with a REASSIGNED, RESCHEDULED or CANCELLED event after the first assignment; without "
        "events, those whose metadata say reassigned",
    ),
    Kpi(
        "bounceRate",
        "Bounce Rate %",
        Kind.PERCENT,
        None,
        formula="bounced calls / calls, both over calls in scope with a first assignment",
    ),
    Kpi(
        "daysLost",
        "Days Lost",
        Kind.INTEGER,
        None,
        formula="sum over bounced calls of the days from the first scheduled date to the last one, or to the as-of "
        "date while the call is open; negative ones are left out",
    ),
    Kpi(
        "topReason",
        "Top Reason",
        Kind.TEXT,
        None,
        formula="the reason of most bounces; of several, the first in the order of the columns",
    ),
)
Assigned = Mapping[str | None, tuple[int, int]]  # by bank: calls, and those with a first assignment


class BounceCallParameters(DateRange, BankFilter):
    """The parameters of Bounce Call."""


def build(parameters: BounceCallParameters, data: ReportData) -> Document:
    """The document: sums are read now, in one pass over the bounced calls, and the details when a format asks.

    The ids of the bounced calls are held, some nine megabytes for a hundred thousand: the order of the details needs
    all of them, and a database that has to sort whole calls with their events takes many times as long.
    """
    dates = parameters.dates
    conditions = in_scope(parameters, data, dates)
    earlier_dates = previous_dates(*dates)
    before = in_scope(parameters, data, earlier_dates)
    today = as_of_date(data)
    ids = bounced_ids(data, conditions, dates)
    now, assigned = Tally.over(bounced_calls(data, conditions, ids), today), _assigned(conditions, data)
    earlier = bounced_calls(data, before, bounced_ids(data, before, earlier_dates))
    then, then_assigned = Tally.over(earlier, today), _assigned(before, data)
    people, labels = _people(now, data), _labels(assigned, data)
    details = Table(
        "Details",
        _DETAILS,
        lambda: _rows(bounced_calls(data, conditions, ids), today, people, labels),
        count=now.calls,
        is_main=True,
    )
    content = Content(
        tables=(_summary(now, assigned, labels), _offenders(now, people), details),
        kpis=_tiles((now, assigned), (then, then_assigned)),
        charts=(_by_reason(now),),
        reconciled=lambda: _reconciled(now, assigned),
    )
    return dated_document("bounce-call", "Bounce Call", parameters, data, content)


def estimate(parameters: BounceCallParameters, data: ReportData) -> int:
    """Calls in scope; fewer have bounced."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="performance",
    icon="undo-2",
    estimated_time="1–2 min",
    async_threshold=5_000,
    parameters=BounceCallParameters,
    build=build,
    estimate=estimate,
)


def _assigned(conditions: Sequence[ColumnElement[bool]], data: ReportData) -> Assigned:
    """Events are asked only for the calls whose row tells no assignment."""
    by_row = select(call.client_bank, func.count(), func.count(call.assigned_at)).where(*conditions)
    event = call_events.c
    is_assigned = (
        select(event.id).where(event.call_id == call.id, event.event_type == "ASSIGNED").correlate(calls).exists()
    )
    by_event = select(call.client_bank, func.count()).where(*conditions, call.assigned_at.is_(None), is_assigned)
    more = {row[0]: int(row[1]) for row in data.reader.all(by_event.group_by(call.client_bank))}
    rows = data.reader.all(by_row.group_by(call.client_bank))
    return {row[0]: (int(row[1]), int(row[2]) + more.get(row[0], 0)) for row in rows}


def _labels(assigned: Assigned, data: ReportData) -> dict[str | None, str]:
    """The banks of the calls in scope by name, then the calls without one."""
    labels: dict[str | None, str] = {}
    labels.update(bank_labels([bank for bank in assigned if bank is not None], data))
    return labels | ({None: _NO_BANK} if None in assigned else {})


def _people(tally: Tally, data: ReportData) -> dict[str, str]:
    """Names by id of the engineers that bounced calls name; an id without a row stays an id."""
    names = people_names(tally.people, data)
    return {each: names.get(each, each) for each in tally.people}


def _summary(tally: Tally, assigned: Assigned, labels: Mapping[str | None, str]) -> Table:
    rows: list[Row] = []
    for bank, label in labels.items():
        found, (_, with_assignment) = tally.banks.get(bank, BankTally()), assigned[bank]
        counts = [found.reasons[reason] for reason in REASONS]
        rate = share(found.assigned_calls, with_assignment)
        rows.append((label, *counts, sum(counts), found.calls, with_assignment, rate, found.days_lost))
    return Table.eager("Summary", _SUMMARY, rows)


def _offenders(tally: Tally, people: Mapping[str, str]) -> Table:
    """Engineers, then merchants; most bounces first, then by name."""
    engineers = [
        ("engineer", people[each], bounces)
        for each, bounces in tally.engineers.items()
        if each is not None and bounces >= OFTEN
    ]
    merchants = [("merchant", *each) for each in tally.offenders]
    rows = [sorted(kind, key=lambda row: (-row[2], row[1].casefold(), row[1])) for kind in (engineers, merchants)]
    return Table.eager("Repeat Offenders", _OFFENDERS, [*rows[0], *rows[1]])


def _rows(
    bounced: Iterable[BouncedCall], today: date, people: Mapping[str, str], labels: Mapping[str | None, str]
) -> Iterator[Row]:
    for each in bounced:
        row, history = each.row, each.history
        latest = history.bounces[-1]
        yield (
            *(row.call_number, row.client_name, labels[row.client_bank], row.type),
            *(history.assigned, people.get(history.engineer or ""), latest.at, words(latest.counted_reason)),
            *(people.get(latest.to_engineer or ""), row.status, len(history.bounces), days_delayed(each, today)),
            _note(each),
        )


def _note(each: BouncedCall) -> str | None:
    reason = each.history.bounces[-1].reason
    if each.is_reconstructed:
        return "reconstructed"
    if reason is None:
        return "no reason"
    return None if reason in REASONS else f"unknown reason: {reason}"


def _tiles(now: tuple[Tally, Assigned], then: tuple[Tally, Assigned]) -> list[Kpi]:
    values = [
        (tally.calls, _rate(tally, assigned), tally.days_lost, tally.top_reason and words(tally.top_reason))
        for tally, assigned in (now, then)
    ]
    return [replace(tile, value=value, previous=earlier) for tile, value, earlier in zip(_TILES, *values, strict=True)]


def _rate(tally: Tally, assigned: Assigned) -> float | None:
    return share(
        sum(each.assigned_calls for each in tally.banks.values()), sum(count for _, count in assigned.values())
    )


def _by_reason(tally: Tally) -> Chart:
    return Chart(
        "byReason",
        "Bounces by reason",
        ChartKind.BAR,
        tuple(map(words, REASONS)),
        (Series("Bounces", tuple(tally.reasons.values())),),
        "Number of bounces for each reason",
        "Bounces",
    )


def _reconciled(tally: Tally, assigned: Assigned) -> list[Reconciled]:
    """Calls first, then bounces: who of their engineers and merchants stands among the offenders, and their reasons."""
    calls_in_scope = sum(count for count, _ in assigned.values())
    not_bounced = ("no bounce", calls_in_scope - tally.calls)
    unassigned = calls_in_scope - sum(count for _, count in assigned.values())
    by_calls = [
        ("Bounced Calls", [not_bounced]),
        ("Bounce Rate %", [("no first assignment", unassigned)]),
        ("Days Lost", [not_bounced, ("moved to an earlier date, or open and not due yet", tally.early)]),
    ]
    by_bounces = [
        ("Repeat Offenders (bounces of engineers)", _seldom(tally.engineers, None, "engineer")),
        ("Repeat Offenders (bounces of merchants)", _seldom(tally.merchants, (None, None), "merchant")),
        (
            "reasons as recorded (bounces)",
            [
                ("unknown reason, counted as other", tally.unknown_reasons),
                ("no reason, counted as other", tally.missing_reasons),
                ("no events, metadata tell of a bounce of unknown date, counted as other", tally.reconstructed),
            ],
        ),
    ]
    return [
        *(Reconciled.of(figure, calls_in_scope, reasons) for figure, reasons in by_calls),
        *(Reconciled.of(figure, tally.bounces, reasons) for figure, reasons in by_bounces),
    ]


def _seldom(bounces: Counter[Any], unknown: Any, kind: str) -> list[tuple[str, int]]:
    few = sum(count for each, count in bounces.items() if count < OFTEN and each != unknown)
    return [(f"{kind} unknown", bounces[unknown]), (f"{kind}s with fewer than {OFTEN} bounces", few)]
