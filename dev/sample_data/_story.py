"""The life of one call as a value: when it was made, given out, bounced, begun and ended; knows no table, no chance."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dev.sample_data._merchants import Merchant
from dev.sample_data._people import Bank, Engineer
from shared.clock import local_midnight


class Calendar:
    """The days of the world; nothing in it happens later than `now`, the first instant of `until`."""

    def __init__(self, until: date, zone: ZoneInfo) -> None:
        """Takes the first day that has not begun, and the business zone."""
        self.until = until
        self.midnight = lru_cache(maxsize=1_000)(lambda day: local_midnight(day, zone))
        self.now: datetime = self.midnight(until)

    def age(self, day: date) -> int:
        """Days from `day` to `until`: 1 is yesterday, 0 and less are still to come."""
        return (self.until - day).days


class Order(NamedTuple):
    """One call as it is ordered: its number in the world, the day it is scheduled for in the end, and for whom."""

    number: int
    day: date
    bank: Bank | None
    merchant: Merchant


class Bounce(NamedTuple):
    """The call changed hands (engineers) or was moved (days)."""

    at: datetime
    kind: str
    reason: str
    from_engineer: Engineer | None = None
    to_engineer: Engineer | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class Story:
    """The life of a call up to now; what has not happened is None."""

    order: Order
    type: str
    priority: str | None
    status: str
    moves: tuple[int, ...]  # days of each bounce; 0 means that the call only changes hands
    created: datetime
    engineer: Engineer | None = None
    assigned: datetime | None = None
    bounces: tuple[Bounce, ...] = ()
    started: datetime | None = None
    completed: datetime | None = None
    cancelled: datetime | None = None

    @property
    def first_day(self) -> date:
        """The day for which the call was made."""
        return self.order.day - timedelta(days=sum(self.moves))

    @property
    def first_engineer(self) -> Engineer | None:
        """Who got the call first."""
        return next((bounce.from_engineer for bounce in self.bounces if bounce.from_engineer), self.engineer)

    @property
    def last_assigned(self) -> datetime | None:
        """When the engineer who has the call now got it."""
        return next((bounce.at for bounce in reversed(self.bounces) if bounce.to_engineer), self.assigned)

    @property
    def last_change(self) -> datetime:
        """When something happened last."""
        last_bounce = self.bounces[-1].at if self.bounces else None
        return self.completed or self.cancelled or self.started or last_bounce or self.assigned or self.created
