"""How many calls were in each open state at the ends of periods, from the states they went through; reads no status."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from sqlalchemy import ColumnElement

from shared.reports._call_events import (
    ASSIGNED,
    CANCELLED,
    COMPLETED,
    IN_PROGRESS,
    PENDING,
    journeys,
)
from shared.reports._model import ReportData

_NOT_YET, _BY_TIMES = CANCELLED + 1, CANCELLED + 2  # beside the states of calls


@dataclass(frozen=True)
class Backlog:
    """The calls open at one instant by state, how many of them only their timestamps tell, and those still to come."""

    pending: int
    assigned: int
    in_progress: int
    by_times: int
    not_yet: int

    @property
    def open(self) -> int:
        """All that are neither completed nor cancelled."""
        return self.pending + self.assigned + self.in_progress


@dataclass
class _Changes:
    """For each state, by how many the calls in it change from one end of a period to the next."""

    ends: Sequence[int]
    by_state: dict[int, list[int]] = field(default_factory=dict)

    def add(self, state: int, since: int, until: int | None) -> None:
        """A call was in the state from one quarter of an hour to another, or for good."""
        found = self.by_state.setdefault(state, [0] * (len(self.ends) + 1))
        found[bisect_right(self.ends, since)] += 1
        if until is not None:
            found[bisect_right(self.ends, until)] -= 1

    def counts(self, state: int) -> list[int]:
        """Calls in the state at each end."""
        return list(accumulate(self.by_state.get(state, [0] * (len(self.ends) + 1))))[:-1]


def backlogs(
    conditions: Sequence[ColumnElement[bool]], data: ReportData, since: datetime, ends: Sequence[int]
) -> list[Backlog]:
    """The backlog right before each of `ends`, quarters of an hour in order of time, none of them before `since`.

    Reads the log of all calls that had not ended before `since`, and holds none of them.
    """
    changes = _Changes(ends)
    for journey, is_logged in journeys(conditions, data, since):
        changes.add(_NOT_YET, 0, journey[0][0])
        untils = [*(at for at, _ in journey[1:]), None]
        for (begun, state), until in zip(journey, untils, strict=True):
            if state < COMPLETED:
                changes.add(state, begun, until)
                if not is_logged:
                    changes.add(_BY_TIMES, begun, until)
    counted = (changes.counts(each) for each in (PENDING, ASSIGNED, IN_PROGRESS, _BY_TIMES, _NOT_YET))
    return [Backlog(*numbers) for numbers in zip(*counted, strict=True)]
