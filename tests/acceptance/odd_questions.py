"""A strategy of what reports are asked about an odd world: dates, banks, and each report's own filters and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.tables import CALL_STATUSES, CALL_TYPES, PRIORITIES, banks, calls, user_profiles
from tests.acceptance.odd_worlds import NEAR, OddWorld
from tests.acceptance.oracle.call_details_fsp import HEADINGS

T = TypeVar("T")
Params = dict[str, Any]
ZONES = ("Asia/Kolkata", "America/New_York")


@dataclass(frozen=True)
class Asked:
    """Parameters by report; the banks that the person may see (None: all), the zone, and settings of figures."""

    params: Mapping[str, Params]
    allowed: Sequence[str] | None
    zone: ZoneInfo
    grace_days: int
    enough: int  # completed calls that make a sample
    formats: Mapping[str, Sequence[int]]  # places of the FSP columns that a bank wants


@st.composite
def questions(draw: st.DrawFn, world: OddWorld) -> Asked:
    """One question for each report, all about the same dates and banks."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    random = draw(st.randoms(use_true_random=True))
    asker = _Asker(random, world, zone)
    columns = range(len(HEADINGS))
    wishes = {
        bank: random.sample(columns, random.randint(1, 4)) for bank in world.ids(banks) if random.random() < 1 / 2
    }
    return Asked(asker.params(), asker.allowed, zone, random.randint(0, 1), random.randint(1, 3), wishes)


class _Asker:
    def __init__(self, random: Random, world: OddWorld, zone: ZoneInfo) -> None:
        self._random, self._world, self._zone = random, world, zone
        everything = world.ids(banks)
        self.allowed = self._some(everything)
        self._banks = self._some(self.allowed or everything)

    def params(self) -> dict[str, Params]:
        """By report."""
        dated = _with(self._dates(), banks=self._banks)
        people = self._world.ids(user_profiles)
        regions = sorted({row["region"] for row in self._world.rows[user_profiles] if row["region"]})
        return {
            "call-summary": _with(dated, status=self._some(CALL_STATUSES), priority=self._some(PRIORITIES)),
            "call-details": _with(
                dated,
                engineers=self._some(people),
                regions=self._some(regions),
                status=self._some(CALL_STATUSES),
                callType=self._some(CALL_TYPES),
                priority=self._some(PRIORITIES),
            ),
            "call-details-fsp": _with(dated, fspFormat=self._random.choice((None, "standard", "custom"))),
            "call-type-specific": _with(dated, selectedCallType=self._random.choice(CALL_TYPES)),
            "call-details-activity": self._one_call(dated),
            "rolling-volume": _with(dated, granularity=self._random.choice(("daily", "weekly", "monthly"))),
            "service-performance": _with(dated, engineers=self._some(people), regions=self._some(regions)),
            "response-tat": _with(dated, priority=self._some(PRIORITIES)),
            "resolution-tat": _with(dated, callType=self._some(CALL_TYPES)),
            "bounce-call": dated,
            "pending-ageing": _with({}, banks=self._banks, **self._age()),
            "post-installation-survey": _with(dated, minRating=self._random.choice((None, None, 1, 2, 3, 4, 5))),
        }

    def _dates(self) -> Params:
        """All days of the world, or some of them."""
        ends = self._random.choice(((-NEAR, NEAR), self._random.choices(range(-NEAR, NEAR + 1), k=2)))
        first, last = (self._world.anchor + timedelta(days) for days in sorted(ends))
        return {"dateFrom": f"{first}", "dateTo": f"{last}"}

    def _one_call(self, dated: Params) -> Params:
        """Of all calls, of one of the days, or of one of whatever day."""
        numbers = [row["call_number"] for row in self._world.rows[calls] if row["call_number"]]
        number = self._random.choice([*numbers, "nobody's"])
        whenever = _with({}, banks=self._banks, specificCallNumber=number)
        return self._random.choice((dated, dated, {**dated, "specificCallNumber": number}, whenever))

    def _age(self) -> Params:
        today: date = self._world.as_of.astimezone(self._zone).date()
        days = self._random.randint(0, NEAR)
        return {
            "asOfDate": self._random.choice((None, f"{today - timedelta(days)}")),
            "minDaysOpen": self._random.choice((None, None, days)),
        }

    def _some(self, values: Sequence[T]) -> list[T] | None:
        """Some of the values about once in four times; else no filter."""
        if not values or self._random.randrange(4):
            return None
        return self._random.sample(values, self._random.randint(1, min(3, len(values))))


def _with(given: Params, **more: Any) -> Params:
    return given | {name: value for name, value in more.items() if value is not None}
