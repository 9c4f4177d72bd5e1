"""Bounce Call: what its sheets, tiles, chart and reconciling lines have to be."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.cells import cleaned
from tests.acceptance.oracle.records import Answer, Question, Record, World

REASONS = {
    "engineer_unavailable": "Engineer Unavailable",
    "parts_not_available": "Parts Not Available",
    "customer_rescheduled": "Customer Rescheduled",
    "wrong_address": "Wrong Address",
    "device_compatibility": "Device Compatibility",
    "other": "Other",
}
SUMMARY = ["Total Bounces", "Bounced Calls", "Assigned Calls", "Bounce Rate %", "Days Lost"]
DETAILS = [
    *("Call Number", "Client Name", "Bank", "Call Type", "Original Assignment Date", "Original Engineer"),
    *("Bounce Date", "Bounce Reason", "Reassigned To", "Final Status", "Total Bounces", "Days Delayed", "Note"),
]
Events = dict[str, list[Record]]  # by call, in order of time


def events_of(world: World) -> Events:
    """The events of every call that has some, in order of time."""
    found: Events = {}
    for event in sorted(world.tables["call_events"], key=lambda event: (event["at"], event["id"])):
        found.setdefault(event["call_id"], []).append(event)
    return found


def bounces(world: World, events: Events, call: Record) -> list[Record]:
    """The bounces of a call as records of `at`, `reason`, `left` and `to`; `at` is unknown without events."""
    mine = events.get(call["id"], [])
    if not mine:
        is_told = _metadata(call).get("reassigned") is True
        made = {"at": None, "reason": "other", "left": None, "to": call["assigned_engineer"]}
        return [made] if is_told else []
    first = metrics.first_assignment(world, call)
    if first is None:
        return []
    return [
        {
            "at": event["at"],
            "reason": event["reason"],
            "left": event["from_engineer"] or _holder(call, mine, place),
            "to": event["to_engineer"],
        }
        for place, event in enumerate(mine)
        if event["event_type"] in {"REASSIGNED", "RESCHEDULED", "CANCELLED"} and event["at"] > first
    ]


def answer(world: World, question: Question) -> Answer:
    """The whole report."""
    report, before = _Report(world, question), _Report(world, question.previous)
    counts = [sum(_counted(bounce) == reason for _, found in report.bounced for bounce in found) for reason in REASONS]
    names = ["Bounced Calls", "Bounce Rate %", "Days Lost", "Top Reason"]
    return Answer(
        sheets={
            "Summary": report.summary(),
            "Repeat Offenders": report.offenders(),
            "Details": report.details(),
        },
        tiles=list(zip(names, report.tiles(), before.tiles(), strict=True)),
        charts={"Bounces by reason": {"": list(REASONS.values()), "Bounces": counts}},
        reconciliation=report.reconciliation(),
    )


class _Report:
    """One range of dates."""

    def __init__(self, world: World, question: Question) -> None:
        self.world, self.question = world, question
        self.events = events_of(world)
        self.calls = question.scope(world)
        found = [(call, bounces(world, self.events, call)) for call in self.calls]
        self.bounced = [(call, each) for call, each in found if each]
        self.today = question.day(question.as_of)
        self.banks = metrics.bank_labels(world, self.calls)

    def summary(self) -> list[list[Any]]:
        rows: list[list[Any]] = [["Bank", *REASONS.values(), *SUMMARY]]
        for bank, label in self.banks.items():
            mine = [pair for pair in self.bounced if pair[0]["client_bank"] == bank]
            reasons = Counter(_counted(bounce) for _, found in mine for bounce in found)
            assigned = self._assigned([call for call in self.calls if call["client_bank"] == bank])
            both = self._assigned([call for call, _ in mine])
            numbers = [sum(reasons.values()), len(mine), assigned, metrics.percent(both, assigned), self._lost(mine)]
            rows.append([label, *(reasons[reason] for reason in REASONS), *numbers])
        return rows

    def offenders(self) -> list[list[Any]]:
        engineers = [
            ["engineer", self._name(engineer), count]
            for engineer, count in self._engineers().items()
            if engineer is not None and count >= 3
        ]
        merchants = []
        for (identity, name), count in self._merchants().items():
            if count >= 3 and (identity or name):
                shown = [call["client_name"] for call in self._in_order() if call["client_id"] == identity]
                merchants.append(["merchant", name or shown[-1] or identity, count])
        order = [sorted(kind, key=lambda row: (-row[2], row[1].casefold(), row[1])) for kind in (engineers, merchants)]
        return [["Kind", "Name", "Bounces"], *order[0], *order[1]]

    def details(self) -> list[list[Any]]:
        def order(pair: tuple[Record, list[Record]]) -> tuple[bool, float, str]:
            at = pair[1][-1]["at"]
            return at is None, -at.timestamp() if at else 0, pair[0]["call_number"]

        return [DETAILS, *(self._detail(*pair) for pair in sorted(self.bounced, key=order))]

    def tiles(self) -> list[Any]:
        reasons = Counter(_counted(bounce) for _, found in self.bounced for bounce in found)
        most = max(reasons.values(), default=0)
        top = next(label for reason, label in REASONS.items() if reasons[reason] == most)
        both = self._assigned([call for call, _ in self.bounced])
        rate = metrics.percent(both, self._assigned(self.calls))
        return [len(self.bounced), rate, self._lost(self.bounced), top if reasons else None]

    def reconciliation(self) -> list[tuple[str, str]]:
        whole, bounced = len(self.calls), len(self.bounced)
        early = sum(self._delay(call) < 0 for call, _ in self.bounced)
        recorded = [(call, bounce) for call, found in self.bounced for bounce in found]
        known = [(call, bounce) for call, bounce in recorded if self.events.get(call["id"])]
        unknown = sum(bounce["reason"] not in {None, *REASONS} for _, bounce in known)
        engineers, merchants = self._engineers(), self._merchants()
        without = (None, None)
        unnamed = "no events, metadata tell of a bounce of unknown date, counted as other"
        return [
            *_told("Bounced Calls", whole, {"no bounce": whole - bounced}),
            *_told("Bounce Rate %", whole, {"no first assignment": whole - self._assigned(self.calls)}),
            *_told(
                "Days Lost",
                whole,
                {"no bounce": whole - bounced, "moved to an earlier date, or open and not due yet": early},
            ),
            *_told(
                "Repeat Offenders (bounces of engineers)",
                len(recorded),
                {
                    "engineer unknown": engineers[None],
                    "engineers with fewer than 3 bounces": sum(
                        count for each, count in engineers.items() if each is not None and count < 3
                    ),
                },
            ),
            *_told(
                "Repeat Offenders (bounces of merchants)",
                len(recorded),
                {
                    "merchant unknown": merchants[without],
                    "merchants with fewer than 3 bounces": sum(
                        count for each, count in merchants.items() if each != without and count < 3
                    ),
                },
            ),
            *_told(
                "reasons as recorded (bounces)",
                len(recorded),
                {
                    "unknown reason, counted as other": unknown,
                    "no reason, counted as other": sum(bounce["reason"] is None for _, bounce in known),
                    unnamed: len(recorded) - len(known),
                },
            ),
        ]

    def _detail(self, call: Record, found: list[Record]) -> list[Any]:
        mine, latest = self.events.get(call["id"], []), found[-1]
        note = None if latest["reason"] in REASONS else f"unknown reason: {latest['reason']}"
        note = "no reason" if latest["reason"] is None else note
        return [
            *(call["call_number"], call["client_name"]),
            self.banks[call["client_bank"]],
            call["type"],
            self._local(metrics.first_assignment(self.world, call)),
            self._name(_original(call, mine) if mine else None),
            self._local(latest["at"]),
            REASONS[_counted(latest)],
            self._name(latest["to"]),
            call["status"],
            len(found),
            self._delay(call),
            note if mine else "reconstructed",
        ]

    def _engineers(self) -> Counter[str | None]:
        return Counter(bounce["left"] for _, found in self.bounced for bounce in found)

    def _merchants(self) -> Counter[tuple[str | None, str | None]]:
        found: Counter[tuple[str | None, str | None]] = Counter()
        for call, each in self.bounced:
            found[call["client_id"] or None, None if call["client_id"] else call["client_name"] or None] += len(each)
        return found

    def _in_order(self) -> list[Record]:
        """By call number, those without events last."""
        calls = [call for call, _ in self.bounced]
        return sorted(calls, key=lambda call: (call["id"] not in self.events, call["call_number"]))

    def _assigned(self, calls: list[Record]) -> int:
        return sum(metrics.first_assignment(self.world, call) is not None for call in calls)

    def _lost(self, pairs: list[tuple[Record, list[Record]]]) -> int:
        return sum(max(self._delay(call), 0) for call, _ in pairs)

    def _delay(self, call: Record) -> int:
        moves = [
            event["from_date"]
            for event in self.events.get(call["id"], [])
            if event["event_type"] == "RESCHEDULED" and event["from_date"]
        ]
        first: date = moves[0] if moves else call["scheduled_date"]
        last: date = self.today if call["status"] in metrics.OPEN else call["scheduled_date"]
        return (last - first).days

    def _name(self, engineer: str | None) -> str | None:
        return cleaned(self.world.people[engineer]["full_name"]) if engineer in self.world.people else engineer

    def _local(self, at: datetime | None) -> datetime | None:
        return self.question.wall_clock(at)


def _told(figure: str, whole: int, reasons: dict[str, int]) -> list[tuple[str, str]]:
    left_out = sum(reasons.values())
    lines = [(f"Excluded from {figure}", f"{reason}: {count}") for reason, count in reasons.items() if count]
    return [*lines, (f"Reconciled: {figure}", f"in scope {whole} = counted {whole - left_out} + excluded {left_out}")]


def _metadata(call: Record) -> Record:
    return call["metadata"] if isinstance(call["metadata"], dict) else {}


def _counted(bounce: Record) -> str:
    return bounce["reason"] if bounce["reason"] in REASONS else "other"


def _original(call: Record, events: list[Record]) -> str | None:
    """To whom it was assigned first; from whom it was taken first; else whose it is."""
    given = [event["to_engineer"] for event in events if event["event_type"] == "ASSIGNED" and event["to_engineer"]]
    if given:
        return str(given[0])
    taken = [event["from_engineer"] for event in events if event["event_type"] == "REASSIGNED"]
    named = [engineer for engineer in taken if engineer]
    if named:
        return str(named[0])
    return None if taken else call["assigned_engineer"]


def _holder(call: Record, events: list[Record], place: int) -> str | None:
    """Who had the call before this event."""
    given = [
        event["to_engineer"]
        for event in events[:place]
        if event["event_type"] in {"ASSIGNED", "REASSIGNED"} and event["to_engineer"]
    ]
    return given[-1] if given else _original(call, events)
