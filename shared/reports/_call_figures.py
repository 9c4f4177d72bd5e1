"""The figures over calls that reports show, each with its formula in words; reads no database."""

from shared.document import Kind
from shared.reports._call_totals import OPEN, CallTotals
from shared.reports._figures import Figure
from shared.reports._metrics import average, share

CallFigure = Figure[CallTotals]


def _in_state(status: str, key: str, label: str) -> CallFigure:
    formula = f"calls in scope with status {status}"
    return CallFigure(key, label, Kind.INTEGER, formula, lambda t: t.of(status).calls)


TOTAL_CALLS = CallFigure("totalCalls", "Total Calls", Kind.INTEGER, "all calls in scope", lambda t: t.all.calls)
PENDING = _in_state("pending", "pending", "Pending")
ASSIGNED = _in_state("assigned", "assigned", "Assigned")
IN_PROGRESS = _in_state("in_progress", "inProgress", "In Progress")
COMPLETED = _in_state("completed", "completed", "Completed")
CANCELLED = _in_state("cancelled", "cancelled", "Cancelled")
COMPLETION_RATE = CallFigure(
    "completionRate",
    "Completion Rate %",
    Kind.PERCENT,
    "completed / (all − cancelled)",
    lambda t: share(t.of("completed").calls, t.net.calls),
)
AVG_RESOLUTION = CallFigure(
    "avgResolutionTime",
    "Avg Resolution Time",
    Kind.MINUTES,
    "mean minutes from first assignment to completion, over completed calls that have both in this order",
    lambda t: average(t.of("completed").resolution_minutes, t.of("completed").resolutions),
)
AVG_RESPONSE = CallFigure(
    "avgResponseTime",
    "Avg Response Time",
    Kind.MINUTES,
    "mean minutes from first assignment to start, over calls that have both in this order",
    lambda t: average(t.all.response_minutes, t.all.responses),
)
ON_TIME = CallFigure(
    "onTime",
    "On-Time %",
    Kind.PERCENT,
    "completed not later than {grace} days after the scheduled date / completed",
    lambda t: share(t.of("completed").on_time, t.of("completed").calls),
)
SLA_MET = CallFigure(
    "slaMet",
    "SLA Met %",
    Kind.PERCENT,
    "met / (met + breached): met is started within the limit after first assignment ({limits} minutes), "
    "breached is started later, or neither started nor cancelled when the limit has passed",
    lambda t: share(t.sla_met, t.sla_met + t.sla_breached),
)
OVERDUE = CallFigure(
    "openOverdue",
    "Open & Overdue",
    Kind.INTEGER,
    f"calls with status {', '.join(OPEN)} whose scheduled date is before the as-of date",
    lambda t: t.overdue,
)
UNASSIGNED = CallFigure(
    "unassigned",
    "Unassigned",
    Kind.INTEGER,
    "calls with status pending and no engineer",
    lambda t: t.of("pending").without_engineer,
)
