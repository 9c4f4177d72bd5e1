"""Pending Call Ageing: what its sheets, tiles, charts and reconciling lines have to be."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.call_type_specific import metadata_of, words
from tests.acceptance.oracle.records import LIMITS, Answer, Question, Record, World
from tests.acceptance.oracle.states import OPEN, logs, state_at, story

BUCKETS = {
    "Not yet due": range(-100_000, 0),
    "0-1 days": range(2),
    "2-3 days": range(2, 4),
    "4-7 days": range(4, 8),
    "8-14 days": range(8, 15),
    "15-30 days": range(15, 31),
    "31+ days": range(31, 100_000),
}
DETAILS = [
    *("Call Number", "Client Name", "Bank", "Call Type", "Priority", "Scheduled Date", "Days Open", "Ageing Bucket"),
    *("Assigned Engineer", "Status", "Reason for Delay", "Days Since Created", "SLA State"),
]
RANKS = ["urgent", "high", "medium", "low"]


def answer(world: World, question: Question, least: int | None = None) -> Answer:
    """The whole report, as of the question's last day."""
    ageing = Ageing(world, question, least)
    banks, names = list(ageing.banks), list(ageing.banks.values())
    cells = {
        bucket: [
            sum(row["bucket"] == bucket and row["call"]["client_bank"] == bank for row in ageing.shown)
            for bank in banks
        ]
        for bucket in BUCKETS
    }
    summary = [[bucket, *counts, sum(counts)] for bucket, counts in cells.items()] if ageing.shown else []
    by_bucket = {bucket: [counts[place] for place in range(len(banks))] for bucket, counts in cells.items()}
    return Answer(
        sheets={
            "Summary": [["Ageing Bucket", *names, "Total"], *summary],
            "Details": [DETAILS, *map(ageing.line, sorted(ageing.shown, key=_order))],
        },
        tiles=[(label, value, None) for label, value in ageing.tiles.items()],
        charts={"Ageing by bank": {"": names, **by_bucket}} if banks else {},
        reconciliation=ageing.reconciliation(),
    )


def _order(row: Record) -> tuple[Any, ...]:
    priority = row["call"]["priority"]
    rank = RANKS.index(priority) if priority in RANKS else len(RANKS)
    return -row["days"], rank, row["call"]["call_number"]


