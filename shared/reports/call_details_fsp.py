"""Call Details FSP: the calls of each bank in the format handed to banks and auditors, or in one of the bank's own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from math import fsum
from typing import Any, Literal, NamedTuple

from pydantic import Field
from sqlalchemy import ColumnElement, select

from shared.access.scope import BankScope
from shared.document import Document, Kind, Note, Row, Table, clean_text
from shared.ports import Database
from shared.reports._calls import call, count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._export_info import Reconciled
from shared.reports._figures import Figure, tiles
from shared.reports._fsp_calls import FspTotals, fsp_rows, totals
from shared.reports._fsp_columns import Layout
from shared.reports._metrics import average
from shared.reports._model import Entry, ReportData
from shared.reports._parameters import BankFilter, DateRange
from shared.reports._period import previous_dates
from shared.tables import InJsonList, banks, fsp_formats

_SHEET = "FSP Report"
_TAT_FORMULA = (
    "mean hours from midnight of the scheduled date in the business zone to completion, over calls completed then or"
    " later; earlier ones show their negative hours and are left out"
)


class CallDetailsFspParameters(DateRange, BankFilter):
    """The parameters of Call Details FSP."""

    fsp_format: Literal["standard", "custom"] = Field(
        "standard", description="The standard columns, or each bank's own columns on a sheet of its own."
    )


class _Bank(NamedTuple):
    """A bank of the report; `id` None stands for calls without one."""

    id: str | None
    code: str
    name: str


def build(parameters: CallDetailsFspParameters, data: ReportData) -> Document:
    """The document: totals are read now, the rows when a format asks for them, bank by bank."""
    now = totals(parameters, data, parameters.dates)
    then = totals(parameters, data, previous_dates(*parameters.dates))
    counts = Counter[str | None]()
    for each in now:
        counts[each.bank] += each.calls
    if parameters.fsp_format == "custom":
        tables = _custom(parameters, data, counts)
    else:
        codes = _by_code(_banks(counts, data))
        tables = [_table(_SHEET, Layout.standard(), counts.total(), _rows(parameters, data, codes))]
    content = Content(
        tables=tables,
        kpis=tiles(_FIGURES, now, then, data.settings),
        charts=(),
        reconciled=lambda: [_reconciled(now)],
        has_photo_links=True,
        notes=(Note("Format", parameters.fsp_format),),
    )
    return dated_document("call-details-fsp", "Call Details FSP", parameters, data, content)


def estimate(parameters: CallDetailsFspParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


def own_formats(parameters: CallDetailsFspParameters, scope: BankScope, reporting: Database) -> Mapping[str, Any]:
    """Of each bank in scope that has a format of its own: its columns, by the bank's id."""
    if parameters.fsp_format == "standard":
        return {}
    named = select(fsp_formats.c.bank_id, fsp_formats.c["columns"])
    allowed = scope.narrowed(parameters.banks).predicate(fsp_formats.c.bank_id)
    with reporting.read() as connection:
        return {row[0]: row[1] for row in connection.execute(named.where(allowed))}


def is_split(parameters: CallDetailsFspParameters, scope: BankScope) -> bool:
    """Whether there is a sheet for each of several banks."""
    asked = scope.narrowed(parameters.banks).banks
    return parameters.fsp_format == "custom" and (asked is None or len(asked) > 1)


ENTRY = Entry(
    category="calls",
    icon="file-check",
    estimated_time="2–5 min",
    async_threshold=5_000,
    parameters=CallDetailsFspParameters,
    build=build,
    estimate=estimate,
    photo_link_hours=167,  # auditors come late: the longest that a signature of Azure's lasts
    own_data=own_formats,
    is_split=is_split,
)


def _banks(ids: Iterable[str | None], data: ReportData) -> list[_Bank]:
    """The banks in order of their codes, then what has none."""
    wanted = set(ids)
    known = select(banks.c.id, banks.c.code, banks.c.name).where(InJsonList(banks.c.id, sorted(filter(None, wanted))))
    found = sorted((_Bank(*row) for row in data.reader.all(known)), key=lambda bank: (bank.code, bank.name, bank.id))
    return [*found, _Bank(None, "", "(no bank)")] if None in wanted else found


