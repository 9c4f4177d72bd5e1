"""Why calls stand outside the figures over calls, reason by reason, so that every total reconciles; pure arithmetic.

Each call left out has one reason: the first that holds, in the order in which they are listed.
"""

from collections.abc import Callable, Sequence

from shared.reports import _call_figures as figures
from shared.reports._call_figures import CallFigure
from shared.reports._call_totals import OPEN, CallTotals
from shared.reports._export_info import Reconciled

Reasons = Sequence[tuple[str, int]]


def reconciled(shown: Sequence[CallFigure], totals: CallTotals, suffix: str = "") -> list[Reconciled]:
    """Those of the figures shown that leave calls out, then what stands in for values that calls lack."""
    whole = totals.all.calls
    left_out = [(each.label, _REASONS[each.key](totals)) for each in shown if each.key in _REASONS]
    return [Reconciled.of(f"{figure}{suffix}", whole, reasons) for figure, reasons in (*left_out, *_stand_ins(totals))]


def _not_completed(t: CallTotals) -> Reasons:
    """A state that nobody knows is not completed either."""
    return [("not completed yet", t.net.calls - t.of("completed").calls), ("cancelled", t.of("cancelled").calls)]


def _not_started(t: CallTotals) -> Reasons:
    return [
        ("cancelled before the start", t.of("cancelled").not_started),
        ("completed without a start time", t.of("completed").not_started),
        ("not started yet", t.net.not_started - t.of("completed").not_started),
    ]


def _response(t: CallTotals) -> Reasons:
    return [
        ("no first assignment", t.all.without_assignment),
        *_not_started(t),
        ("started before the first assignment", t.all.early_starts),
    ]


def _resolution(t: CallTotals) -> Reasons:
    done = t.of("completed")
    timed = done.resolutions + done.early_completions
    return [
        *_not_completed(t),
        ("completed, no first assignment", done.without_assignment),
        ("completed, no completion time", done.calls - done.without_assignment - timed),
        ("completed before the first assignment", done.early_completions),
    ]


def _sla(t: CallTotals) -> Reasons:
    return [
        ("no first assignment", t.all.without_assignment),
        ("cancelled before the start", t.of("cancelled").not_started),
        ("open: not started, still inside the limit", t.net.not_started - t.net.late_waits),
        ("started before the first assignment", t.all.early_starts),
    ]


def _overdue(t: CallTotals) -> Reasons:
    still_open = t.of(*OPEN).calls
    return [
        ("completed", t.of("completed").calls),
        ("cancelled", t.of("cancelled").calls),
        ("status unknown", t.unknown),
        ("open, scheduled for the as-of date or later", still_open - t.overdue),
    ]


def _unassigned(t: CallTotals) -> Reasons:
    pending = t.of("pending")
    return [
        ("not pending", t.all.calls - pending.calls),
        ("pending with an engineer", pending.calls - pending.without_engineer),
    ]


_REASONS: dict[str, Callable[[CallTotals], Reasons]] = {
    figures.COMPLETION_RATE.key: lambda t: [("cancelled", t.of("cancelled").calls)],
    figures.AVG_RESOLUTION.key: _resolution,
    figures.AVG_RESPONSE.key: _response,
    figures.ON_TIME.key: _not_completed,
    figures.SLA_MET.key: _sla,
    figures.OVERDUE.key: _overdue,
    figures.UNASSIGNED.key: _unassigned,
}


def _stand_ins(t: CallTotals) -> list[tuple[str, Reasons]]:
    """Calls that count in spite of a value that they lack, by what was taken instead."""
    return [
        (
            "priority as recorded",
            [
                ("no priority, taken as medium", t.all.without_priority),
                ("unknown priority, taken as medium", t.all.unknown_priority),
            ],
        ),
        (
            "completion time as recorded",
            [("completed, no completion time, taken as not on time", t.of("completed").without_completion)],
        ),
        ("status as recorded", [("unknown status, in no count but the total", t.unknown)]),
    ]
