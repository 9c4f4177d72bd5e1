"""The metric dictionary: pure arithmetic behind the figures, each with its unit and its formula in reports.md §1."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import floor, fsum, sqrt
from typing import Literal
from zoneinfo import ZoneInfo

from shared.clock import local_midnight
from shared.reports._period import days_of
from shared.settings import ResolutionTargets, SlaLimits

SlaState = Literal["Met", "Breached", "Open"]


def average(total: float, count: int) -> float | None:
    """Arithmetic mean in the unit of `total`; None over nothing (reports.md §1, averages)."""
    return total / count if count else None


def share(part: int, whole: int) -> float | None:
    """Percent, 0 to 100, of `part` in `whole`; None over nothing, never 0 (reports.md §1, blank, zero, n/a)."""
    return 100.0 * part / whole if whole else None


def percentile(ordered: Sequence[float], q: float) -> float | None:
    """The `q` quantile, 0 to 1, of ascending `ordered` in their unit; None over nothing (reports.md §1, percentiles).

    Linear interpolation between the two nearest: the rule of SQL's PERCENTILE_CONT.
    """
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(ordered: Sequence[float]) -> float | None:
    """Middle of ascending `ordered` in their unit, the 0.5 quantile; None over nothing (reports.md §1, percentiles)."""
    return percentile(ordered, 0.5)


def sample_deviation(values: Sequence[float]) -> float | None:
    """Sample standard deviation (n - 1) in the unit of `values`; None under 2 of them (reports.md §1, averages)."""
    if len(values) < 2:  # noqa: PLR2004 because one value has no spread
        return None
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def percent_ranks(values: Sequence[float]) -> list[float]:
    """Percent, 0 to 100, of the other values that are smaller, in the order given (reports.md §3.7, PERCENT_RANK).

    The smallest has 0, equal ones share theirs, one alone has 0.
    """
    ordered = sorted(values)
    others = max(len(values) - 1, 1)
    return [100.0 * bisect_left(ordered, value) / others for value in values]


def sla_minutes(limits: SlaLimits) -> Mapping[str, int]:
    """Response limit in minutes by priority; a call without one counts as medium (reports.md §1, response SLA)."""
    return {"urgent": limits.urgent, "high": limits.high, "medium": limits.medium, "low": limits.low}


def sla_state(response: float | None, waited: float | None, limit: float) -> SlaState | None:
    """State under the response SLA, all in minutes; None for a call that has none (reports.md §1, response SLA).

    `response` is the time to the start, None before it; `waited` that of a call not started and not cancelled to as-of.
    """
    minutes = waited if response is None else response
    if minutes is None or (response is not None and response < 0):
        return None
    if minutes > limit:
        return "Breached"
    return "Open" if response is None else "Met"


def target_minutes(targets: ResolutionTargets) -> Mapping[str, int]:
    """Resolution target in minutes by type of call; the settings hold hours (reports.md §3.9)."""
    return {name: 60 * hours for name, hours in targets.model_dump().items()}


def elapsed_minutes(start: datetime | None, end: datetime | None) -> float | None:
    """Calendar minutes from `start` to `end`, negative when swapped; None unless both are there (reports.md §1)."""
    return None if start is None or end is None else (end - start).total_seconds() / 60


def on_time_minutes(zone: ZoneInfo, dates: tuple[date, date], grace_days: int) -> list[tuple[date, float]]:
    """Minutes from a scheduled date's midnight in UTC to the first instant that is late (reports.md §1, on time).

    Each stands with the last scheduled date it holds for: the number changes only when the zone changes its clocks.
    """
    runs: list[tuple[date, float]] = []
    for day in days_of(*dates):
        late = local_midnight(day + timedelta(days=grace_days + 1), zone)
        minutes = (late - datetime.combine(day, time.min, UTC)).total_seconds() / 60
        if runs and runs[-1][1] == minutes:
            runs.pop()
        runs.append((day, minutes))
    return runs
