"""Call Summary: what its sheets, tiles, charts and reconciling lines have to be."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.records import LIMITS, Answer, Question, Record, World

Labels = dict[str | None, str]  # what is shown for each value
STATUSES = {
    "pending": "Pending",
    "assigned": "Assigned",
    "in_progress": "In Progress",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
PRIORITIES = {"urgent": "Urgent", "high": "High", "medium": "Medium", "low": "Low"}
TYPES = {
    "installation": "Installation",
    "swap": "Swap",
    "deinstallation": "Deinstallation",
    "maintenance": "Maintenance",
    "breakdown": "Breakdown",
}
SUMMARY = [
    "Total Calls",
    "Pending",
    "Assigned",
    "In Progress",
    "Completed",
    "Cancelled",
    "Avg Resolution Time",
    "Avg Response Time",
    "On-Time %",
    "SLA Met %",
    "Open & Overdue",
    "Unassigned",
]
TREND = ["Total", "Pending", "Assigned", "In Progress", "Completed", "Cancelled"]


def answer(world: World, question: Question) -> Answer:
    """The whole report."""
    now, before = _figures(world, question), _figures(world, question.previous)
    calls = question.scope(world)
    banks, days = metrics.bank_labels(world, calls), _trends(calls, question)
    statuses = metrics.with_unknown(STATUSES, (call["status"] for call in calls), "")
    priorities = metrics.with_unknown(PRIORITIES, (call["priority"] for call in calls), "(no priority)")
    types = metrics.with_unknown(TYPES, (call["type"] for call in calls), "")
    return Answer(
        sheets={
            "Summary": _summary(question, now, before),
            "By Status": _pivot("Status", calls, ("status", statuses), ("client_bank", banks)),
            "By Priority": _pivot("Priority", calls, ("priority", priorities), ("type", types)),
            "By Bank": _pivot("Bank", calls, ("client_bank", banks), ("status", statuses)),
            "Trends": [["Date", *TREND], *([day, *counts] for day, counts in days.items())],
            "Trends (weekly)": _weekly(days),
        },
        tiles=list(zip(SUMMARY, now, before, strict=True)),
        charts=_charts(calls, days, banks),
        reconciliation=[
            *_reconciliation(world, question, ""),
            *_reconciliation(world, question.previous, " (previous period)"),
        ],
    )


def _figures(world: World, question: Question) -> list[Any]:
    calls = question.scope(world)
    statuses = [call["status"] for call in calls]
    states = [metrics.sla_state(world, call, question) for call in calls]
    return [
        len(calls),
        *(statuses.count(status) for status in STATUSES),
        metrics.mean(metrics.resolution(world, call) for call in calls),
        metrics.mean(metrics.response(world, call) for call in calls),
        metrics.percent(sum(metrics.is_on_time(call, question) for call in calls), statuses.count("completed")),
        metrics.percent(states.count("met"), states.count("met") + states.count("breached")),
        sum(metrics.is_overdue(call, question) for call in calls),
        sum(call["status"] == "pending" and call["assigned_engineer"] is None for call in calls),
    ]


def _summary(question: Question, now: list[Any], before: list[Any]) -> list[list[Any]]:
    change = [None if None in pair else pair[0] - pair[1] for pair in zip(now, before, strict=True)]
    earlier = question.previous
    return [
        [*SUMMARY, "Note"],
        [*now, f"this period, {question.first} to {question.last}"],
        [*before, f"previous period, {earlier.first} to {earlier.last}"],
        [*change, "change: this period − previous period"],
    ]


def _pivot(corner: str, calls: Sequence[Record], down: tuple[str, Labels], across: tuple[str, Labels]) -> list[Any]:
    heading = [corner, *across[1].values(), "Total"]
    if not calls:
        return [heading]
    rows = []
    for value, label in down[1].items():
        mine = [call for call in calls if call[down[0]] == value]
        rows.append([label, *(sum(call[across[0]] == other for call in mine) for other in across[1]), len(mine)])
    totals = [sum(call[across[0]] == other for call in calls) for other in across[1]]
    return [heading, *rows, ["Total", *totals, len(calls)]]


def _trends(calls: Sequence[Record], question: Question) -> dict[date, list[int]]:
    """Every day with its total and its calls in each state; a state that nobody knows is in the total alone."""
    days: dict[date, list[int]] = {day: [0] * len(TREND) for day in question.days}
    for call in calls:
        days[call["scheduled_date"]][0] += 1
        if call["status"] in STATUSES:
            days[call["scheduled_date"]][1 + list(STATUSES).index(call["status"])] += 1
    return days


def _weekly(days: dict[date, list[int]]) -> list[list[Any]]:
    rows: list[list[Any]] = [["ISO Week", "Week Start", *TREND]]
    for monday in sorted({day - timedelta(day.isocalendar().weekday - 1) for day in days}):
        year, week, _ = monday.isocalendar()
        mine = [counts for day, counts in days.items() if monday <= day < monday + timedelta(7)]
        rows.append([f"{year}-W{week:02}", monday, *map(sum, zip(*mine, strict=True))])
    return rows


def _charts(calls: Sequence[Record], days: dict[date, list[int]], banks: Labels) -> dict[str, dict[str, list[Any]]]:
    charts: dict[str, dict[str, list[Any]]] = {
        "Calls by status": {
            "": list(STATUSES.values()),
            "Calls": [sum(call["status"] == status for call in calls) for status in STATUSES],
        },
        "Calls per day": {
            "": [str(day) for day in days],
            "Total": [counts[0] for counts in days.values()],
            "Completed": [counts[4] for counts in days.values()],
        },
    }
    if banks:
        bars: dict[str, list[Any]] = {
            label: [sum((call["client_bank"], call["status"]) == (bank, status) for call in calls) for bank in banks]
            for status, label in STATUSES.items()
        }
        charts["Calls by bank"] = {"": list(banks.values()), **bars}
    return charts


def _reconciliation(world: World, question: Question, suffix: str) -> list[tuple[str, str]]:
    """Each call once under each figure: "" where it is counted, else the reason why it is not."""
    calls = question.scope(world)
    lines: list[tuple[str, str]] = []
    for figure, (reasons, reason_of) in figures_with_reasons(world, question).items():
        found = Counter(reason_of(call) for call in calls)
        assert set(found) <= {"", *reasons}, (figure, found)
        told = [(f"Excluded from {figure}{suffix}", f"{each}: {found[each]}") for each in reasons if found[each]]
        total, counted = len(calls), found[""]
        lines += [
            *told,
            (f"Reconciled: {figure}{suffix}", f"in scope {total} = counted {counted} + excluded {total - counted}"),
        ]
    return lines


def figures_with_reasons(world: World, question: Question) -> dict[str, tuple[list[str], Callable[[Record], str]]]:
    """Each figure's reasons in their order, and what tells the reason of a call, "" where it is counted."""

    def sla(call: Record) -> str:
        state = metrics.sla_state(world, call, question)
        if state == "open":
            return "open: not started, still inside the limit"
        return "" if state in {"met", "breached"} else state

    def priority(call: Record) -> str:
        if call["priority"] is None:
            return "no priority, taken as medium"
        return "" if call["priority"] in LIMITS else "unknown priority, taken as medium"

    def completion(call: Record) -> str:
        is_odd = call["status"] == "completed" and call["completed_at"] is None
        return "completed, no completion time, taken as not on time" if is_odd else ""

    return {
        "Avg Resolution Time": (_RESOLUTION, lambda call: _why_no_resolution(world, call)),
        "Avg Response Time": (_RESPONSE, lambda call: _why_no_response(world, call)),
        "On-Time %": (_RESOLUTION[:2], _why_not_completed),
        "SLA Met %": (_SLA, sla),
        "Open & Overdue": (_NOT_OVERDUE, lambda call: _why_not_overdue(call, question)),
        "Unassigned": (["not pending", "pending with an engineer"], _why_not_unassigned),
        "priority as recorded": (["no priority, taken as medium", "unknown priority, taken as medium"], priority),
        "completion time as recorded": (["completed, no completion time, taken as not on time"], completion),
        "status as recorded": ([_UNKNOWN], lambda call: "" if call["status"] in STATUSES else _UNKNOWN),
    }


