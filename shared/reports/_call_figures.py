"""The figures over calls that reports show, each with its formula in words; reads no database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.document import Cell, Kind, Kpi
from shared.reports._call_totals import OPEN, CallTotals
from shared.reports._metrics import average, share
from shared.settings import RenderSettings


@dataclass(frozen=True)
class Figure:
    """One figure: a tile's or column's key, exact heading and kind, its formula in words, and its value.

    The words may name `{grace}` (days) and `{limits}` (minutes by priority).
    """

    key: str
    label: str
    kind: Kind
    formula: str
    value: Callable[[CallTotals], Cell]


def tiles(figures: Sequence[Figure], now: CallTotals, before: CallTotals, settings: RenderSettings) -> tuple[Kpi, ...]:
    """The figures of this period with those of the previous one."""
    limits = ", ".join(f"{priority} {minutes}" for priority, minutes in settings.sla_limits.model_dump().items())
    words = {"grace": settings.on_time_grace_days, "limits": limits}
    return tuple(
        Kpi(each.key, each.label, each.kind, each.value(now), each.value(before), each.formula.format_map(words))
        for each in figures
    )


def _in_state(status: str, key: str, label: str) -> Figure:
    formula = f"calls in scope with status {status}"
    return Figure(key, label, Kind.INTEGER, formula, lambda t: t.of(status).calls)


TOTAL_CALLS = Figure("totalCalls", "Total Calls", Kind.INTEGER, "all calls in scope", lambda t: t.all.calls)
PENDING = _in_state("pending", "pending", "Pending")
ASSIGNED = _in_state("assigned", "assigned", "Assigned")
IN_PROGRESS = _in_state("in_progress", "inProgress", "In Progress")
COMPLETED = _in_state("completed", "completed", "Completed")
CANCELLED = _in_state("cancelled", "cancelled", "Cancelled")
COMPLETION_RATE = Figure(
    "completionRate",
    "Completion Rate %",
    Kind.PERCENT,
    "completed / (all − cancelled)",
    lambda t: share(t.of("completed").calls, t.net.calls),
)
AVG_RESOLUTION = Figure(
    "avgResolutionTime",
    "Avg Resolution Time",
    Kind.MINUTES,
    "mean minutes from first assignment to completion, over completed calls that have both in this order",
    lambda t: average(t.of("completed").resolution_minutes, t.of("completed").resolutions),
)
AVG_RESPONSE = Figure(
    "avgResponseTime",
    "Avg Response Time",
    Kind.MINUTES,
    "mean minutes from first assignment to start, over calls that have both in this order",
    lambda t: average(t.all.response_minutes, t.all.responses),
)
ON_TIME = Figure(
    "onTime",
    "On-Time %",
    Kind.PERCENT,
    "completed not later than {grace} days after the scheduled date / completed",
    lambda t: share(t.of("completed").on_time, t.of("completed").calls),
)
SLA_MET = Figure(
    "slaMet",
    "SLA Met %",
    Kind.PERCENT,
    "met / (met + breached): met is started within the limit after first assignment ({limits} minutes), "
    "breached is started later, or neither started nor cancelled when the limit has passed",
    lambda t: share(t.sla_met, t.sla_met + t.sla_breached),
)
OVERDUE = Figure(
    "openOverdue",
    "Open & Overdue",
    Kind.INTEGER,
    f"calls with status {', '.join(OPEN)} whose scheduled date is before the as-of date",
    lambda t: t.overdue,
)
UNASSIGNED = Figure(
    "unassigned",
    "Unassigned",
    Kind.INTEGER,
    "calls with status pending and no engineer",
    lambda t: t.of("pending").without_engineer,
)
