"""The metric dictionary: pure arithmetic behind the figures, each with its unit and its formula in reports.md §1."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.clock import local_midnight
from shared.reports._period import days_of
from shared.settings import SlaLimits


def average(total: float, count: int) -> float | None:
    """Arithmetic mean in the unit of `total`; None over nothing (reports.md §1, averages)."""
    return total / count if count else None


def share(part: int, whole: int) -> float | None:
    """Percent, 0 to 100, of `part` in `whole`; None over nothing, never 0 (reports.md §1, blank, zero, n/a)."""
    return 100.0 * part / whole if whole else None


def sla_minutes(limits: SlaLimits) -> Mapping[str, int]:
    """Response limit in minutes by priority; a call without one counts as medium (reports.md §1, response SLA)."""
    return {"urgent": limits.urgent, "high": limits.high, "medium": limits.medium, "low": limits.low}


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
