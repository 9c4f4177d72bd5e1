"""Scores and ranks of engineers: pure arithmetic over their rates and averages; knows no call."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from shared.reports._metrics import percent_ranks

_SAME = 9  # decimals within which two numbers are equal, whatever the order in which a database added


@dataclass(frozen=True)
class Performance:
    """What an engineer is measured by: percent, and mean minutes; None where there is nothing to measure."""

    completion_rate: float | None
    response: float | None
    resolution: float | None
    on_time: float | None
    first_time_fix: float | None


def scores(measured: Sequence[Performance]) -> list[float | None]:
    """Scores, 0 to 100, of engineers who are each other's population, in their order (reports.md §3.7, score).

    0.30 completion rate + 0.20 (100 − response percentile) + 0.20 (100 − resolution percentile) + 0.15 on-time rate
    + 0.15 first-time-fix rate. A part without a value is left out and the other weights are scaled to 1.
    """
    responses = _speed([each.response for each in measured])
    resolutions = _speed([each.resolution for each in measured])
    return [_score(*parts) for parts in zip(measured, responses, resolutions, strict=True)]


def score_alone(measured: Performance) -> float | None:
    """The score of an engineer outside the population: the parts that compare him with it have no value."""
    return _score(measured, None, None)


def ranks(values: Sequence[float | None]) -> list[int | None]:
    """Rank of each score, the highest first; equal scores share one and the next are skipped; None has none."""
    ordered = sorted(round(each, _SAME) for each in values if each is not None)
    return [None if each is None else 1 + len(ordered) - bisect_right(ordered, round(each, _SAME)) for each in values]


def _score(measured: Performance, response: float | None, resolution: float | None) -> float | None:
    """The weights are hundredths, so that no score is above 100 by the last bit."""
    weighted = (
        (30, measured.completion_rate),
        (20, response),
        (20, resolution),
        (15, measured.on_time),
        (15, measured.first_time_fix),
    )
    parts = [(weight, value) for weight, value in weighted if value is not None]
    return fsum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts) if parts else None


def _speed(averages: Sequence[float | None]) -> list[float | None]:
    """100 − percentile of each average among those that there are."""
    there = [round(each, _SAME) for each in averages if each is not None]
    found = iter(percent_ranks(there))
    return [None if each is None else 100 - next(found) for each in averages]
