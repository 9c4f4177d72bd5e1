"""Why calls stand outside the figures of engineers, reason by reason, so that every total reconciles; pure arithmetic.

Each call left out has one reason: the first that holds, in the order in which they are listed.
"""

from collections.abc import Mapping, Sequence

from shared.reports._engineers import Holder, Work
from shared.reports._export_info import Reconciled

Reasons = Sequence[tuple[str, int]]


def reconciled(found: Mapping[Holder, Work], engineers: tuple[int, int], minimum: int) -> list[Reconciled]:
    """Each figure that leaves calls out; then the engineers in all and those with a rank; then stand-in values."""
    calls = sum(each.calls for each in found.values())
    of_nobody = sum(each.calls for (engineer, _), each in found.items() if engineer is None)
    whole = Work.over(each for (engineer, _), each in found.items() if engineer is not None)
    figures = (*_figures(whole), *_stand_ins(whole))
    return [
        *(Reconciled.of(name, calls, [("no engineer", of_nobody), *reasons]) for name, reasons in figures),
        Reconciled.of(
            "Rank (engineers)",
            engineers[0],
            [(f"small sample: fewer than {minimum} completed calls", engineers[0] - engineers[1])],
        ),
    ]


def _figures(w: Work) -> list[tuple[str, Reasons]]:
    return [
        ("Total Calls Assigned", []),
        ("Completion Rate %", [("cancelled", w.cancelled)]),
        ("Avg Response Time (min)", _response(w)),
        ("Avg Resolution Time (min)", [*_not_completed(w), *_resolution(w)]),
        ("On-Time Completion %", _not_completed(w)),
        ("First-Time Fix Rate %", _not_completed(w)),
        (
            "Customer Satisfaction Score",
            [("no survey", w.calls - w.surveys), ("survey without an overall rating", w.surveys - w.ratings)],
        ),
        (
            "Distance Traveled (km)",
            [("not started", w.calls - w.started), ("started, no coordinates on earth", w.started - w.located)],
        ),
    ]


def _not_completed(w: Work) -> Reasons:
    """A state that nobody knows is not completed either."""
    return [("not completed yet", w.net - w.completed), ("cancelled", w.cancelled)]


def _response(w: Work) -> Reasons:
    return [
        ("no assignment to the engineer", w.without_own_assignment),
        ("cancelled before the start", w.cancelled_waiting),
        ("completed without a start time", w.completed_waiting),
        ("not started yet", w.waiting - w.cancelled_waiting - w.completed_waiting),
        ("started before the assignment to the engineer", w.early_starts),
    ]


def _resolution(w: Work) -> Reasons:
    timed = w.resolutions + w.early_completions
    return [
        ("completed, no first assignment", w.without_assignment),
        ("completed, no completion time", w.completed - w.without_assignment - timed),
        ("completed before the first assignment", w.early_completions),
    ]


def _stand_ins(w: Work) -> list[tuple[str, Reasons]]:
    """Calls that count in spite of a value that they lack, by what was taken instead."""
    missing = "completed, no completion time, taken as not on time"
    return [
        ("completion time as recorded", [(missing, w.without_completion)]),
        ("status as recorded", [("unknown status, in no count but the total", w.unknown)]),
    ]
