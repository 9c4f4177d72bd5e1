"""A meter for files that nobody waits for: the gallery's, the tests' and the benchmarks'; imports nothing."""

from collections.abc import Callable


class StillMeter:
    """A meter that nobody reads."""

    def begin(self, rows_total: int | None, cancel: Callable[[], None]) -> None:
        """Takes no notice."""

    def advance(self, rows: int) -> None:
        """Takes no notice."""
