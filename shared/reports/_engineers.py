"""The work of engineers: counts and sums by engineer and bank, in a few grouped statements; ranks nobody."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import Subquery

from shared.ports import Query
from shared.reports._adding import added
from shared.reports._bounces import count_bounced
from shared.reports._calls import call
from shared.reports._distance import MAX_LATITUDE, MAX_LONGITUDE, Distances, Stop, distances
from shared.reports._metrics import average, on_time_minutes, share
from shared.reports._model import ReportData
from shared.reports._period import by_quarters
from shared.reports._score import Performance
from shared.tables import (
    CALL_STATUSES,
    call_events,
    calls,
    count_where,
    customer_surveys,
    minutes_between,
    photos,
    without_index,
)

Conditions = Sequence[ColumnElement[bool]]
Holder = tuple[str | None, str | None]  # engineer and bank; None: a call without
_BY = (call.assigned_engineer, call.client_bank)


@dataclass(frozen=True)
class Work:
    """Numbers of calls, and sums of minutes, over some calls that engineers have; their formulas in reports.md §3.7."""

    calls: int = 0
    completed: int = 0
    in_progress: int = 0
    cancelled: int = 0
    unknown: int = 0  # in a state that there should not be
    without_own_assignment: int = 0  # no instant at which this engineer got the call
    cancelled_waiting: int = 0  # of those with one: cancelled, not started
    completed_waiting: int = 0  # completed, no start time
    waiting: int = 0  # not started, these two included
    early_starts: int = 0  # started before it
    responses: int = 0  # started at or after it
    response_minutes: float = 0
    without_assignment: int = 0  # completed, but no first assignment
    early_completions: int = 0  # completed before the first assignment
    resolutions: int = 0  # completed at or after it
    resolution_minutes: float = 0
    without_completion: int = 0  # completed, no completion time
    on_time: int = 0
    started: int = 0
    located: int = 0  # of the started: with coordinates that exist on earth
    bounced: int = 0  # of the completed
    photos: int = 0
    surveys: int = 0
    ratings: int = 0
    rating_sum: int = 0

    @classmethod
    def over(cls, parts: Iterable["Work"]) -> "Work":
        """All of these together."""
        return added(cls, parts)

    @property
    def net(self) -> int:
        """Calls but the cancelled ones."""
        return self.calls - self.cancelled

    @property
    def performance(self) -> Performance:
        """Rates in percent and means in minutes."""
        return Performance(
            share(self.completed, self.net),
            average(self.response_minutes, self.responses),
            average(self.resolution_minutes, self.resolutions),
            share(self.on_time, self.completed),
            share(self.completed - self.bounced, self.completed),
        )


def work(data: ReportData, conditions: Conditions, dates: tuple[date, date]) -> dict[Holder, Work]:
    """The calls in scope by engineer and bank, as far as calls and their events tell: no photo and no survey."""
    parts: dict[Holder, list[Work]] = {}
    for first, last in by_quarters(*dates):
        within = [*conditions, call.scheduled_date.between(first, last)]
        for row in data.reader.all(_statement(within, data, (first, last))):
            parts.setdefault((row[0], row[1]), []).append(Work(*map(_number, row[2:])))
    bounced = count_bounced(data, [*conditions, call.status == "completed"], *_BY)
    found = {key: Work.over(each) for key, each in parts.items()}
    return found | {key: replace(found[key], bounced=count) for key, count in bounced.items()}


def with_evidence(found: Mapping[Holder, Work], data: ReportData, conditions: Conditions) -> dict[Holder, Work]:
    """The same with the photos of the calls, and the ratings of their surveys."""
    pictures = _photos(data, conditions)
    surveys = _surveys(data, conditions)
    return {key: replace(each, photos=pictures[key], **surveys.get(key, {"surveys": 0})) for key, each in found.items()}


def by_engineer(found: Mapping[Holder, Work]) -> dict[str, Work]:
    """The work of each engineer for all banks together."""
    parts: dict[str, list[Work]] = {}
    for (engineer, _), each in found.items():
        if engineer is not None:
            parts.setdefault(engineer, []).append(each)
    return {engineer: Work.over(each) for engineer, each in parts.items()}


def travelled(data: ReportData, conditions: Conditions) -> Distances:
    """Kilometres of the engineers between the calls in scope that they began, day by day of the business zone."""
    return distances(_stops(data, conditions), data.settings.zone)


def _photos(data: ReportData, conditions: Conditions) -> Counter[Holder]:
    joined = select(*_BY, func.count()).select_from(calls.join(photos, photos.c.call_id == call.id))
    rows = data.reader.all(joined.where(*conditions).group_by(*_BY))
    return Counter({(row[0], row[1]): int(row[2]) for row in rows})


def _surveys(data: ReportData, conditions: Conditions) -> dict[Holder, dict[str, int]]:
    rating = customer_surveys.c.overall_rating
    statement = (
        select(*_BY, func.count(), func.count(rating), func.sum(rating))
        .select_from(calls.join(customer_surveys, customer_surveys.c.call_id == call.id))
        .where(*conditions)
        .group_by(*_BY)
    )
    return {
        (row[0], row[1]): {"surveys": row[2], "ratings": row[3], "rating_sum": int(row[4] or 0)}
        for row in data.reader.all(statement)
    }


def _stops(data: ReportData, conditions: Conditions) -> Iterator[Stop]:
    statement = (
        select(*_BY, call.started_at, call.latitude, call.longitude)
        .where(*conditions, call.assigned_engineer.is_not(None), call.started_at.is_not(None), *_IS_ON_EARTH)
        .order_by(call.assigned_engineer, call.started_at, call.call_number)
    )
    for engineer, bank, at, latitude, longitude in data.reader.rows(statement):
        yield Stop(engineer, bank, at, (latitude, longitude))


_IS_ON_EARTH = (
    call.latitude.between(-MAX_LATITUDE, MAX_LATITUDE),
    call.longitude.between(-MAX_LONGITUDE, MAX_LONGITUDE),
)


def _number(value: Any) -> Any:
    """Sums come as whole numbers, as floating ones, as decimals, or empty."""
    return value if isinstance(value, int) else float(value or 0)


def _statement(conditions: Conditions, data: ReportData, dates: tuple[date, date]) -> Query:
    """The columns after engineer and bank stand in the order of the fields of `Work`."""
    f = _facts(conditions, data, dates).c
    is_done, is_waiting = f.status == "completed", f.assigned.is_not(None) & f.started_at.is_(None)
    return select(
        f.assigned_engineer,
        f.client_bank,
        func.count(),
        count_where(is_done),
        count_where(f.status == "in_progress"),
        count_where(f.status == "cancelled"),
        count_where(f.status.not_in(CALL_STATUSES)),
        count_where(f.assigned.is_(None)),
        count_where(is_waiting & (f.status == "cancelled")),
        count_where(is_waiting & is_done),
        count_where(is_waiting),
        count_where(f.response < 0),
        count_where(f.response >= 0),
        func.sum(case((f.response >= 0, f.response))),
        count_where(is_done & f.first_assigned.is_(None)),
        count_where(is_done & (f.resolution < 0)),
        count_where(is_done & (f.resolution >= 0)),
        func.sum(case((is_done & (f.resolution >= 0), f.resolution))),
        count_where(is_done & f.completed_at.is_(None)),
        count_where(is_done & (f.done_after < f.late_after)),
        count_where(f.started_at.is_not(None)),
        count_where(f.started_at.is_not(None) & (f.is_located == 1)),
    ).group_by(f.assigned_engineer, f.client_bank)


def _facts(conditions: Conditions, data: ReportData, dates: tuple[date, date]) -> Subquery:
    """Per call: when its engineer got it, its first assignment, and minutes from these to start and completion.

    An engineer got a call with the latest event that hands it to him, or else at `assigned_at`.
    """
    held = (*_BY, call.status, call.scheduled_date, call.started_at, call.completed_at)
    events = call_events.c
    is_mine = case((events.to_engineer == call.assigned_engineer, events.at))
    assigned = coalesce(func.max(is_mine), call.assigned_at)
    first = coalesce(func.min(case((events.event_type == "ASSIGNED", events.at))), call.assigned_at)
    late = on_time_minutes(data.settings.zone, dates, data.settings.on_time_grace_days)
    hands_over = (events.call_id == call.id) & events.event_type.in_(("ASSIGNED", "REASSIGNED"))
    return (
        select(
            *held,
            assigned.label("assigned"),
            first.label("first_assigned"),
            minutes_between(assigned, call.started_at).label("response"),
            minutes_between(first, call.completed_at).label("resolution"),
            minutes_between(call.scheduled_date, call.completed_at).label("done_after"),
            case(*((call.scheduled_date <= day, minutes) for day, minutes in late)).label("late_after"),
            case((_IS_ON_EARTH[0] & _IS_ON_EARTH[1], 1), else_=0).label("is_located"),
        )
        .select_from(calls.outerjoin(call_events, hands_over))
        .where(*conditions)
        .group_by(without_index(call.id), *held, call.assigned_at, call.latitude, call.longitude)
        .subquery("facts")
    )
