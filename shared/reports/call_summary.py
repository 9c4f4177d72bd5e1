"""Call Summary: counts, times and rates of the calls, by status, priority and bank, day by day and week by week."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydantic import Field
from pydantic.alias_generators import to_camel
from sqlalchemy import func, select

from shared.document import Cell, Chart, ChartKind, Column, Document, Kind, Kpi, Row, Series, Table
from shared.reports import _call_figures as figures
from shared.reports._call_charts import by_status
from shared.reports._call_exclusions import reconciled
from shared.reports._call_totals import DaySums, with_previous
from shared.reports._calls import call, count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._figures import tiles
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members
from shared.reports._parameters import BankFilter, DateRange, PriorityList, StatusList
from shared.reports._period import days_of, previous_dates
from shared.reports._pivot import Counts, Member, members, pivot, words
from shared.tables import CALL_STATUSES, CALL_TYPES, PRIORITIES

_FIGURES = (
    figures.TOTAL_CALLS,
    figures.PENDING,
    figures.ASSIGNED,
    figures.IN_PROGRESS,
    figures.COMPLETED,
    figures.CANCELLED,
    figures.AVG_RESOLUTION,
    figures.AVG_RESPONSE,
    figures.ON_TIME,
    figures.SLA_MET,
    figures.OVERDUE,
    figures.UNASSIGNED,
)
_COUNTS = (
    Column("total", "Total", Kind.INTEGER),
    *(Column(to_camel(status), words(status), Kind.INTEGER) for status in CALL_STATUSES),
)
_BY_DAY = (Column("date", "Date", Kind.DATE), *_COUNTS)
_BY_WEEK = (Column("isoWeek", "ISO Week"), Column("weekStart", "Week Start", Kind.DATE), *_COUNTS)


class CallSummaryParameters(DateRange, BankFilter):
    """The parameters of Call Summary."""

    status: StatusList | None = Field(None, description="Only calls that are in these states now.")
    priority: PriorityList | None = Field(None, description="Only calls of these priorities.")


def build(parameters: CallSummaryParameters, data: ReportData) -> Document:
    """The document; every table is held. Two statements read calls, and both give a row per group, not per call."""
    dates = parameters.dates
    before = previous_dates(*dates)
    days, now, then = with_previous(parameters, data, dates)
    kpis = tiles(_FIGURES, now, then, data.settings)
    groups = _groups(parameters, data)
    banks = bank_members((group.bank for group in groups), data)
    trend = _by_date(days, days_of(*dates))
    content = Content(
        tables=(_summary(kpis, dates, before), *_pivots(groups, banks), *_trends(trend)),
        kpis=kpis,
        charts=(by_status(now), _daily_trend(trend), *_by_bank(groups, banks)),
        reconciled=lambda: [*reconciled(_FIGURES, now), *reconciled(_FIGURES, then, " (previous period)")],
    )
    return dated_document("call-summary", "Call Summary", parameters, data, content)


def estimate(parameters: CallSummaryParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="calls",
    icon="bar-chart-3",
    estimated_time="1–2 min",
    async_threshold=10_000,
    parameters=CallSummaryParameters,
    build=build,
    estimate=estimate,
)


@dataclass(frozen=True)
class _Group:
    """The calls of the period that have these four in common, and their number."""

    bank: str | None
    status: str
    priority: str | None
    type: str
    calls: int


def _groups(parameters: CallSummaryParameters, data: ReportData) -> list[_Group]:
    keys = (call.client_bank, call.status, call.priority, call.type)
    conditions = in_scope(parameters, data, parameters.dates)
    statement = select(*keys, func.count()).where(*conditions).group_by(*keys)
    return [_Group(*row) for row in data.reader.all(statement)]


def _counted(groups: Iterable[_Group], key: Callable[[_Group], tuple[str | None, str | None]]) -> Counts:
    counts = Counter[tuple[str | None, str | None]]()
    for group in groups:
        counts[key(group)] += group.calls
    return counts


def _summary(kpis: Sequence[Kpi], dates: tuple[date, date], before: tuple[date, date]) -> Table:
    """This period, the previous one, the change; the columns are the specification's, so `Note` names the rows."""
    columns = [*(Column(kpi.key, kpi.label, kpi.kind) for kpi in kpis), Column("note", "Note")]
    rows: list[Row] = [
        (*(kpi.value for kpi in kpis), f"this period, {_range(dates)}"),
        (*(kpi.previous for kpi in kpis), f"previous period, {_range(before)}"),
        (*map(_change, kpis), "change: this period − previous period"),
    ]
    return Table.eager("Summary", columns, rows)


