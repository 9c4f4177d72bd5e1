"""A zone's offset from UTC for whole columns of instants, so that it need not be asked for each; writes nothing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_LONGEST_SPAN = timedelta(days=1_000)  # over which the zone is asked day by day
_MOST_DAYS = 10_000  # remembered
_MARGIN = 2  # days: the instants' own zones may be a day off, and the last day has an end


class ZoneOffsets:
    """The offsets of one zone; remembers them by day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._by_day: dict[int, timedelta | None] = {}

    def steady(self, instants: Sequence[datetime]) -> timedelta | None:
        """The offset that the zone has on all the days that these instants lie on or between.

        None where it changes, where the instants lie very far apart, or so near the calendar's ends that local time
        may lie outside it, and where there are none.
        """
        if not instants:
            return None
        first, last = min(instants), max(instants)
        if last - first > _LONGEST_SPAN or first.year <= date.min.year + 1 or last.year >= date.max.year - 1:
            return None
        if len(self._by_day) > _MOST_DAYS:
            self._by_day.clear()
        days = range(first.toordinal() - _MARGIN, last.toordinal() + _MARGIN + 1)
        offsets = {self._by_day[day] if day in self._by_day else self._ask(day) for day in days}
        return offsets.pop() if len(offsets) == 1 else None

    def _ask(self, day: int) -> timedelta | None:
        midnight = datetime.fromordinal(day).replace(tzinfo=UTC)
        found = self._by_day[day] = midnight.astimezone(self._zone).utcoffset()
        return found
