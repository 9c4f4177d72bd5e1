"""Time: the clock a use case takes by argument, time-ordered ids, and the business zone; reads no setting."""

import secrets
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: sorts as it counts
_TIME_DIGITS, _RANDOM_DIGITS = 10, 16


class Clock(Protocol):
    """Where a process reads time: the wall (aware, UTC) and a monotonic count of seconds."""

    def now(self) -> datetime:
        """The current instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, for durations."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is moved; the twin of `SystemClock` for equal files and exact tests."""

    def __init__(self, at: datetime) -> None:
        """Starts at the aware instant `at`."""
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._at

    def monotonic(self) -> float:
        """Seconds of the instant it stands at."""
        return self._at.timestamp()

    def advance(self, by: timedelta) -> None:
        """Moves the clock forward by `by`."""
        self._at += by


def new_id(prefix: str, at: datetime) -> str:
    """A new id `{prefix}_{26 characters}` that sorts by the millisecond of `at`, with 80 random bits."""
    return (
        f"{prefix}_{_base32(int(at.timestamp() * 1000), _TIME_DIGITS)}{_base32(secrets.randbits(80), _RANDOM_DIGITS)}"
    )


def _base32(number: int, digits: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in range(digits - 1, -1, -1))


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in `zone`; where midnight is skipped, the first instant after it."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_time(at: datetime, zone: ZoneInfo) -> datetime:
    """The aware instant `at` by the clock of `zone`; by UTC's where the zone's would lie outside the calendar."""
    try:
        return at.astimezone(zone)
    except OverflowError:  # 9999-12-31 as "never", east of Greenwich
        return at.astimezone(UTC)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The calendar date of the aware instant `at` in `zone`."""
    return local_time(at, zone).date()
