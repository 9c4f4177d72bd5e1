"""Response times of calls in scope, streamed once into numbers by bank and priority; keeps no call but the worst."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnElement, case, literal, select
from sqlalchemy.sql.functions import coalesce

from shared.ports import Query
from shared.reports._calls import CallFilters, call, first_assignment, in_scope
from shared.reports._metrics import sla_minutes, sla_state
from shared.reports._model import ReportData
from shared.reports._spread import Numbers, Spread, numbers, summed
from shared.tables import Instant, minutes_between

WORST = 20
_STARTED, _NOT_STARTED, _COMPLETED_UNSTARTED = range(3)
_PER_MINUTE = 60_000_000  # microseconds, in which durations are whole numbers
Group = tuple[str | None, str | None]  # bank and priority


@dataclass
class ResponseTimes:
    """Calls that are not cancelled, by what is known of their response; all times in minutes."""

    calls: int = 0
    unassigned_starts: int = 0  # no first assignment
    unassigned_waits: int = 0
    early_starts: int = 0  # started before the first assignment
    taken: Numbers = field(default_factory=numbers)  # from the first assignment to the start
    beyond: Numbers = field(default_factory=numbers)  # what each breach was over its limit
    open_waits: int = 0  # assigned, not started, inside the limit at as-of
    late_waits: int = 0  # of the breaches: not started
    completed_waits: int = 0  # of the open and late waits: completed all the same

    @classmethod
    def over(cls, parts: Iterable["ResponseTimes"]) -> "ResponseTimes":
        """All of these together."""
        return summed(cls(), parts)

    @property
    def breaches(self) -> int:
        """Calls started beyond the limit, and those not started that waited beyond it."""
        return len(self.beyond)

    @property
    def met(self) -> int:
        """Calls started within the limit."""
        return len(self.taken) - (self.breaches - self.late_waits)

    @property
    def waits(self) -> int:
        """Calls not started, with or without a first assignment."""
        return self.unassigned_waits + self.open_waits + self.late_waits

    @cached_property
    def spread(self) -> Spread:
        """The times to the start, sorted once: to be asked for after the last call was added."""
        return Spread.of(self.taken)

    def add(self, start: int, minutes: float | None, limit: int) -> float | None:
        """Takes a call; `minutes` run from its first assignment to start or as-of. Gives those beyond the limit."""
        self.calls += 1
        is_started = start == _STARTED
        if minutes is None:
            self.unassigned_starts += is_started
            self.unassigned_waits += not is_started
            return None
        state = sla_state(minutes, None, limit) if is_started else sla_state(None, minutes, limit)
        self.early_starts += state is None
        self.open_waits += state == "Open"
        self.completed_waits += start == _COMPLETED_UNSTARTED
        if is_started and state:
            self.taken.append(minutes)
        if state != "Breached":
            return None
        self.late_waits += not is_started
        self.beyond.append(minutes - limit)
        return minutes - limit


@dataclass(frozen=True)
class Responses:
    """The calls of a period and of the one before it, by bank and priority, and the numbers of the worst calls."""

    now: Mapping[Group, ResponseTimes]
    before: Mapping[Group, ResponseTimes]
    worst: tuple[str, ...]  # call numbers, longest breach first, then by number


def breach_order(beyond: float, number: str) -> tuple[int, str]:
    """Sorts the longest breach first, to the microsecond, then by call number."""
    return -round(beyond * _PER_MINUTE), number


def read_responses(parameters: CallFilters, data: ReportData, dates: tuple[date, date], before: date) -> Responses:
    """All calls in scope from `before` that are not cancelled, in one streamed statement."""
    now: dict[Group, ResponseTimes] = {}
    then: dict[Group, ResponseTimes] = {}
    rows = data.reader.rows(_statement(parameters, data, dates, before))
    worst = nsmallest(WORST, _breaches(rows, sla_minutes(data.settings.sla_limits), (then, now)))
    return Responses(now, then, tuple(number for _, number in worst))


def not_cancelled() -> ColumnElement[bool]:
    """The condition that makes a call one of these reports' calls."""
    return call.status != "cancelled"


def _breaches(
    rows: Iterable[Any], limits: Mapping[str, int], periods: tuple[dict[Group, ResponseTimes], ...]
) -> Iterator[tuple[int, str]]:
    """Adds every call to its group, and gives those of this period that breached their limits."""
    medium = limits["medium"]
    for bank, priority, is_now, start, minutes, number in rows:
        groups = periods[is_now]
        times = groups.get((bank, priority))
        if times is None:
            times = groups[bank, priority] = ResponseTimes()
        beyond = times.add(start, minutes, limits.get(priority, medium))
        if is_now and beyond is not None:
            yield breach_order(beyond, number)


def _statement(parameters: CallFilters, data: ReportData, dates: tuple[date, date], before: date) -> Query:
    """Bank, priority, whether of this period, how it started, minutes from assignment to start or as-of, number."""
    until = coalesce(call.started_at, literal(data.reader.as_of, Instant()))
    start = case(
        (call.started_at.is_not(None), _STARTED),
        (call.status == "completed", _COMPLETED_UNSTARTED),
        else_=_NOT_STARTED,
    )
    return select(
        call.client_bank,
        call.priority,
        case((call.scheduled_date >= dates[0], 1), else_=0),
        start,
        minutes_between(first_assignment(), until),
        call.call_number,
    ).where(*in_scope(parameters, data, (before, dates[1])), not_cancelled())
