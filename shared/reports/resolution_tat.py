"""Resolution TAT: minutes from first assignment to completion, against the targets by type, day by day."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import Field

from shared.document import Chart, ChartKind, Column, Document, Kind, Row, Series, Table
from shared.reports._calls import count_in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._export_info import Reconciled
from shared.reports._figures import Figure, tiles
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members
from shared.reports._parameters import BankFilter, DateRange, TypeList
from shared.reports._period import previous_dates
from shared.reports._pivot import Member, members
from shared.reports._resolution_details import details
from shared.reports._resolution_times import Group, ResolutionTimes, calls_by_status, completed, read_resolutions
from shared.tables import CALL_TYPES

_SUMMARY = (
    Column("bank", "Bank", few_values=True),
    Column("callType", "Call Type", few_values=True),
    Column("totalCompleted", "Total Completed", Kind.INTEGER),
    Column("avgResolution", "Avg Resolution TAT (min)", Kind.MINUTES),
    Column("medianResolution", "Median Resolution TAT (min)", Kind.MINUTES),
    Column("p90", "90th Percentile", Kind.MINUTES),
    Column("p95", "95th Percentile", Kind.MINUTES),
    Column("min", "Min TAT", Kind.MINUTES),
    Column("max", "Max TAT", Kind.MINUTES),
    Column("deviation", "Std Deviation", Kind.MINUTES),
    Column("targetMet", "Target Met %", Kind.PERCENT),
)
_TRENDS = (
    Column("date", "Date", Kind.DATE),
    Column("completed", "Completed", Kind.INTEGER),
    Column("avg", "Avg", Kind.MINUTES),
    Column("median", "Median", Kind.MINUTES),
)


class ResolutionTatParameters(DateRange, BankFilter):
    """The parameters of Resolution TAT."""

    call_type: TypeList | None = Field(None, description="Only calls of these types.")


def build(parameters: ResolutionTatParameters, data: ReportData) -> Document:
    """The document: one streamed statement gives all figures, the details are read when a format asks for them."""
    dates = parameters.dates
    found = read_resolutions(parameters, data, dates, previous_dates(*dates)[0])
    now, then = ResolutionTimes.over(found.now.values()), ResolutionTimes.over(found.before.values())
    conditions = completed(parameters, data, dates)
    types = members(CALL_TYPES, (kind for _, kind in found.now), "")
    days = dict(sorted(found.by_day.items()))
    content = Content(
        tables=(
            _summary(found.now, bank_members((bank for bank, _ in found.now), data), types),
            details(conditions, data, now.calls),
            _trends(days),
        ),
        kpis=tiles(_FIGURES, now, then, data.settings),
        charts=(*_daily_median(days), _by_type(found.now, types)),
        reconciled=lambda: _reconciled(calls_by_status(parameters, data, dates), now, days),
    )
    return dated_document("resolution-tat", "Resolution TAT", parameters, data, content)


def estimate(parameters: ResolutionTatParameters, data: ReportData) -> int:
    """Calls in scope, completed or not."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="tat",
    icon="hourglass",
    estimated_time="1–2 min",
    async_threshold=10_000,
    parameters=ResolutionTatParameters,
    build=build,
    estimate=estimate,
)


def _summary(groups: Mapping[Group, ResolutionTimes], banks: Sequence[Member], types: Sequence[Member]) -> Table:
    """A row per bank and type that has completed calls."""
    rows: list[Row] = [
        (bank.label, kind.label, *_figures(times))
        for bank in banks
        for kind in types
        if (times := groups.get((bank.value, kind.value or "")))
    ]
    return Table.eager("Summary", _SUMMARY, rows)


def _figures(times: ResolutionTimes) -> Row:
    spread = times.spread
    return (
        times.calls,
        spread.mean,
        spread.median,
        spread.percentile(90),
        spread.percentile(95),
        spread.percentile(0),
        spread.percentile(100),
        spread.deviation,
        times.target_share,
    )


def _trends(days: Mapping[date, ResolutionTimes]) -> Table:
    """The local dates on which calls in scope were completed, wherever they lie, in order."""
    rows = [(day, times.calls, times.spread.mean, times.spread.median) for day, times in days.items()]
    return Table.eager("Trends", _TRENDS, rows)


_Figure = Figure[ResolutionTimes]
_TIMED = "minutes from first assignment to completion, over completed calls that have both in this order"
_FIGURES = (
    _Figure("completed", "Completed", Kind.INTEGER, "calls in scope with status completed", lambda t: t.calls),
    _Figure("avg", "Avg", Kind.MINUTES, f"mean {_TIMED}", lambda t: t.spread.mean),
    _Figure("median", "Median", Kind.MINUTES, f"median {_TIMED}", lambda t: t.spread.median),
    _Figure(
        "p90",
        "90th",
        Kind.MINUTES,
        f"90th percentile, interpolated between neighbours, of {_TIMED}",
        lambda t: t.spread.percentile(90),
    ),
    _Figure(
        "targetMet",
        "Target Met %",
        Kind.PERCENT,
        "completed within the target of the call's type after first assignment ({targets} hours) / completed calls "
        "that have both times in this order",
        lambda t: t.target_share,
    ),
)


def _daily_median(days: Mapping[date, ResolutionTimes]) -> list[Chart]:
    """No chart where there is no day to stand along its axis."""
    series = Series("Median", tuple(times.spread.median for times in days.values()))
    labels = tuple(f"{day:%Y-%m-%d}" for day in days)
    description = "Median minutes from first assignment to completion, by date of completion"
    made = Chart("dailyMedian", "Median resolution per day", ChartKind.LINE, labels, (series,), description, "Minutes")
    return [made] if days else []


def _by_type(groups: Mapping[Group, ResolutionTimes], types: Sequence[Member]) -> Chart:
    of_type = [
        ResolutionTimes.over(times for (_, found), times in groups.items() if found == kind.value) for kind in types
    ]
    return Chart(
        "byType",
        "Average resolution by type",
        ChartKind.BAR,
        tuple(kind.label for kind in types),
        (Series("Avg", tuple(times.spread.mean for times in of_type)),),
        "Mean minutes from first assignment to completion, by type of call",
        "Minutes",
    )


def _reconciled(
    statuses: Mapping[str, int], t: ResolutionTimes, days: Mapping[date, ResolutionTimes]
) -> list[Reconciled]:
    """What each figure leaves out of all calls in scope."""
    whole, cancelled = sum(statuses.values()), statuses.get("cancelled", 0)
    states = [("not completed yet", whole - t.calls - cancelled), ("cancelled", cancelled)]
    timed = [
        *states,
        ("completed, no first assignment", t.without_assignment),
        ("completed, no completion time", t.without_completion),
        ("completed before the first assignment", t.early),
    ]
    undated = t.calls - sum(times.calls for times in days.values())
    reasons = {
        "Completed": states,
        "Avg, Median, 90th": timed,
        "Target Met %": [*timed, ("unknown type, no target", t.without_target)],
        "Trends": [*states, ("completed, no completion time", undated)],
    }
    return [Reconciled.of(figure, whole, each) for figure, each in reasons.items()]
