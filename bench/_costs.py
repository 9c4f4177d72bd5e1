"""What one file cost, the middle of several, and whether claims hold; measures nothing itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """What one file took: seconds, and bytes of memory at its highest and of the file.

    Memory is that above the idle process, or of all processes: each benchmark says which.
    """

    cpu: float
    wall: float
    peak: int
    size: int


Costs = Mapping[tuple[int, str], Cost]  # by rows and writer


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians of the seconds, and the highest memory."""
    cpu, wall = median(cost.cpu for cost in costs), median(cost.wall for cost in costs)
    return Cost(cpu, wall, max(cost.peak for cost in costs), costs[0].size)


def told(claims: Iterable[tuple[str, bool]]) -> bool:
    """Prints each claim with whether it holds, and says whether all do."""
    held = list(claims)
    print("", *(f"- {'holds' if holds else 'FAILS'}: {claim}" for claim, holds in held), sep="\n", flush=True)
    return all(holds for _, holds in held)