def _by_code(found: Sequence[_Bank]) -> list[list[_Bank]]:
    """Banks of one code together: the report orders by code, not by bank."""
    return [list(group) for _, group in groupby(found, key=lambda bank: (bank.id is None, bank.code))]


def _custom(parameters: CallDetailsFspParameters, data: ReportData, counts: Counter[str | None]) -> list[Table]:
    """One sheet for a bank asked for; without a choice, for a bank that has calls. One bank alone needs no name."""
    asked = data.scope.narrowed(parameters.banks).banks
    found = _banks(counts if asked is None else asked, data)
    if not found:
        return [_table(_SHEET, Layout.standard(), 0, _rows(parameters, data, ()))]
    names = [_SHEET] if asked is not None and len(found) == 1 else _distinct(found)
    return [
        _table(name, _layout(bank, data), counts[bank.id], _rows(parameters, data, [[bank]]))
        for name, bank in zip(names, found, strict=True)
    ]


def _distinct(found: Sequence[_Bank]) -> list[str]:
    """The banks' names, with codes where names are equal, and with numbers where even those are."""
    names = [clean_text(bank.name) for bank in found]
    coded = [
        name if names.count(name) == 1 else clean_text(f"{name} ({bank.code})")
        for name, bank in zip(names, found, strict=True)
    ]
    return [name if coded.count(name) == 1 else f"{name} {place}" for place, name in enumerate(coded, 1)]


def _layout(bank: _Bank, data: ReportData) -> Layout:
    own = data.own_data.get(bank.id) if bank.id is not None else None
    return Layout.standard() if own is None else Layout.of(own)


def _table(name: str, layout: Layout, count: int, rows: Callable[[], Iterator[Row]]) -> Table:
    def arranged() -> Iterator[Row]:
        for row in rows():
            yield layout.arranged(row)

    return Table(name, layout.columns, arranged, count, is_main=True, page_columns=layout.page_columns)


def _rows(
    parameters: CallDetailsFspParameters, data: ReportData, groups: Sequence[Sequence[_Bank]]
) -> Callable[[], Iterator[Row]]:
    return partial(fsp_rows, data, [_conditions(parameters, data, group) for group in groups])


def _conditions(
    parameters: CallDetailsFspParameters, data: ReportData, group: Sequence[_Bank]
) -> list[ColumnElement[bool]]:
    ids = tuple(bank.id for bank in group if bank.id is not None)
    if ids:
        return in_scope(parameters.model_copy(update={"banks": ids}), data, parameters.dates)
    # allow: bank-scope because this takes, within the scope, the calls that no bank's sheet has
    return [*in_scope(parameters, data, parameters.dates), call.client_bank.is_(None)]


def _calls(found: Iterable[FspTotals]) -> int:
    return sum(each.calls for each in found)


def _completed(found: Iterable[FspTotals]) -> list[FspTotals]:
    return [each for each in found if each.status == "completed"]


def _average_tat(found: Sequence[FspTotals]) -> float | None:
    timed = sum(each.calls - each.without_completion - each.early for each in found)
    return average(fsum(each.tat_minutes or 0 for each in found) / 60, timed)


_Figure = Figure[Sequence[FspTotals]]
_FIGURES = (
    _Figure("total", "Total", Kind.INTEGER, "all calls in scope", _calls),
    _Figure(
        "completed",
        "Completed",
        Kind.INTEGER,
        "calls in scope with status completed",
        lambda found: _calls(_completed(found)),
    ),
    _Figure("avgTat", "Avg TAT (Hours)", Kind.DECIMAL, _TAT_FORMULA, _average_tat),
)


def _reconciled(found: Sequence[FspTotals]) -> Reconciled:
    untimed = Counter[str]()
    for each in found:
        reason = {"completed": "completed, no completion time", "cancelled": "cancelled"}.get(each.status)
        untimed[reason or "not completed yet"] += each.without_completion
    early = sum(each.early for each in found)
    reasons = ("not completed yet", "cancelled", "completed, no completion time")
    told = [(reason, untimed[reason]) for reason in reasons]
    return Reconciled.of("Avg TAT (Hours)", _calls(found), [*told, ("completed before the scheduled date", early)])
