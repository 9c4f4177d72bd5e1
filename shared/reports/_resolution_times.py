"""Resolution times of completed calls, streamed once into numbers by bank, type and day; keeps no call."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.sql.functions import coalesce

from shared.clock import local_date
from shared.ports import Query
from shared.reports._calls import CallFilters, call, first_assignment, in_scope
from shared.reports._metrics import share, target_minutes
from shared.reports._model import ReportData
from shared.reports._spread import Numbers, Spread, numbers, summed
from shared.tables import Instant, calls, minutes_between

Group = tuple[str | None, str]  # bank and type


@dataclass
class ResolutionTimes:
    """Completed calls, by what is known of their resolution; all times in minutes."""

    calls: int = 0
    taken: Numbers = field(default_factory=numbers)  # from the first assignment to the completion
    in_target: int = 0  # of those taken
    without_target: int = 0  # of those taken: of a type that has none
    without_assignment: int = 0
    without_completion: int = 0  # of those with an assignment: no completion time
    early: int = 0  # completed before the first assignment

    @classmethod
    def over(cls, parts: Iterable["ResolutionTimes"]) -> "ResolutionTimes":
        """All of these together."""
        return summed(cls(), parts)

    @cached_property
    def spread(self) -> Spread:
        """The times to the completion, sorted once: to be asked for after the last call was added."""
        return Spread.of(self.taken)

    @property
    def target_share(self) -> float | None:
        """Percent of the calls with a time and a target that kept to it."""
        return share(self.in_target, len(self.taken) - self.without_target)

    def add(self, minutes: float | None, target: int | None, *, is_dated: bool) -> None:
        """Takes a call; `minutes` run from its first assignment to its completion, if it has a time of it."""
        self.calls += 1
        if minutes is None:
            self.without_assignment += 1
        elif not is_dated:
            self.without_completion += 1
        elif minutes < 0:
            self.early += 1
        else:
            self.taken.append(minutes)
            self.without_target += target is None
            self.in_target += target is not None and minutes <= target


def _groups() -> defaultdict[Group, ResolutionTimes]:
    return defaultdict(ResolutionTimes)


def _days() -> defaultdict[date, ResolutionTimes]:
    return defaultdict(ResolutionTimes)


@dataclass(frozen=True)
class Resolutions:
    """The completed calls of a period and of the one before it, and those of this period by the day of completion."""

    now: Mapping[Group, ResolutionTimes] = field(default_factory=_groups)
    before: Mapping[Group, ResolutionTimes] = field(default_factory=_groups)
    by_day: Mapping[date, ResolutionTimes] = field(default_factory=_days)


def completed(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> list[ColumnElement[bool]]:
    """The conditions that make a call one of this report's."""
    return [*in_scope(parameters, data, dates), call.status == "completed"]


def calls_by_status(parameters: CallFilters, data: ReportData, dates: tuple[date, date]) -> dict[str, int]:
    """All calls in scope, counted by their status."""
    statement = (
        select(call.status, func.count().label("calls")).select_from(calls).where(*in_scope(parameters, data, dates))
    )
    return {row.status: row.calls for row in data.reader.all(statement.group_by(call.status))}


def read_resolutions(parameters: CallFilters, data: ReportData, dates: tuple[date, date], before: date) -> Resolutions:
    """All completed calls in scope from `before`, in one streamed statement."""
    found = Resolutions()
    targets, zone = target_minutes(data.settings.resolution_targets), data.settings.zone
    for bank, kind, is_now, minutes, done in data.reader.rows(_statement(parameters, data, dates, before)):
        target = targets.get(kind)
        groups = found.now if is_now else found.before
        groups[bank, kind].add(minutes, target, is_dated=done is not None)
        if is_now and done is not None:
            found.by_day[local_date(done, zone)].add(minutes, target, is_dated=True)
    return found


def _statement(parameters: CallFilters, data: ReportData, dates: tuple[date, date], before: date) -> Query:
    """Bank, type, whether of this period, minutes from assignment to completion or as-of, completion."""
    until = coalesce(call.completed_at, literal(data.reader.as_of, Instant()))
    return select(
        call.client_bank,
        call.type,
        case((call.scheduled_date >= dates[0], 1), else_=0),
        minutes_between(first_assignment(), until),
        call.completed_at,
    ).where(*completed(parameters, data, (before, dates[1])))
