"""When things fall due, the next one first; knows no clock and no timer."""

import heapq
import itertools
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_SLACK = 64  # stale entries that are not worth a clean-up


class Deadlines(Generic[K]):
    """A time in seconds for each key; changing or dropping one leaves a stale entry in the heap, swept now and then."""

    def __init__(self) -> None:
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._ties = itertools.count()

    def __contains__(self, key: K) -> bool:
        return key in self._due

    def set(self, key: K, when: float) -> None:
        """Gives the key its time, in place of the one it had."""
        self._due[key] = when
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            self._heap = [(due, next(self._ties), each) for each, due in self._due.items()]
            heapq.heapify(self._heap)
        else:
            heapq.heappush(self._heap, (when, next(self._ties), key))

    def drop(self, key: K) -> None:
        """Forgets the key, if it is there."""
        self._due.pop(key, None)

    def next(self) -> float | None:
        """The earliest time, None when there is no key."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Iterator[K]:
        """Takes out, in their order, the keys whose time has come."""
        while (when := self.next()) is not None and when <= now:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            yield key

    def clear(self) -> None:
        """Forgets every key."""
        self._due.clear()
        self._heap.clear()
