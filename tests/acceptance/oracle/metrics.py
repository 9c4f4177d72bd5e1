"""reports.md §1, one call at a time; every duration is in minutes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from statistics import stdev

from tests.acceptance.oracle.records import LIMITS, Question, Record, World

OPEN = {"pending", "assigned", "in_progress"}


def first_assignment(world: World, call: Record) -> datetime | None:
    """Earliest ASSIGNED event, else `assigned_at`."""
    events = world.assigned.get(call["id"])
    return min(events) if events else call["assigned_at"]


def response(world: World, call: Record) -> float | None:
    """From first assignment to start."""
    return minutes(first_assignment(world, call), call["started_at"])


def resolution(world: World, call: Record) -> float | None:
    """From first assignment to completion, for completed calls."""
    return minutes(first_assignment(world, call), call["completed_at"]) if call["status"] == "completed" else None


def sla_state(world: World, call: Record, question: Question) -> str:
    """met, breached or open; or why the call has no state."""
    limit = LIMITS.get(call["priority"], LIMITS["medium"])
    assigned = first_assignment(world, call)
    if assigned is None:
        return "no first assignment"
    if call["started_at"] is not None:
        taken = (call["started_at"] - assigned).total_seconds() / 60
        if taken < 0:
            return "started before the first assignment"
        return "met" if taken <= limit else "breached"
    if call["status"] == "cancelled":
        return "cancelled before the start"
    return "breached" if question.as_of - assigned > timedelta(minutes=limit) else "open"


def is_on_time(call: Record, question: Question) -> bool:
    """Completed on a local date that is not after the scheduled one and the days of grace."""
    if call["status"] != "completed" or call["completed_at"] is None:
        return False
    return bool(question.day(call["completed_at"]) <= call["scheduled_date"] + timedelta(question.grace_days))


def is_overdue(call: Record, question: Question) -> bool:
    """Open, and scheduled before the as-of date."""
    return call["status"] in OPEN and call["scheduled_date"] < question.day(question.as_of)


def mean(values: Iterable[float | None]) -> float | None:
    """Of those that are there and not negative."""
    counted = [value for value in values if value is not None and value >= 0]
    return sum(counted) / len(counted) if counted else None


def percentile(values: Iterable[float | None], percent: int) -> float | None:
    """Of those that are there and not negative, as database manuals tell of PERCENTILE_CONT: by row numbers from 1."""
    counted = sorted(value for value in values if value is not None and value >= 0)
    if not counted:
        return None
    row = 1 + Fraction(percent, 100) * (len(counted) - 1)
    low, high = counted[floor(row) - 1], counted[ceil(row) - 1]
    return low if low == high else float((ceil(row) - row) * Fraction(low) + (row - floor(row)) * Fraction(high))


def deviation(values: Iterable[float | None]) -> float | None:
    """Of the sample; of those that are there and not negative."""
    counted = [value for value in values if value is not None and value >= 0]
    return stdev(counted) if len(counted) > 1 else None


def percent(part: int, whole: int) -> float | None:
    """Nothing over nothing."""
    return part / whole * 100 if whole else None


def bank_labels(world: World, calls: Iterable[Record]) -> dict[str | None, str]:
    """The banks that the calls have, by name, with codes where names are equal; last None where some have none."""
    found = {call["client_bank"] for call in calls}
    names = Counter(world.banks[bank]["name"] for bank in found if bank)
    labels = {bank: _label(world.banks[bank], names) for bank in found if bank}
    ordered = sorted(labels, key=lambda bank: (labels[bank].casefold(), labels[bank], bank))
    return {bank: labels[bank] for bank in ordered} | ({None: "(no bank)"} if None in found else {})


def _label(bank: Record, names: Mapping[str, int]) -> str:
    return f"{bank['name']} ({bank['code']})" if names[bank["name"]] > 1 else str(bank["name"])


def bank_name(world: World, bank: str | None) -> str | None:
    """The name alone; nothing for none."""
    return str(world.banks[bank]["name"]) if bank else None


def with_unknown(known: Mapping[str, str], found: Iterable[str | None], without: str) -> dict[str | None, str]:
    """Labels of the values known, then of the others that were found, sorted, then of none."""
    there = set(found)
    others = sorted(value for value in there if value is not None and value not in known)
    labels: dict[str | None, str] = dict(known.items())
    labels |= {value: value.replace("_", " ").title() for value in others}
    return labels | ({None: without} if None in there else {})


def newest_first(calls: Iterable[Record]) -> list[Record]:
    """Scheduled date newest first, created at newest first, id."""
    by_id = sorted(calls, key=lambda call: str(call["id"]))
    return sorted(by_id, key=lambda call: (call["scheduled_date"], call["created_at"]), reverse=True)


def told(figure: str, found: Mapping[str, int], order: list[str]) -> list[tuple[str, str]]:
    """The lines of Export Info about a figure: `found` counts the calls by why they are left out, "" if counted."""
    assert set(found) <= {"", *order}, (figure, found)
    total, counted = sum(found.values()), found.get("", 0)
    return [
        *((f"Excluded from {figure}", f"{reason}: {found[reason]}") for reason in order if found.get(reason)),
        (f"Reconciled: {figure}", f"in scope {total} = counted {counted} + excluded {total - counted}"),
    ]


def minutes(start: datetime | None, end: datetime | None) -> float | None:
    """From one to the other."""
    return None if start is None or end is None else (end - start).total_seconds() / 60
