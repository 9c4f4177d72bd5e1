"""reports.md §1, one call at a time; every duration is in minutes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from tests.acceptance.oracle.records import LIMITS, Question, Record, World

OPEN = {"pending", "assigned", "in_progress"}


def first_assignment(world: World, call: Record) -> datetime | None:
    """Earliest ASSIGNED event, else `assigned_at`."""
    events = world.assigned.get(call["id"])
    return min(events) if events else call["assigned_at"]


def response(world: World, call: Record) -> float | None:
    """From first assignment to start."""
    return _minutes(first_assignment(world, call), call["started_at"])


def resolution(world: World, call: Record) -> float | None:
    """From first assignment to completion, for completed calls."""
    return _minutes(first_assignment(world, call), call["completed_at"]) if call["status"] == "completed" else None


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


def percent(part: int, whole: int) -> float | None:
    """Nothing over nothing."""
    return part / whole * 100 if whole else None


def _minutes(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 60
