"""How many minutes are spread: mean, percentiles and deviation over sorted numbers; keeps numbers alone, no call."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import chain
from math import fsum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from shared.reports._metrics import average, median, percentile, sample_deviation

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Numbers: TypeAlias = "array[float]"
T = TypeVar("T", bound="DataclassInstance")


def numbers() -> Numbers:
    """Room for floating numbers, eight bytes each."""
    return array("d")


def summed(whole: T, parts: Iterable[T]) -> T:
    """`whole`, an empty dataclass of counts and numbers, with every field of the parts added to its own."""
    for part in parts:
        for each in fields(whole):
            setattr(whole, each.name, getattr(whole, each.name) + getattr(part, each.name))
    return whole


@dataclass(frozen=True)
class Spread:
    """Durations in minutes, ascending."""

    ordered: Numbers

    @classmethod
    def of(cls, *parts: Iterable[float]) -> "Spread":
        """The durations of all parts together."""
        return cls(array("d", sorted(chain.from_iterable(parts))))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ordered)

    @property
    def mean(self) -> float | None:
        """Arithmetic mean; None over nothing."""
        return average(fsum(self.ordered), self.count)

    @property
    def median(self) -> float | None:
        """The middle; None over nothing."""
        return median(self.ordered)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation; None under two."""
        return sample_deviation(self.ordered)

    def percentile(self, percent: int) -> float | None:
        """The percentile, 0 to 100; None over nothing."""
        return percentile(self.ordered, percent / 100)

    def within(self, edges: Iterable[float]) -> list[int]:
        """How many lie in each bucket [a, b) of the ascending edges; the last bucket has no end, nothing is below 0."""
        starts = [bisect_left(self.ordered, edge) for edge in edges]
        return [end - start for start, end in zip(starts, [*starts[1:], self.count], strict=True)]
