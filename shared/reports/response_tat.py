"""Response TAT: minutes from first assignment to start, against the limits by priority, and the worst breaches."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pydantic import Field

from shared.document import Chart, ChartKind, Column, Document, Kind, Row, Series, Table
from shared.reports._calls import count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._export_info import Reconciled
from shared.reports._figures import Figure, tiles
from shared.reports._metrics import average, share
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members
from shared.reports._parameters import BankFilter, DateRange, PriorityList
from shared.reports._period import previous_dates
from shared.reports._pivot import Member, members
from shared.reports._response_details import details, worst
from shared.reports._response_times import Group, ResponseTimes, not_cancelled, read_responses
from shared.tables import PRIORITIES

_EDGES = (0, 15, 30, 60, 120, 240, 480)  # minutes
_SUMMARY = (
    Column("bank", "Bank", few_values=True),
    Column("priority", "Priority", few_values=True),
    Column("totalCalls", "Total Calls", Kind.INTEGER),
    Column("avgResponse", "Avg Response TAT (min)", Kind.MINUTES),
    Column("medianResponse", "Median Response TAT (min)", Kind.MINUTES),
    Column("p90", "90th Percentile TAT", Kind.MINUTES),
    Column("p95", "95th Percentile TAT", Kind.MINUTES),
    Column("withinSla", "Within SLA Count", Kind.INTEGER),
    Column("withinSlaShare", "Within SLA %", Kind.PERCENT),
    Column("breaches", "SLA Breaches", Kind.INTEGER),
    Column("avgBreach", "Avg Breach Time (min)", Kind.MINUTES),
    Column("notStartedOpen", "Not Started (Open)", Kind.INTEGER),
    Column("notStartedBreached", "Not Started (Breached)", Kind.INTEGER),
)
_DISTRIBUTION = (
    Column("bucket", "Bucket"),
    Column("calls", "Calls", Kind.INTEGER),
    Column("share", "%", Kind.PERCENT),
)


class ResponseTatParameters(DateRange, BankFilter):
    """The parameters of Response TAT."""

    priority: PriorityList | None = Field(None, description="Only calls of these priorities.")


def build(parameters: ResponseTatParameters, data: ReportData) -> Document:
    """The document: one streamed statement gives all figures, the details are read when a format asks for them."""
    dates = parameters.dates
    found = read_responses(parameters, data, dates, previous_dates(*dates)[0])
    now, then = ResponseTimes.over(found.now.values()), ResponseTimes.over(found.before.values())
    conditions = [*in_scope(parameters, data, dates), not_cancelled()]
    named = bank_members((bank for bank, _ in found.now), data)
    distribution = _distribution(now)
    content = Content(
        tables=(
            _summary(found.now, now, named),
            details(conditions, data, now.calls),
            distribution,
            worst(found.worst, conditions, data),
        ),
        kpis=tiles(_FIGURES, now, then, data.settings),
        charts=(_distribution_chart(distribution), *_by_bank(found.now, named)),
        reconciled=lambda: _reconciled(parameters, data, found.now, now),
    )
    return dated_document("response-tat", "Response TAT", parameters, data, content)


def estimate(parameters: ResponseTatParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="tat",
    icon="timer",
    estimated_time="1–2 min",
    async_threshold=10_000,
    parameters=ResponseTatParameters,
    build=build,
    estimate=estimate,
)


def _sla_share(times: ResponseTimes) -> float | None:
    return share(times.met, times.met + times.breaches)


def _summary(groups: Mapping[Group, ResponseTimes], whole: ResponseTimes, named: Sequence[Member]) -> Table:
    """A row per bank and priority that has calls, and one over all of them."""
    priorities = members(PRIORITIES, (priority for _, priority in groups), "(no priority)")
    rows = [
        (bank.label, priority.label, *_figures(times))
        for bank in named
        for priority in priorities
        if (times := groups.get((bank.value, priority.value)))
    ]
    return Table.eager("Summary", _SUMMARY, [*rows, ("All banks", "All", *_figures(whole))] if rows else ())


def _figures(times: ResponseTimes) -> Row:
    spread = times.spread
    return (
        times.calls,
        spread.mean,
        spread.median,
        spread.percentile(90),
        spread.percentile(95),
        times.met,
        _sla_share(times),
        times.breaches,
        average(sum(times.beyond), times.breaches),
        times.open_waits,
        times.late_waits,
    )


def _distribution(times: ResponseTimes) -> Table:
    """Calls by response time; those whose time is not known or negative are in no bucket."""
    ends = [f"{start}–{end} min" for start, end in pairwise(_EDGES)]
    counts = [*times.spread.within(_EDGES), times.waits]
    buckets = (*ends, f"{_EDGES[-1]}+ min", "Not started")
    rows = [(name, count, share(count, sum(counts))) for name, count in zip(buckets, counts, strict=True)]
    return Table.eager("Distribution", _DISTRIBUTION, rows)


_Figure = Figure[ResponseTimes]
_TIMED = "minutes from first assignment to start, over calls not cancelled that have both in this order"
_FIGURES = (
    _Figure("total", "Total", Kind.INTEGER, "calls in scope that are not cancelled", lambda t: t.calls),
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
        "withinSla",
        "Within SLA %",
        Kind.PERCENT,
        "met / (met + breached): met is started within the limit after first assignment ({limits} minutes), "
        "breached is started later, or not started when the limit has passed",
        _sla_share,
    ),
    _Figure(
        "breaches",
        "Breaches",
        Kind.INTEGER,
        "calls started later than the limit after first assignment ({limits} minutes), or not started when it has "
        "passed",
        lambda t: t.breaches,
    ),
)


def _distribution_chart(distribution: Table) -> Chart:
    names, counts, _ = zip(*distribution.rows(), strict=True)
    description = "Number of calls by minutes from first assignment to start"
    return Chart(
        "distribution", "Response time", ChartKind.BAR, names, (Series("Calls", counts),), description, "Calls"
    )


def _by_bank(groups: Mapping[Group, ResponseTimes], named: Sequence[Member]) -> list[Chart]:
    """No chart where there is no bank to stand along its axis."""
    of_bank = [
        ResponseTimes.over(times for (found, _), times in groups.items() if found == bank.value) for bank in named
    ]
    series = Series("Within SLA %", tuple(map(_sla_share, of_bank)))
    labels = tuple(bank.label for bank in named)
    description = "Share of each bank's calls that were started within their limits"
    made = Chart("slaByBank", "Within SLA % by bank", ChartKind.BAR, labels, (series,), description, "%")
    return [made] if named else []


def _reconciled(
    parameters: ResponseTatParameters, data: ReportData, groups: Mapping[Group, ResponseTimes], t: ResponseTimes
) -> list[Reconciled]:
    """What each figure leaves out of all calls in scope, and what stands in for values that calls lack."""
    whole = count_in_scope(parameters, data, parameters.dates)
    cancelled = ("cancelled", whole - t.calls)
    unassigned = ("no first assignment", t.unassigned_starts + t.unassigned_waits)
    early = ("started before the first assignment", t.early_starts)
    waiting = ("open: not started, still inside the limit", t.open_waits)
    without = sum(times.calls for (_, priority), times in groups.items() if priority is None)
    unknown = sum(times.calls for (_, priority), times in groups.items() if priority not in {None, *PRIORITIES})
    reasons = {
        "Total": [cancelled],
        "Avg, Median, 90th": [
            *(cancelled, unassigned),
            ("completed without a start time", t.completed_waits),
            ("not started yet", t.open_waits + t.late_waits - t.completed_waits),
            early,
        ],
        "Within SLA %": [cancelled, unassigned, waiting, early],
        "Breaches": [cancelled, unassigned, waiting, early, ("met: started within the limit", t.met)],
        "Distribution": [cancelled, ("started, no first assignment", t.unassigned_starts), early],
        "priority as recorded": [
            cancelled,
            ("no priority, taken as medium", without),
            ("unknown priority, taken as medium", unknown),
        ],
    }
    return [Reconciled.of(figure, whole, each) for figure, each in reasons.items()]
