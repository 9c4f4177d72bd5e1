"""Rolling Volume: what its sheets, tiles, charts and reconciling lines have to be."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.records import Answer, Question, Record, World
from tests.acceptance.oracle.states import OPEN, Story, logs, state_at, story

DAY = timedelta(1)
LABELS = {"daily": "%Y-%m-%d", "weekly": "%G-W%V", "monthly": "%Y-%m"}
TREND = [
    *("Period", "Total Calls", "New Calls", "Completed Calls", "Cancelled Calls", "Pending (End of Period)"),
    *(
        "In Progress (End of Period)",
        "Avg Daily Volume",
        "Week-over-Week Change %",
        "Month-over-Month Change %",
        "Note",
    ),
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Days = list[date]


class Volumes:
    """All permitted calls, looked at as often as asked."""

    def __init__(self, world: World, question: Question, granularity: str) -> None:
        self.world, self.question, self.granularity = world, question, granularity
        everything = Question(date.min, date.max, question.as_of, question.zone, question.allowed, question.filters)
        unscheduled = [{**call, "scheduled_date": date.max} for call in world.calls]
        ids = {call["id"] for call in everything.scope(World(world.banks, unscheduled, {}, {}, {}))}
        self.calls = [call for call in world.calls if call["id"] in ids]
        days = set(question.days)
        self.asked = [call for call in self.calls if call["scheduled_date"] in days]
        found = logs(world)
        self.log = found
        self.stories: list[tuple[Record, Story]] = [
            (call, story(call, found.get(call["id"], []))) for call in self.calls
        ]
        self.dates = {
            "scheduled": Counter(call["scheduled_date"] for call in self.calls),
            "created": self._local("created_at"),
            "completed": Counter(self.local(call["completed_at"]) for call in self._of("completed")),
            "cancelled": Counter(self.local(self.cancelled_at(call)) for call in self._of("cancelled")),
        }
        self.untold = Counter(
            self.local(call["updated_at"]) for call in self._of("cancelled") if not self._cancellations(call)
        )

    def local(self, at: datetime | None) -> date | None:
        """The date in the business zone."""
        return self.question.day(at) if at else None

    def count(self, what: str, days: Days) -> int:
        """Calls with that date among the days."""
        return sum(self.dates[what][day] for day in days)

    def cancelled_at(self, call: Record) -> datetime | None:
        """Time of the CANCELLED event, else of the last update."""
        return min(self._cancellations(call), default=call["updated_at"])

    def _cancellations(self, call: Record) -> list[datetime]:
        events = self.log.get(call["id"], [])
        return [event["at"] for event in events if event["event_type"] == "CANCELLED"]

    def _of(self, status: str) -> list[Record]:
        return [call for call in self.calls if call["status"] == status]

    def _local(self, column: str) -> Counter[date | None]:
        return Counter(self.local(call[column]) for call in self.calls)

    def states(self, last: date) -> Counter[str | None] | None:
        """Calls by state at the end of a day that has begun: at as-of where it is not over."""
        if last >= self.today:
            at = self.question.as_of
        else:
            midnight = datetime.combine(last + DAY, time.min, self.question.zone)
            at = datetime.fromtimestamp(midnight.timestamp() - 1e-6, self.question.zone)
        return Counter(state_at(call, told, at) for call, told in self.stories)

    @property
    def today(self) -> date:
        """The as-of date."""
        return self.question.day(self.question.as_of)

    @property
    def periods(self) -> list[tuple[str, Days]]:
        """Label and days of each period."""
        found: dict[str, Days] = {}
        for day in self.question.days:
            found.setdefault(day.strftime(LABELS[self.granularity]), []).append(day)
        return list(found.items())

    def is_partial(self, days: Days) -> bool:
        """Whether a day beside them has the same label."""
        labels = [day.strftime(LABELS[self.granularity]) for day in (days[0] - DAY, days[0], days[-1], days[-1] + DAY)]
        return labels[0] == labels[1] or labels[2] == labels[3]

    def month_before(self, days: Days) -> Days:
        """The days of the period one month earlier."""
        if self.granularity == "weekly":
            monday = days[0] - DAY * days[0].weekday()
            label = _month_back(monday).strftime("%G%V")
            weekdays = {day.weekday() for day in days}
            around = [_month_back(monday) + DAY * number for number in range(-7, 8)]
            return [day for day in around if day.strftime("%G%V") == label and day.weekday() in weekdays]
        first, last = _month_back(days[0]), _month_back(days[-1])
        if self.granularity == "monthly" and (days[-1] + DAY).day == 1:
            last = last.replace(day=monthrange(last.year, last.month)[1])
        return [first + DAY * number for number in range((last - first).days + 1)]


def _month_back(day: date) -> date:
    before = day.replace(day=1) - DAY
    return before.replace(day=min(day.day, before.day))


def answer(world: World, question: Question, granularity: str) -> Answer:
    """The whole report."""
    found = Volumes(world, question, granularity)
    ends = [found.states(days[-1]) if days[0] <= found.today else None for _, days in found.periods]
    labels = [label for label, _ in found.periods]
    left = [_open(end) for end in ends]
    counted = {name: [found.count(what, days) for _, days in found.periods] for name, what in _SERIES.items()}
    return Answer(
        sheets={
            "Volume Trend": [
                TREND,
                *(_line(found, *period, end) for period, end in zip(found.periods, ends, strict=True)),
            ],
            "Peak Days": _peak_days(found),
            "Peak Hours": _peak_hours(found),
            "Busiest Banks": _busiest(found),
        },
        tiles=_tiles(found, ends),
        charts={
            "Calls per period": {"": labels, **counted},
            "Backlog at end of period": {"": labels, "Open calls": left},
        },
        reconciliation=_reconciliation(found, ends),
    )


_SERIES = {"Total": "scheduled", "New": "created", "Completed": "completed"}


def _open(states: Counter[str | None] | None) -> int | None:
    return None if states is None else sum(states[state] for state in OPEN)


def _line(found: Volumes, label: str, days: Days, states: Counter[str | None] | None) -> list[Any]:
    total = found.count("scheduled", days)
    week = found.count("scheduled", [day - 7 * DAY for day in days])
    month = found.count("scheduled", found.month_before(days))
    untold = sum(found.untold[day] for day in days)
    notes = [
        f"partial: {days[0]} to {days[-1]}" if found.is_partial(days) else "",
        "after as-of" if states is None else "not over, end as of now" if days[-1] >= found.today else "",
        f"{untold} cancelled by last update (reconstructed)" if untold else "",
    ]
    return [
        label,
        total,
        *(found.count(what, days) for what in ("created", "completed", "cancelled")),
        None if states is None else states["pending"],
        None if states is None else states["in_progress"],
        total / len(days),
        None if found.granularity == "monthly" else metrics.percent(total - week, week),
        metrics.percent(total - month, month),
        "; ".join(note for note in notes if note) or None,
    ]


def _most(found: Volumes, days: Days) -> list[date]:
    with_calls = [day for day in days if found.dates["scheduled"][day]]
    return sorted(with_calls, key=lambda day: -found.dates["scheduled"][day])


def _peak_days(found: Volumes) -> list[list[Any]]:
    rows = [
        [number + 1, day, WEEKDAYS[day.weekday()], found.dates["scheduled"][day]]
        for number, day in enumerate(_most(found, found.question.days)[:10])
    ]
    return [["Rank", "Date", "Weekday", "Total Calls"], *rows]


def _peak_hours(found: Volumes) -> list[list[Any]]:
    starts = [found.question.local(call["started_at"]) for call in found.calls if call["started_at"]]
    within = [at for at in starts if found.question.first <= at.date() <= found.question.last]
    hours = Counter((at.weekday(), at.hour) for at in within)
    rows = [[name, *(hours[number, hour] for hour in range(24))] for number, name in enumerate(WEEKDAYS)]
    return [["Weekday", *(f"{hour:02}" for hour in range(24))], *(rows if within else [])]


def _busiest(found: Volumes) -> list[list[Any]]:
    rows = []
    asked = [call for call in found.asked if call["client_bank"]]
    labels = metrics.bank_labels(found.world, asked)
    for label, days in found.periods:
        counts = Counter(call["client_bank"] for call in asked if call["scheduled_date"] in days)
        if counts:
            best = min(counts, key=lambda bank: (-counts[bank], list(labels).index(bank)))
            rows.append([label, labels[best], counts[best]])
    return [["Period", "Bank", "Total Calls"], *rows]


def _tiles(found: Volumes, ends: Sequence[Counter[str | None] | None]) -> list[tuple[str, Any, Any]]:
    begun = [end for end in ends if end is not None]
    before = found.states(found.question.first - DAY) if begun else None
    values = [
        [
            *(found.count(what, days) for what in _SERIES.values()),
            found.count("scheduled", days) / len(days),
            next(iter(map(str, _most(found, days))), None),
            _open(end),
        ]
        for days, end in (
            (found.question.days, begun[-1] if begun else None),
            (found.question.previous.days, before),
        )
    ]
    labels = ["Total", "New", "Completed", "Avg Daily Volume", "Peak Day", "Backlog at End"]
    return list(zip(labels, *values, strict=True))


def _place(found: Volumes, day: date | None, words: str, missing: str) -> str:
    if day is None:
        return missing
    if day < found.question.first:
        return f"{words} before the range"
    return f"{words} after the range" if day > found.question.last else ""


def _reconciliation(found: Volumes, ends: Sequence[Counter[str | None] | None]) -> list[tuple[str, str]]:
    def lines(figure: str, reason: Callable[[Record], str], order: list[str]) -> list[tuple[str, str]]:
        return metrics.told(figure, Counter(map(reason, found.calls)), order)

    def around(words: str, *first: str) -> list[str]:
        return [*first, f"{words} before the range", f"{words} after the range"]

    def of_status(call: Record, status: str, at: datetime | None, missing: str) -> str:
        return _place(found, found.local(at), status, missing) if call["status"] == status else f"not {status}"

    no_time, no_trace = "no completion time", "no cancellation event, no last update"
    cancelled = [call for call in found.calls if call["status"] == "cancelled"]
    untold = sum(found.untold[day] for day in found.question.days)
    told = [
        *lines(
            "Total Calls",
            lambda call: _place(found, call["scheduled_date"], "scheduled", "no scheduled date"),
            around("scheduled", "no scheduled date"),
        ),
        *lines("New Calls", lambda c: _place(found, found.local(c["created_at"]), "created", ""), around("created")),
        *lines(
            "Completed Calls",
            lambda call: of_status(call, "completed", call["completed_at"], no_time),
            around("completed", "not completed", no_time),
        ),
        *lines(
            "Cancelled Calls",
            lambda call: of_status(call, "cancelled", found.cancelled_at(call), no_trace),
            around("cancelled", "not cancelled", no_trace),
        ),
        *lines(
            "Peak Hours",
            lambda call: _place(found, found.local(call["started_at"]), "started", "not started"),
            around("started", "not started"),
        ),
        *_stand_in(
            "cancellation time as recorded", len(cancelled), untold, "no cancellation event, dated by the last update"
        ),
    ]
    begun = [days for (_, days), end in zip(found.periods, ends, strict=True) if end is not None]
    if begun:
        told += _backlog(found, begun[-1][-1])
    nobodys = sum(call["client_bank"] is None for call in found.asked)
    return [*told, *_stand_in("Busiest Banks", len(found.asked), nobodys, "no bank")]


def _stand_in(figure: str, whole: int, left_out: int, reason: str) -> list[tuple[str, str]]:
    return metrics.told(figure, {"": whole - left_out, reason: left_out}, [reason])


def _backlog(found: Volumes, last: date) -> list[tuple[str, str]]:
    states = found.states(last)
    assert states is not None
    count = _open(states) or 0
    reasons = {"": count, "not created by then": states[None]}
    reasons["completed or cancelled by then"] = len(found.calls) - sum(reasons.values())
    unlogged = Volumes(
        World(
            found.world.banks, [call for call in found.calls if call["id"] not in found.log], {}, {}, found.world.tables
        ),
        found.question,
        found.granularity,
    )
    return [
        *metrics.told("Backlog at End", reasons, list(reasons)[1:]),
        *_stand_in("states as logged", count, _open(unlogged.states(last)) or 0, "no events, taken from timestamps"),
    ]
