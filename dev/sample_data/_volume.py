"""How many calls each bank has on each day of the sample world; the counts add up to exactly what was asked for."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from dev.sample_data._people import BANKS, BUSIEST, NO_BANK_SHARE, Bank

DAYS_BEFORE, DAYS_AHEAD = 389, 11  # 400 days; `until` itself is the first of those ahead
_WEEKDAYS = (1.15, 1.1, 1.05, 1.05, 1.1, 0.8, 0.12)
_HOLIDAYS = {(1, 26), (8, 15), (10, 2), (12, 25)}
# The busiest bank exchanges its devices in the last month: in per cent of all calls of the world.
_ROLLOUT_LAST_WEEK, _ROLLOUT_BEFORE = 5.8, 5.0
_ROLLOUT_DAYS, _WEEK = 30, 7


def day_counts(chance: Random, calls: int, until: date) -> Iterator[tuple[date, Bank | None, int]]:
    """Days in order, each with every bank (None: no bank) and how many calls are scheduled."""
    ordinary = [(day, bank, share) for day in _days(until) for bank, share in _day_shares(chance, day, until)]
    scale = (100 - _ROLLOUT_LAST_WEEK - _ROLLOUT_BEFORE) / sum(share for _, _, share in ordinary)
    shares = [share * scale + (_rollout(day, until) if bank is BUSIEST else 0.0) for day, bank, share in ordinary]
    upto, total, given = 0.0, sum(shares), 0
    for (day, bank, _), share in zip(ordinary, shares, strict=True):
        upto += share
        due = int(upto / total * calls + 1e-6)
        yield day, bank, due - given
        given = due


def _days(until: date) -> Iterator[date]:
    return (until + timedelta(days=offset) for offset in range(-DAYS_BEFORE, DAYS_AHEAD))


def _day_shares(chance: Random, day: date, until: date) -> Iterator[tuple[Bank | None, float]]:
    """The banks' shares of an ordinary day: the weekday's, growing over the year, thinning out ahead of `until`."""
    ahead = (day - until).days
    growth = 1 + (ahead + DAYS_BEFORE) / 1_000
    known_already = 1.0 if ahead < 0 else 0.8 - 0.07 * ahead
    volume = _day_volume(day) * growth * known_already
    for bank in BANKS:
        yield bank, bank.share * volume * (0.8 + 0.4 * chance.random())
    yield None, NO_BANK_SHARE * volume


def _day_volume(day: date) -> float:
    return 0.05 if (day.month, day.day) in _HOLIDAYS else _WEEKDAYS[day.weekday()]


def _rollout(day: date, until: date) -> float:
    """The day's part of the exchange of devices; any seven days in a row hold each weekday once."""
    before = (until - day).days
    if not 1 <= before <= _ROLLOUT_DAYS:
        return 0.0
    a_week = _ROLLOUT_LAST_WEEK if before <= _WEEK else _ROLLOUT_BEFORE * _WEEK / (_ROLLOUT_DAYS - _WEEK)
    return a_week * _WEEKDAYS[day.weekday()] / sum(_WEEKDAYS)
