"""Service Performance: what its sheets, tiles, chart and reconciling lines have to be."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import pairwise
from math import asin, cos, dist, radians, sin
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.bounce_call import Events, bounces, events_of
from tests.acceptance.oracle.cells import cleaned
from tests.acceptance.oracle.records import Answer, Question, Record, World

MEASURES = [
    *("Total Calls Assigned", "Calls Completed", "Calls In Progress", "Calls Cancelled", "Completion Rate %"),
    *("Avg Response Time (min)", "Avg Resolution Time (min)", "On-Time Completion %", "First-Time Fix Rate %"),
    *("Customer Satisfaction Score", "Photos Uploaded", "Distance Traveled (km)"),
]
WHO = ["Engineer Name", "Region", "Bank"]
SCORE = "Performance Score (0-100)"
TILES = ["Engineers", "Calls Completed", "Completion Rate %", "Avg Response", "Avg Resolution", "Best Score"]
ENOUGH = 5  # completed calls
EARTH = 6371  # km


def answer(world: World, question: Question, enough: int = ENOUGH) -> Answer:
    """The whole report."""
    report, before = _Report(world, question, enough), _Report(world, question.previous, enough)
    best = [(line["name"], line[SCORE]) for line in report.lines if line["rank"]][:10]
    names, points = [name for name, _ in best], [score for _, score in best]
    return Answer(
        sheets={"Summary": report.summary(), "Details": report.details(), "Benchmarks": report.benchmarks()},
        tiles=list(zip(TILES, report.tiles(), before.tiles(), strict=True)),
        charts={"Best performance scores": {"": names, "Performance Score": points}} if best else {},
        reconciliation=report.reconciliation(),
    )


def own_assignment(events: Events, call: Record) -> datetime | None:
    """When the call's engineer got it: the last time somebody gave it to him, else as its row says."""
    given: list[datetime] = [
        event["at"]
        for event in events.get(call["id"], [])
        if event["event_type"] in {"ASSIGNED", "REASSIGNED"} and event["to_engineer"] == call["assigned_engineer"]
    ]
    fallback: datetime | None = call["assigned_at"]
    return max(given) if given and call["assigned_engineer"] else fallback


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The arc over the straight line between the two points of the globe, which is no haversine."""
    points = [
        (cos(radians(north)) * cos(radians(east)), cos(radians(north)) * sin(radians(east)), sin(radians(north)))
        for north, east in (one, other)
    ]
    return 2 * EARTH * asin(min(1.0, dist(*points) / 2))


class _Report:
    """One range of dates."""

    def __init__(self, world: World, question: Question, enough: int) -> None:
        self.world, self.question, self.enough = world, question, enough
        self.events = events_of(world)
        self.calls = question.scope(world)
        self.labels = metrics.bank_labels(world, self.calls)
        self.mine = [call for call in self.calls if call["assigned_engineer"]]
        self.photos = _by_call(world.tables["photos"])
        self.surveys = _by_call(world.tables["customer_surveys"])
        self.by_engineer: dict[str, list[Record]] = {}
        for call in self.mine:
            self.by_engineer.setdefault(call["assigned_engineer"], []).append(call)
        self.lines = [self._line(each, calls) for each, calls in self.by_engineer.items()]
        self._rank()

    def summary(self) -> list[list[Any]]:
        return [
            ["Rank", *WHO, *MEASURES, SCORE, "Note"],
            *(
                [line["rank"], *_cells(line), line[SCORE], None if line["rank"] else "small sample"]
                for line in self.lines
            ),
        ]

    def details(self) -> list[list[Any]]:
        rows = []
        for engineer, mine in sorted(self.by_engineer.items(), key=lambda pair: self._name_order(pair[0])):
            banks = sorted({call["client_bank"] for call in mine}, key=self._bank_order)
            rows += [
                _cells(self._line(engineer, [call for call in mine if call["client_bank"] == bank])) for bank in banks
            ]
        return [[*WHO, *MEASURES], *rows]

    def benchmarks(self) -> list[list[Any]]:
        ranked = [line for line in self.lines if line["rank"]]
        rows = []
        for name in [*MEASURES, SCORE] if ranked else []:
            values = sorted(float(line[name]) for line in ranked if line[name] is not None)
            mean = sum(values) / len(values) if values else None
            rows.append([name, mean, *(_quantile(values, share) for share in (0.5, 0.25, 0.75, 0.9))])
        return [["Measure", "Mean", "Median", "P25", "P75", "P90"], *rows]

    def tiles(self) -> list[Any]:
        whole = self._line("", self.mine)
        names = (*("Calls Completed", "Completion Rate %", "Avg Response Time (min)"), "Avg Resolution Time (min)")
        best = max((line[SCORE] for line in self.lines if line["rank"]), default=None)
        return [len(self.lines), *(whole[name] for name in names), best]

    def reconciliation(self) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for figure, (reasons, reason_of) in self._figures().items():
            found = ["no engineer" if not call["assigned_engineer"] else reason_of(call) for call in self.calls]
            listed = ["no engineer", *reasons]
            assert set(found) <= {"", *listed}, (figure, set(found))
            told = [(each, found.count(each)) for each in listed if each in found]
            lines += _told(figure, len(found), told)
        small = sum(line["rank"] is None for line in self.lines)
        reason = f"small sample: fewer than {self.enough} completed calls"
        return lines + _told("Rank (engineers)", len(self.lines), [(reason, small)] if small else [])

    def _line(self, engineer: str, calls: list[Record]) -> Record:
        """What one engineer, or one engineer for one bank, did."""
        statuses = [call["status"] for call in calls]
        completed = [call for call in calls if call["status"] == "completed"]
        fixed = [call for call in completed if not bounces(self.world, self.events, call)]
        ratings = [each["overall_rating"] for call in calls for each in self.surveys.get(call["id"], [])]
        given = [int(each) for each in ratings if each is not None]
        banks = {call["client_bank"] for call in calls if call["client_bank"]}
        person = self.world.people.get(engineer, {})
        return {
            "id": engineer,
            "name": person.get("full_name"),
            "region": person.get("region"),
            "bank": self._banks(banks),
            "Total Calls Assigned": len(calls),
            "Calls Completed": len(completed),
            "Calls In Progress": statuses.count("in_progress"),
            "Calls Cancelled": statuses.count("cancelled"),
            "Completion Rate %": metrics.percent(len(completed), len(calls) - statuses.count("cancelled")),
            "Avg Response Time (min)": metrics.mean(self._response(call) for call in calls),
            "Avg Resolution Time (min)": metrics.mean(metrics.resolution(self.world, call) for call in calls),
            "On-Time Completion %": metrics.percent(
                sum(metrics.is_on_time(call, self.question) for call in completed), len(completed)
            ),
            "First-Time Fix Rate %": metrics.percent(len(fixed), len(completed)),
            "Customer Satisfaction Score": sum(given) / len(given) if given else None,
            "Photos Uploaded": sum(len(self.photos.get(call["id"], [])) for call in calls),
            "Distance Traveled (km)": self._distance(calls),
        }

    def _rank(self) -> None:
        ranked = [line for line in self.lines if line["Calls Completed"] >= self.enough]
        for line in self.lines:
            speeds = [_speed(line, ranked, name) for name in ("Avg Response Time (min)", "Avg Resolution Time (min)")]
            rates = [line[name] for name in ("Completion Rate %", "On-Time Completion %", "First-Time Fix Rate %")]
            weighed = zip((0.3, 0.15, 0.15, 0.2, 0.2), [*rates, *speeds], strict=True)
            parts = [(weight, value) for weight, value in weighed if value is not None]
            weights = sum(weight for weight, _ in parts)
            line[SCORE] = sum(weight * value for weight, value in parts) / weights if parts else None
        for line in self.lines:
            better = sum(other[SCORE] > line[SCORE] + 1e-9 for other in ranked) if line in ranked else 0
            line["rank"] = better + 1 if line in ranked else None
        self.lines.sort(key=lambda line: (line["rank"] is None, line["rank"], self._name_order(line["id"])))

    def _response(self, call: Record) -> float | None:
        own = own_assignment(self.events, call)
        if own is None or call["started_at"] is None:
            return None
        return float((call["started_at"] - own).total_seconds()) / 60

    def _distance(self, calls: list[Record]) -> float:
        placed = [call for call in calls if call["started_at"] and _place(call)]
        placed.sort(key=lambda call: (call["started_at"], call["call_number"]))
        return sum(
            kilometres(_place(one) or (0, 0), _place(other) or (0, 0))
            for one, other in pairwise(placed)
            if self._day(one["started_at"]) == self._day(other["started_at"])
        )

    def _day(self, at: datetime) -> date:
        return self.question.day(at)

    def _banks(self, banks: set[str]) -> str:
        if len(banks) > 1:
            return f"({len(banks)} banks)"
        return self.labels[next(iter(banks))] if banks else "(no bank)"

    def _name_order(self, engineer: str) -> tuple[str, str, str]:
        name = cleaned(self.world.people[engineer]["full_name"])
        return name.casefold(), name, engineer

    def _bank_order(self, bank: str | None) -> int:
        return list(self.labels).index(bank)

    def _figures(self) -> dict[str, tuple[list[str], Callable[[Record], str]]]:
        def completed(call: Record) -> str:
            if call["status"] == "completed":
                return ""
            return "cancelled" if call["status"] == "cancelled" else "not completed yet"

        def satisfaction(call: Record) -> str:
            surveys = self.surveys.get(call["id"], [])
            if not surveys:
                return "no survey"
            return "" if surveys[0]["overall_rating"] is not None else "survey without an overall rating"

        def distance(call: Record) -> str:
            if not call["started_at"]:
                return "not started"
            return "" if _place(call) else "started, no coordinates on earth"

        def done_at(call: Record) -> str:
            is_odd = call["status"] == "completed" and call["completed_at"] is None
            return "completed, no completion time, taken as not on time" if is_odd else ""

        def known(call: Record) -> str:
            states = {*metrics.OPEN, "completed", "cancelled"}
            return "" if call["status"] in states else "unknown status, in no count but the total"

        undone = ["not completed yet", "cancelled"]
        return {
            "Total Calls Assigned": ([], lambda _call: ""),
            "Completion Rate %": (["cancelled"], lambda call: "cancelled" if call["status"] == "cancelled" else ""),
            "Avg Response Time (min)": (_RESPONSE, self._why_no_response),
            "Avg Resolution Time (min)": ([*undone, *_RESOLUTION], self._why_no_resolution),
            "On-Time Completion %": (undone, completed),
            "First-Time Fix Rate %": (undone, completed),
            "Customer Satisfaction Score": (["no survey", "survey without an overall rating"], satisfaction),
            "Distance Traveled (km)": (["not started", "started, no coordinates on earth"], distance),
            "completion time as recorded": (["completed, no completion time, taken as not on time"], done_at),
            "status as recorded": (["unknown status, in no count but the total"], known),
        }

    def _why_no_response(self, call: Record) -> str:
        minutes = self._response(call)
        if minutes is not None:
            return "" if minutes >= 0 else "started before the assignment to the engineer"
        if own_assignment(self.events, call) is None:
            return "no assignment to the engineer"
        named = {"cancelled": "cancelled before the start", "completed": "completed without a start time"}
        return named.get(call["status"], "not started yet")

    def _why_no_resolution(self, call: Record) -> str:
        minutes = metrics.resolution(self.world, call)
        if minutes is not None:
            return "" if minutes >= 0 else "completed before the first assignment"
        if call["status"] != "completed":
            return "cancelled" if call["status"] == "cancelled" else "not completed yet"
        missing = "first assignment" if metrics.first_assignment(self.world, call) is None else "completion time"
        return f"completed, no {missing}"


_RESPONSE = [
    "no assignment to the engineer",
    "cancelled before the start",
    "completed without a start time",
    "not started yet",
    "started before the assignment to the engineer",
]
_RESOLUTION = [
    "completed, no first assignment",
    "completed, no completion time",
    "completed before the first assignment",
]


def _told(figure: str, whole: int, reasons: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    left_out = sum(count for _, count in reasons)
    lines = [(f"Excluded from {figure}", f"{reason}: {count}") for reason, count in reasons]
    return [*lines, (f"Reconciled: {figure}", f"in scope {whole} = counted {whole - left_out} + excluded {left_out}")]


def _cells(line: Record) -> list[Any]:
    return [line["name"], line["region"], line["bank"], *(line[name] for name in MEASURES)]


def _by_call(rows: list[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(row["call_id"], []).append(row)
    return found


def _place(call: Record) -> tuple[float, float] | None:
    if call["latitude"] is None or call["longitude"] is None:
        return None
    north, east = float(call["latitude"]), float(call["longitude"])
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def _speed(line: Record, ranked: list[Record], name: str) -> float | None:
    """100 less the percent of the others that are quicker; nothing for whom nobody is compared with."""
    if line not in ranked or line[name] is None:
        return None
    values = [other[name] for other in ranked if other[name] is not None]
    quicker = sum(value < line[name] - 1e-9 for value in values)
    return 100 - 100 * quicker / (len(values) - 1) if len(values) > 1 else 100


def _quantile(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low, rest = int(place), place - int(place)
    return ordered[low] if rest == 0 else ordered[low] * (1 - rest) + ordered[low + 1] * rest
