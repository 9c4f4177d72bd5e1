"""Dates and instants as the serial numbers of spreadsheets: days since 1899-12-30, wall clock of a zone, exact.

Source: ECMA-376 part 1, 18.17.4.1, the 1900 date base.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.clock import local_time
from shared.rendering._zone_offsets import ZoneOffsets

FIRST_SERIAL = 61  # 1900-03-01; before it Excel counts a day that never was
_NIGHT_BEFORE = date(1899, 12, 30)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 wall clock: a zone's time without the zone
_DAY = timedelta(days=1)


def day_serial(day: date) -> int:
    """The serial number of a calendar date."""
    return day.toordinal() - _NIGHT_BEFORE.toordinal()


class WallClock:
    """The clock of a zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets = ZoneOffsets(zone)

    def read(self, at: datetime) -> datetime:
        """The naive local time of an aware instant."""
        return local_time(at, self._zone).replace(tzinfo=None)

    def serials(self, instants: Sequence[datetime | None]) -> list[float | None]:
        """The serial numbers of aware instants, as exact as a double: fewer digits show the wrong second."""
        offset = self._offsets.steady([at for at in instants if at is not None])
        if offset is None:
            return [None if at is None else (self.read(at) - _EPOCH) / _DAY for at in instants]
        start = _EPOCH.replace(tzinfo=UTC) - offset
        return [None if at is None else (at - start) / _DAY for at in instants]
