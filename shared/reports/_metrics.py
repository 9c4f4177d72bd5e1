"""The metric dictionary: pure arithmetic behind the figures, each with its unit and its formula in reports.md §1."""

from collections.abc import Mapping

from shared.settings import SlaLimits


def average(total: float | None, count: int | None) -> float | None:
    """Arithmetic mean in the unit of `total`; None over nothing (reports.md §1, averages)."""
    return float(total) / count if total is not None and count else None


def share(part: int | None, whole: int | None) -> float | None:
    """Percent, 0 to 100, of `part` in `whole`; None over nothing, never 0 (reports.md §1, blank, zero, n/a)."""
    return 100.0 * (part or 0) / whole if whole else None


def sla_minutes(limits: SlaLimits) -> Mapping[str, int]:
    """Response limit in minutes by priority; a call without one counts as medium (reports.md §1, response SLA)."""
    return {"urgent": limits.urgent, "high": limits.high, "medium": limits.medium, "low": limits.low}
