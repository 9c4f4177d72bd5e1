"""What a figure of a report is, and how figures become tiles; knows no figure itself and reads no database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.document import Cell, Kind, Kpi
from shared.settings import RenderSettings, ResolutionTargets, SlaLimits

T = TypeVar("T")


@dataclass(frozen=True)
class Figure(Generic[T]):
    """One figure over facts `T`: a tile's or column's key, exact heading and kind, its formula in words, and its value.

    The words may name `{grace}` (days), `{limits}` (minutes by priority) and `{targets}` (hours by type).
    """

    key: str
    label: str
    kind: Kind
    formula: str
    value: Callable[[T], Cell]


def tiles(figures: Sequence[Figure[T]], now: T, before: T, settings: RenderSettings) -> tuple[Kpi, ...]:
    """The figures of this period with those of the previous one."""
    words = {
        "grace": settings.on_time_grace_days,
        "limits": _listed(settings.sla_limits),
        "targets": _listed(settings.resolution_targets),
    }
    return tuple(
        Kpi(each.key, each.label, each.kind, each.value(now), each.value(before), each.formula.format_map(words))
        for each in figures
    )


def _listed(numbers: SlaLimits | ResolutionTargets) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.model_dump().items())