class Ageing:
    """The open calls at the end of the question's last day, or now."""

    def __init__(self, world: World, question: Question, least: int | None) -> None:
        self.world, self.question = world, question
        self.day: date = question.last
        self.is_now = self.day == question.day(question.as_of)
        midnight = datetime.combine(self.day + timedelta(1), time.min, question.zone)
        end = datetime.fromtimestamp(midnight.timestamp() - 1e-6, question.zone)
        self.at = question.as_of if self.is_now else end
        self.logs = logs(world)
        self.named: dict[str, list[tuple[datetime, str, str]]] = {}
        for event in world.tables["call_events"]:
            if event["to_engineer"] and event["at"] <= self.at:
                self.named.setdefault(event["call_id"], []).append((event["at"], event["id"], event["to_engineer"]))
        self.permitted = [call for call in world.calls if question.permits(call)]
        stories = [(call, story(call, self.logs.get(call["id"], []))) for call in self.permitted]
        states = [(call, state_at(call, told, self.at)) for call, told in stories]
        self.open = [self._row(call, state) for call, state in states if state in OPEN]
        dated = [row for row in self.open if row["days"] is not None]
        self.shown = [row for row in dated if least is None or row["days"] >= least]
        self.banks = metrics.bank_labels(world, [row["call"] for row in self.shown])

    def _row(self, call: Record, state: str | None) -> Record:
        days = (self.day - call["scheduled_date"]).days if call["scheduled_date"] else None
        bucket = None if days is None else next(name for name, inside in BUCKETS.items() if days in inside)
        return {"call": call, "state": state, "days": days, "bucket": bucket, "engineer": self._engineer(call)}

    def _engineer(self, call: Record) -> str | None:
        """Now as recorded; on a past date whom the log names last, else the recorded one if assigned by then."""
        recorded: str | None = call["assigned_engineer"]
        if self.is_now:
            return recorded
        if named := self.named.get(call["id"]):
            return max(named)[2]
        return recorded if call["assigned_at"] and call["assigned_at"] <= self.at else None

    def sla(self, call: Record) -> str | None:
        """As it was at that instant."""
        first = metrics.first_assignment(self.world, call)
        limit = timedelta(minutes=LIMITS.get(call["priority"], LIMITS["medium"]))
        if first is None or first > self.at:
            return None
        if call["started_at"] is None or call["started_at"] > self.at:
            return "Breached" if self.at - first > limit else "Open"
        if call["started_at"] < first:
            return None
        return "Met" if call["started_at"] - first <= limit else "Breached"

    def line(self, row: Record) -> list[Any]:
        """A row of Details."""
        call = row["call"]
        bank, engineer = call["client_bank"], row["engineer"]
        return [
            *(call["call_number"], call["client_name"], self.banks[bank] if bank else None),
            *(call["type"], call["priority"], call["scheduled_date"], row["days"], row["bucket"]),
            self.world.people.get(engineer or "", {}).get("full_name"),
            row["state"],
            words(metadata_of(call).get("delay_reason")),
            (self.day - self.question.day(call["created_at"])).days,
            self.sla(call),
        ]

    @property
    def tiles(self) -> dict[str, int | None]:
        """Values by label."""
        days = [row["days"] for row in self.shown]
        return {
            "Open": len(days),
            "Overdue": sum(each > 0 for each in days),
            "Over 7 Days": sum(each > 7 for each in days),
            "Oldest (days)": max((each for each in days if each >= 0), default=None),
            "Unassigned": sum(row["state"] == "pending" and row["engineer"] is None for row in self.shown),
        }

    def reconciliation(self) -> list[tuple[str, str]]:
        """The lines of Export Info."""
        shown, tiles, pending = len(self.shown), self.tiles, [row for row in self.shown if row["state"] == "pending"]
        undated = sum(row["days"] is None for row in self.open)
        calls = [row["call"] for row in self.shown]
        odd = sum(call["priority"] not in RANKS for call in calls)
        busy = len(pending) - (tiles["Unassigned"] or 0)
        lines = [
            *_told(
                "Open",
                len(self.open),
                ("no scheduled date", undated),
                ("open too few days", len(self.open) - undated - shown),
            ),
            *_told("Overdue", shown, ("scheduled for the as-of date or later", shown - (tiles["Overdue"] or 0))),
            *_told("Over 7 Days", shown, ("open 7 days or less", shown - (tiles["Over 7 Days"] or 0))),
            *_told("Unassigned", shown, ("not pending", shown - len(pending)), ("with an engineer", busy)),
            *_told(
                "SLA State",
                shown,
                ("no first assignment, or a start before it", sum(self.sla(c) is None for c in calls)),
            ),
            *_told("priority as recorded", shown, ("none or unknown, taken as medium", odd)),
            *_told("states as logged", shown, ("no events, taken from timestamps", self._unlogged(calls))),
        ]
        if not self.is_now:
            return lines
        recorded = sum(call["status"] in OPEN for call in self.permitted)
        both = sum(row["call"]["status"] in OPEN for row in self.open)
        return [
            *lines,
            *_told("open as recorded", len(self.open), ("another status is recorded", len(self.open) - both)),
            *_told("recorded as open", recorded, ("ended, or not begun, by their events", recorded - both)),
        ]

    def _unlogged(self, calls: Sequence[Record]) -> int:
        return sum(call["id"] not in self.logs for call in calls)


def _told(figure: str, whole: int, *reasons: tuple[str, int]) -> list[tuple[str, str]]:
    counted = whole - sum(count for _, count in reasons)
    return metrics.told(figure, {"": counted, **dict(reasons)}, [reason for reason, _ in reasons])
