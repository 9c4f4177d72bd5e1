"""How many calls were in each open state at the ends of periods, from the states they went through; reads no status."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
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


def backlogs(
    conditions: Sequence[ColumnElement[bool]], data: ReportData, since: datetime, ends: Sequence[datetime]
) -> list[Backlog]:
    """The backlog right before each of `ends`, in order of time, none of them before `since`.

    Reads the log of all calls that had not ended before `since`, and holds none of them.
    """
    changes = [[0] * (len(ends) + 1) for _ in range(_BY_TIMES + 1)]  # by state, from each end to the next
    for journey, is_logged in journeys(conditions, data, since):
        starts = [bisect_right(ends, at) for at, _ in journey]
        changes[_NOT_YET][0] += 1
        changes[_NOT_YET][starts[0]] -= 1
        for (_, state), start, until in zip(journey, starts, [*starts[1:], len(ends)], strict=True):
            if state < COMPLETED and start != until:
                for counted in (state,) if is_logged else (state, _BY_TIMES):
                    changes[counted][start] += 1
                    changes[counted][until] -= 1
    open_states = (PENDING, ASSIGNED, IN_PROGRESS, _BY_TIMES, _NOT_YET)
    counts = (list(accumulate(changes[state]))[:-1] for state in open_states)
    return [Backlog(*numbers) for numbers in zip(*counts, strict=True)]
