"""Resolution TAT: what its sheets, tiles, charts and reconciling lines have to be."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.acceptance.headings import HEADINGS
from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.call_summary import TYPES
from tests.acceptance.oracle.records import Answer, Question, Record, World

SUMMARY, DETAILS, TRENDS = (HEADINGS["resolution-tat"][name].split(" | ") for name in ("Summary", "Details", "Trends"))
TILES = ["Completed", "Avg", "Median", "90th", "Target Met %"]
HOURS = {"installation": 72, "swap": 48, "maintenance": 72, "breakdown": 24, "deinstallation": 96}


def answer(world: World, question: Question) -> Answer:
    """The whole report."""
    calls = _calls(world, question)
    trends = _trends(world, calls, question)
    now, before = (_figures(world, _calls(world, asked)) for asked in (question, question.previous))
    return Answer(
        sheets={
            "Summary": _summary(world, calls),
            "Details": [DETAILS, *(_row(world, call, question) for call in metrics.newest_first(calls))],
            "Trends": [TRENDS, *trends],
        },
        tiles=[(label, now[at], before[at]) for label, at in zip(TILES, (0, 1, 2, 3, 8), strict=True)],
        charts=_charts(world, calls, trends),
        reconciliation=_reconciliation(world, question),
    )


def _calls(world: World, question: Question) -> list[Record]:
    return [call for call in question.scope(world) if call["status"] == "completed"]


def _summary(world: World, calls: Sequence[Record]) -> list[list[Any]]:
    rows: list[list[Any]] = [SUMMARY]
    for bank, name in metrics.bank_labels(world, calls).items():
        for kind, label in _types(calls).items():
            mine = [call for call in calls if (call["client_bank"], call["type"]) == (bank, kind)]
            if mine:
                rows.append([name, label, *_figures(world, mine)])
    return rows


def _types(calls: Sequence[Record]) -> dict[str | None, str]:
    return metrics.with_unknown(TYPES, (call["type"] for call in calls), "")


def _figures(world: World, calls: Sequence[Record]) -> list[Any]:
    """The columns of the summary after the type."""
    times = [metrics.resolution(world, call) for call in calls]
    counted = [time for time in times if time is not None and time >= 0]
    kept = [_is_met(world, call) for call in calls]
    return [
        len(calls),
        metrics.mean(times),
        *(metrics.percentile(times, percent) for percent in (50, 90, 95)),
        min(counted, default=None),
        max(counted, default=None),
        metrics.deviation(times),
        metrics.percent(kept.count(True), kept.count(True) + kept.count(False)),
    ]


def _is_met(world: World, call: Record) -> bool | None:
    time, hours = metrics.resolution(world, call), HOURS.get(call["type"])
    return None if time is None or time < 0 or hours is None else time <= hours * 60


def _row(world: World, call: Record, question: Question) -> list[Any]:
    met, hours = _is_met(world, call), HOURS.get(call["type"])
    return [
        call["call_number"],
        metrics.bank_name(world, call["client_bank"]),
        call["type"],
        world.people[call["assigned_engineer"]]["full_name"] if call["assigned_engineer"] else None,
        question.wall_clock(metrics.first_assignment(world, call)),
        question.wall_clock(call["completed_at"]),
        metrics.resolution(world, call),
        hours * 60 if hours else None,
        None if met is None else "Yes" if met else "No",
        _note(world, call),
    ]


def _note(world: World, call: Record) -> str | None:
    notes = []
    if metrics.first_assignment(world, call) is None:
        notes.append("no first assignment")
    if call["completed_at"] is None:
        notes.append("no completion time")
    if (metrics.resolution(world, call) or 0) < 0:
        notes.append("completed before the first assignment")
    if call["type"] not in HOURS:
        notes.append("unknown type, no target")
    return "; ".join(notes) or None


def _trends(world: World, calls: Sequence[Record], question: Question) -> list[list[Any]]:
    dated = [(question.day(call["completed_at"]), call) for call in calls if call["completed_at"]]
    rows = []
    for day in sorted({day for day, _ in dated}):
        times = [metrics.resolution(world, call) for other, call in dated if other == day]
        rows.append([day, len(times), metrics.mean(times), metrics.percentile(times, 50)])
    return rows


def _charts(world: World, calls: Sequence[Record], trends: list[list[Any]]) -> dict[str, dict[str, list[Any]]]:
    charts: dict[str, dict[str, list[Any]]] = {}
    if trends:
        charts["Median resolution per day"] = {
            "": [str(day) for day, *_ in trends],
            "Median": [median for *_, median in trends],
        }
    types = _types(calls)
    means = [metrics.mean(metrics.resolution(world, call) for call in calls if call["type"] == kind) for kind in types]
    charts["Average resolution by type"] = {"": list(types.values()), "Avg": means}
    return charts


def _reconciliation(world: World, question: Question) -> list[tuple[str, str]]:
    """Each call in scope once under each figure: "" where it is counted, else why it is not."""

    def target(call: Record) -> str:
        return _why_not_timed(world, call) or ("" if call["type"] in HOURS else "unknown type, no target")

    figures: dict[str, Callable[[Record], str]] = {
        "Completed": lambda _call: "",
        "Avg, Median, 90th": lambda call: _why_not_timed(world, call),
        "Target Met %": target,
        "Trends": lambda call: "" if call["completed_at"] else "completed, no completion time",
    }
    calls = question.scope(world)
    return [
        line
        for name, why in figures.items()
        for line in metrics.told(name, Counter(_unfinished(call) or why(call) for call in calls), _ORDER)
    ]


def _unfinished(call: Record) -> str:
    if call["status"] == "completed":
        return ""
    return "cancelled" if call["status"] == "cancelled" else "not completed yet"


def _why_not_timed(world: World, call: Record) -> str:
    if metrics.first_assignment(world, call) is None:
        return "completed, no first assignment"
    if call["completed_at"] is None:
        return "completed, no completion time"
    return "completed before the first assignment" if (metrics.resolution(world, call) or 0) < 0 else ""


_ORDER = [
    "not completed yet",
    "cancelled",
    "completed, no first assignment",
    "completed, no completion time",
    "completed before the first assignment",
    "unknown type, no target",
]
