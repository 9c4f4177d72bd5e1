"""reports.md §1, one call at a time; every duration is in minutes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
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
    return "breached" if question.as_of > assigned + timedelta(minutes=limit) else "open"


def is_on_time(call: Record, question: Question) -> bool:
    """Completed on a local date that is not after the scheduled one and the days of grace."""
    if call["status"] != "completed" or call["completed_at"] is None:
        return False
    done: date = call["completed_at"].astimezone(question.zone).date()
    return bool(done <= call["scheduled_date"] + timedelta(question.grace_days))


def is_overdue(call: Record, question: Question) -> bool:
    """Open, and scheduled before the as-of date."""
    return call["status"] in OPEN and call["scheduled_date"] < question.as_of.astimezone(question.zone).date()


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


def banks_by_name(world: World, calls: Iterable[Record]) -> list[str | None]:
    """The banks that the calls have, by name; last None where some have none."""
    found = {call["client_bank"] for call in calls}
    named = sorted((bank for bank in found if bank), key=lambda bank: bank_name(world, bank).lower())
    return [*named, None] if None in found else named


def bank_name(world: World, bank: str | None) -> str:
    """What is shown for it."""
    return str(world.banks[bank]["name"]) if bank else "(no bank)"


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