_UNKNOWN = "unknown status, in no count but the total"
_NOT_OVERDUE = ["completed", "cancelled", "status unknown", "open, scheduled for the as-of date or later"]
_RESOLUTION = [
    "not completed yet",
    "cancelled",
    "completed, no first assignment",
    "completed, no completion time",
    "completed before the first assignment",
]
_RESPONSE = [
    "no first assignment",
    "cancelled before the start",
    "completed without a start time",
    "not started yet",
    "started before the first assignment",
]
_SLA = [
    "no first assignment",
    "cancelled before the start",
    "open: not started, still inside the limit",
    "started before the first assignment",
]


def _why_not_overdue(call: Record, question: Question) -> str:
    if metrics.is_overdue(call, question):
        return ""
    if call["status"] in metrics.OPEN:
        return _NOT_OVERDUE[-1]
    return str(call["status"]) if call["status"] in STATUSES else "status unknown"


def _why_not_unassigned(call: Record) -> str:
    if call["status"] != "pending":
        return "not pending"
    return "pending with an engineer" if call["assigned_engineer"] else ""


def _why_not_completed(call: Record) -> str:
    if call["status"] == "completed":
        return ""
    return "cancelled" if call["status"] == "cancelled" else "not completed yet"


def _why_no_resolution(world: World, call: Record) -> str:
    minutes = metrics.resolution(world, call)
    if minutes is not None:
        return "" if minutes >= 0 else "completed before the first assignment"
    if call["status"] != "completed":
        return _why_not_completed(call)
    missing = "first assignment" if metrics.first_assignment(world, call) is None else "completion time"
    return f"completed, no {missing}"


def _why_no_response(world: World, call: Record) -> str:
    minutes = metrics.response(world, call)
    if minutes is not None:
        return "" if minutes >= 0 else "started before the first assignment"
    if metrics.first_assignment(world, call) is None:
        return "no first assignment"
    named = {"cancelled": "cancelled before the start", "completed": "completed without a start time"}
    return named.get(call["status"], "not started yet")
