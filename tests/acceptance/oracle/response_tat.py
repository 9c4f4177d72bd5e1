"""Response TAT: what its sheets, tiles, charts and reconciling lines have to be."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.acceptance.headings import HEADINGS
from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.records import LIMITS, Answer, Question, Record, World

SUMMARY, DETAILS, DISTRIBUTION = (
    HEADINGS["response-tat"][name].split(" | ") for name in ("Summary", "Details", "Distribution")
)
TILES = ["Total", "Avg", "Median", "90th", "Within SLA %", "Breaches"]
BUCKETS = [(0, 15), (15, 30), (30, 60), (60, 120), (120, 240), (240, 480), (480, 10**12)]
PRIORITIES = {"urgent": "Urgent", "high": "High", "medium": "Medium", "low": "Low"}


def answer(world: World, question: Question) -> Answer:
    """The whole report."""
    calls = _calls(world, question)
    distribution = _distribution(world, calls)
    now, before = (_figures(world, _calls(world, asked), asked) for asked in (question, question.previous))
    tiles = [0, 1, 2, 3, 6, 7]
    return Answer(
        sheets={
            "Summary": _summary(world, calls, question),
            "Details": [DETAILS, *(_row(world, call, question) for call in metrics.newest_first(calls))],
            "Distribution": [DISTRIBUTION, *distribution],
            "Worst 20": [DETAILS, *(_row(world, call, question) for call in _worst(world, calls, question))],
        },
        tiles=[(label, now[place], before[place]) for label, place in zip(TILES, tiles, strict=True)],
        charts=_charts(world, calls, question, distribution),
        reconciliation=_reconciliation(world, question),
    )


def _calls(world: World, question: Question) -> list[Record]:
    return [call for call in question.scope(world) if call["status"] != "cancelled"]


def _summary(world: World, calls: Sequence[Record], question: Question) -> list[list[Any]]:
    rows: list[list[Any]] = [SUMMARY]
    priorities = metrics.with_unknown(PRIORITIES, (call["priority"] for call in calls), "(no priority)")
    for bank, name in metrics.bank_labels(world, calls).items():
        for priority, label in priorities.items():
            mine = [call for call in calls if (call["client_bank"], call["priority"]) == (bank, priority)]
            if mine:
                rows.append([name, label, *_figures(world, mine, question)])
    return [*rows, ["All banks", "All", *_figures(world, calls, question)]] if calls else rows


def _figures(world: World, calls: Sequence[Record], question: Question) -> list[Any]:
    """The columns of the summary after the priority."""
    times = [metrics.response(world, call) for call in calls]
    states = [metrics.sla_state(world, call, question) for call in calls]
    waiting = [state for call, state in zip(calls, states, strict=True) if call["started_at"] is None]
    met, breached = states.count("met"), states.count("breached")
    breaches = [_breach(world, call, question) for call in calls]
    return [
        len(calls),
        metrics.mean(times),
        *(metrics.percentile(times, percent) for percent in (50, 90, 95)),
        met,
        metrics.percent(met, met + breached),
        breached,
        metrics.mean(breaches),
        waiting.count("open"),
        waiting.count("breached"),
    ]


def _limit(call: Record) -> int:
    return LIMITS.get(call["priority"], LIMITS["medium"])


def _breach(world: World, call: Record, question: Question) -> float | None:
    """Minutes beyond the limit of a call that breached it."""
    if metrics.sla_state(world, call, question) != "breached":
        return None
    taken = metrics.minutes(metrics.first_assignment(world, call), call["started_at"] or question.as_of)
    return None if taken is None else taken - _limit(call)


def _row(world: World, call: Record, question: Question) -> list[Any]:
    state = metrics.sla_state(world, call, question)
    assigned = metrics.first_assignment(world, call)
    return [
        call["call_number"],
        metrics.bank_name(world, call["client_bank"]),
        call["priority"],
        world.people[call["assigned_engineer"]]["full_name"] if call["assigned_engineer"] else None,
        question.wall_clock(assigned),
        question.wall_clock(call["started_at"]),
        metrics.response(world, call),
        _limit(call),
        state.capitalize() if state in {"met", "breached", "open"} else None,
        _breach(world, call, question),
        _note(world, call),
    ]


def _note(world: World, call: Record) -> str | None:
    notes = []
    response = metrics.response(world, call)
    if metrics.first_assignment(world, call) is None:
        notes.append("no first assignment")
    if response is not None and response < 0:
        notes.append("started before the first assignment")
    if call["status"] == "completed" and call["started_at"] is None:
        notes.append("completed without a start time")
    if call["priority"] not in LIMITS:
        notes.append(_why_no_priority(call))
    return "; ".join(notes) or None


def _worst(world: World, calls: Sequence[Record], question: Question) -> list[Record]:
    breached = [call for call in calls if metrics.sla_state(world, call, question) == "breached"]
    by_number = sorted(breached, key=lambda call: str(call["call_number"]))
    return sorted(by_number, key=lambda call: -round(_breach(world, call, question) or 0, 6))[:20]


def _distribution(world: World, calls: Sequence[Record]) -> list[list[Any]]:
    times = [metrics.response(world, call) for call in calls]
    counts = {
        f"{low}–{high} min" if high < 10**6 else f"{low}+ min": sum(
            time is not None and low <= time < high for time in times
        )
        for low, high in BUCKETS
    }
    counts["Not started"] = sum(call["started_at"] is None for call in calls)
    return [[name, count, metrics.percent(count, sum(counts.values()))] for name, count in counts.items()]


def _charts(
    world: World, calls: Sequence[Record], question: Question, distribution: list[list[Any]]
) -> dict[str, dict[str, list[Any]]]:
    charts = {
        "Response time": {"": [row[0] for row in distribution], "Calls": [row[1] for row in distribution]},
    }
    banks = metrics.bank_labels(world, calls)
    if banks:
        shares = [
            _figures(world, [call for call in calls if call["client_bank"] == bank], question)[6] for bank in banks
        ]
        charts["Within SLA % by bank"] = {
            "": list(banks.values()),
            "Within SLA %": shares,
        }
    return charts


def _reconciliation(world: World, question: Question) -> list[tuple[str, str]]:
    """Each call in scope once under each figure: "" where it is counted, else why it is not."""
    figures: dict[str, Callable[[Record], str]] = {
        "Total": lambda _call: "",
        "Avg, Median, 90th": lambda call: _why_not_timed(world, call),
        "Within SLA %": lambda call: _why_no_state(world, call, question),
        "Breaches": lambda call: _why_no_breach(world, call, question),
        "Distribution": lambda call: _why_in_no_bucket(world, call),
        "priority as recorded": _why_no_priority,
    }
    calls = question.scope(world)
    return [
        line
        for name, why in figures.items()
        for line in metrics.told(name, Counter(_cancelled(call) or why(call) for call in calls), _ORDER)
    ]


def _cancelled(call: Record) -> str:
    return "cancelled" if call["status"] == "cancelled" else ""


def _why_not_timed(world: World, call: Record) -> str:
    if metrics.first_assignment(world, call) is None:
        return "no first assignment"
    if call["started_at"] is None:
        return "completed without a start time" if call["status"] == "completed" else "not started yet"
    return "started before the first assignment" if (metrics.response(world, call) or 0) < 0 else ""


def _why_no_state(world: World, call: Record, question: Question) -> str:
    state = metrics.sla_state(world, call, question)
    if state == "open":
        return "open: not started, still inside the limit"
    return "" if state in {"met", "breached"} else state


def _why_no_breach(world: World, call: Record, question: Question) -> str:
    is_met = metrics.sla_state(world, call, question) == "met"
    return "met: started within the limit" if is_met else _why_no_state(world, call, question)


def _why_in_no_bucket(world: World, call: Record) -> str:
    if call["started_at"] is None:
        return ""
    return _why_not_timed(world, call).replace("no first", "started, no first")


def _why_no_priority(call: Record) -> str:
    if call["priority"] in LIMITS:
        return ""
    return f"{'no' if call['priority'] is None else 'unknown'} priority, taken as medium"


_ORDER = [
    "cancelled",
    "no first assignment",
    "started, no first assignment",
    "completed without a start time",
    "not started yet",
    "open: not started, still inside the limit",
    "started before the first assignment",
    "met: started within the limit",
    "no priority, taken as medium",
    "unknown priority, taken as medium",
]
