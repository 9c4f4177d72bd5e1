"""Makes up the life of a call, from its beginning on; what would fall after `now` has not happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from dev.sample_data._chance import happens, weighted
from dev.sample_data._people import Crew, Engineer
from dev.sample_data._story import Bounce, Calendar, Order, Story

_TYPES = weighted(("installation", 30), ("swap", 20), ("maintenance", 22), ("breakdown", 18), ("deinstallation", 10))
_PRIORITIES = weighted(("urgent", 9), ("high", 23), ("medium", 46), ("low", 20), (None, 2))
_BREAKDOWN_PRIORITIES = weighted(("urgent", 34), ("high", 40), ("medium", 20), ("low", 4), (None, 2))
_MOVES = weighted((0, 860), (1, 93), (2, 20), (3, 16), (4, 7), (5, 4))
_HOURS = weighted(*zip(range(7, 22), (1, 3, 9, 14, 16, 13, 6, 8, 13, 14, 10, 6, 3, 1, 1), strict=True))
# Minutes: least, most, most often.
_RESPONSE = {"urgent": (8, 110, 30), "high": (12, 210, 60), "medium": (20, 420, 120), "low": (30, 840, 240)}
_DURATION = {
    "installation": (25, 150, 55),
    "swap": (15, 100, 35),
    "maintenance": (15, 120, 40),
    "breakdown": (20, 240, 70),
    "deinstallation": (10, 70, 25),
}
_HAND_OVERS = weighted(("engineer_unavailable", 55), ("parts_not_available", 25), ("other", 20))
_DELAYS = weighted(
    ("customer_rescheduled", 52), ("wrong_address", 20), ("device_compatibility", 16), ("parts_not_available", 12)
)
_UNKNOWN_REASON = "site_locked"  # reports count it as other, and say so
_STATUS_AHEAD = weighted(("pending", 38), ("assigned", 50), ("cancelled", 6), ("completed", 6))
_OPEN = weighted(("pending", 25), ("assigned", 48), ("in_progress", 27))
_OPEN_BY_AGE = ((1, 24.0), (3, 14.0), (7, 8.0), (14, 4.0), (30, 2.5), (10_000, 0.7))  # days past, per cent still open
_NEWCOMER_CALLS = {1, 5_001, 10_001, 15_001}  # too few for the newcomer to be ranked


def tell(chance: Random, order: Order, crew: Crew, calendar: Calendar) -> Story:
    """Makes up the life of one call."""
    story = _made(chance, order, calendar)
    if story.status == "pending" or (story.status == "cancelled" and happens(chance, 30)):
        unassigned = replace(story, moves=())
        return _cancelled(chance, unassigned, calendar.now) if story.status == "cancelled" else unassigned
    engineer = crew.newcomer if order.number in _NEWCOMER_CALLS else crew.visitor(chance, order.merchant.city)
    visit = _planned_visit(chance, story, calendar)
    assigned = _assigned_at(chance, story, visit, engineer, calendar)
    if assigned >= calendar.now:
        return replace(story, status="pending", moves=())
    visit = max(visit, assigned + _minutes(chance, 8, 30) * (len(story.moves) + 1))
    end = min(visit, calendar.now)
    bounces = tuple(reversed(list(_bounces_backwards(chance, story, (assigned, end), engineer, crew))))
    story = replace(story, engineer=engineer, assigned=assigned, bounces=bounces)
    if story.status == "cancelled":
        return _cancelled(chance, story, end)
    return _visited(chance, story, visit, calendar.now)


def _made(chance: Random, order: Order, calendar: Calendar) -> Story:
    """The call as it was taken down: in office hours, some days ahead, a breakdown at once."""
    call_type = chance.choice(_TYPES)
    is_breakdown = call_type == "breakdown"
    status, moves = _status(chance, calendar.age(order.day)), _moves(chance)
    lead = int(chance.triangular(0, 2 if is_breakdown else 9, 0 if is_breakdown else 3))
    office = calendar.midnight(order.day - timedelta(days=sum(moves) + lead)) + _minutes(chance, 480, 1_200)
    return Story(
        order=order,
        type=call_type,
        priority=chance.choice(_BREAKDOWN_PRIORITIES if is_breakdown else _PRIORITIES),
        status=status,
        moves=moves,
        created=min(office, calendar.now - _minutes(chance, 20, 900)),
    )


def _status(chance: Random, age: int) -> str:
    """What the call would come to, if there is time for it."""
    if age < 1:
        return chance.choice(_STATUS_AHEAD)
    if happens(chance, next(percent for days, percent in _OPEN_BY_AGE if age <= days)):
        return chance.choice(_OPEN)
    return "cancelled" if happens(chance, 6.5) else "completed"


def _moves(chance: Random) -> tuple[int, ...]:
    """The days by which each bounce moves the call."""
    return tuple(0 if happens(chance, 48) else chance.randrange(1, 6) for _ in range(chance.choice(_MOVES)))


def _planned_visit(chance: Random, story: Story, calendar: Calendar) -> datetime:
    """When the engineer comes: on the day mostly, some days late at times, before it rarely."""
    age, shift = calendar.age(story.order.day), 0
    if story.status == "completed" and age < 1:
        shift = age - chance.randrange(1, 3)
    elif happens(chance, 8):
        shift = chance.choice((-1, 1, 1, 1, 2, 2, 3, 4))
    midnight = calendar.midnight(story.order.day + timedelta(days=shift))
    return midnight + timedelta(hours=chance.choice(_HOURS), seconds=chance.randrange(3_600))


def _assigned_at(chance: Random, story: Story, visit: datetime, engineer: Engineer, calendar: Calendar) -> datetime:
    """The first assignment: shortly before the visit, or on the morning of the first day of a call that bounces."""
    waiting = int(chance.triangular(*_RESPONSE[story.priority or "medium"]) * engineer.pace * 60)
    wanted = visit - timedelta(seconds=waiting)
    if story.moves:
        wanted = min(wanted, calendar.midnight(story.first_day) + _minutes(chance, 510, 690))
    elif wanted >= calendar.now:
        wanted = story.created + _minutes(chance, 10, 600)
    return max(wanted, story.created + _minutes(chance, 3, 45))


def _bounces_backwards(
    chance: Random, story: Story, span: tuple[datetime, datetime], holder: Engineer, crew: Crew
) -> Iterator[Bounce]:
    """The bounces, evenly over the time there is, the last one first: that is how its holders are known."""
    gap, day = (span[1] - span[0]) / (len(story.moves) + 1), story.order.day
    for place in range(len(story.moves), 0, -1):
        at, move = _whole(span[0] + gap * place), story.moves[place - 1]
        if move:
            before = day - timedelta(days=move)
            yield Bounce(at, "RESCHEDULED", _reason(chance, _DELAYS), from_day=before, to_day=day)
            day = before
        else:
            colleague = crew.colleague(chance, holder)
            yield Bounce(at, "REASSIGNED", _reason(chance, _HAND_OVERS), from_engineer=colleague, to_engineer=holder)
            holder = colleague


def _reason(chance: Random, reasons: tuple[str, ...]) -> str:
    return _UNKNOWN_REASON if happens(chance, 1) else chance.choice(reasons)


def _cancelled(chance: Random, story: Story, end: datetime) -> Story:
    """The call ends between the last thing that happened and `end`."""
    start = story.last_change
    return replace(story, cancelled=_whole(start + (end - start) * chance.random()))


def _visited(chance: Random, story: Story, visit: datetime, now: datetime) -> Story:
    """Begun and ended as far as there was time for it; some visits take days."""
    if story.status == "assigned" or visit >= now or story.engineer is None:
        return replace(story, status="assigned")
    minutes = chance.triangular(*_DURATION[story.type]) * story.engineer.pace
    if happens(chance, 4):
        minutes += chance.randrange(1, 6) * 1_440
    end = visit + timedelta(seconds=int(minutes * 60))
    if story.status == "in_progress" or end >= now:
        return replace(story, status="in_progress", started=visit)
    return replace(story, started=visit, completed=end)


def _minutes(chance: Random, low: int, high: int) -> timedelta:
    return timedelta(seconds=chance.randrange(low * 60, high * 60))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