def _range(dates: tuple[date, date]) -> str:
    return f"{dates[0]:%Y-%m-%d} to {dates[1]:%Y-%m-%d}"


def _change(kpi: Kpi) -> Cell:
    return int(kpi.change) if kpi.kind is Kind.INTEGER and kpi.change is not None else kpi.change


def _pivots(groups: Sequence[_Group], banks: Sequence[Member]) -> list[Table]:
    statuses = members(CALL_STATUSES, (group.status for group in groups), "")
    priorities = members(PRIORITIES, (group.priority for group in groups), "(no priority)")
    types = members(CALL_TYPES, (group.type for group in groups), "")
    by_status = pivot("By Status", "Status", (statuses, banks), _counted(groups, lambda g: (g.status, g.bank)))
    return [
        replace(by_status, is_main=True),
        pivot("By Priority", "Priority", (priorities, types), _counted(groups, lambda g: (g.priority, g.type))),
        pivot("By Bank", "Bank", (banks, statuses), _counted(groups, lambda g: (g.bank, g.status))),
    ]


def _by_date(days: Iterable[DaySums], dates: Iterable[date]) -> dict[date, Counter[str]]:
    """Calls by status of every date, in their order; of dates without calls too."""
    found = {day: Counter[str]() for day in dates}
    for each in days:
        if each.day in found:
            found[each.day][each.status] += each.sums.calls
    return found


def _trends(by_date: Mapping[date, Counter[str]]) -> list[Table]:
    by_week: dict[date, Counter[str]] = {}
    for day, counts in by_date.items():
        by_week.setdefault(day - timedelta(days=day.weekday()), Counter()).update(counts)
    return [
        Table.eager("Trends", _BY_DAY, [(day, *_line(counts)) for day, counts in by_date.items()]),
        Table.eager(
            "Trends (weekly)",
            _BY_WEEK,
            [(f"{monday:%G-W%V}", monday, *_line(counts)) for monday, counts in by_week.items()],
        ),
    ]


def _line(counts: Counter[str]) -> list[int]:
    return [counts.total(), *(counts[status] for status in CALL_STATUSES)]


def _daily_trend(by_date: Mapping[date, Counter[str]]) -> Chart:
    series = (
        Series("Total", tuple(counts.total() for counts in by_date.values())),
        Series("Completed", tuple(counts["completed"] for counts in by_date.values())),
    )
    categories = tuple(f"{day:%Y-%m-%d}" for day in by_date)
    description = "Number of calls and of completed calls on each scheduled date"
    return Chart("dailyTrend", "Calls per day", ChartKind.LINE, categories, series, description, "Calls")


def _by_bank(groups: Sequence[_Group], banks: Sequence[Member]) -> list[Chart]:
    """No chart where there is no bank to stand along its axis."""
    counts = _counted(groups, lambda group: (group.bank, group.status))
    series = tuple(
        Series(words(status), tuple(counts.get((bank.value, status), 0) for bank in banks)) for status in CALL_STATUSES
    )
    labels = tuple(bank.label for bank in banks)
    description = "Number of calls of each bank by status"
    made = Chart("byBank", "Calls by bank", ChartKind.STACKED_BAR, labels, series, description, "Calls")
    return [made] if banks else []
