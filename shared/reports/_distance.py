"""Distances between the places where engineers began their calls; pure arithmetic over a stream, reads no database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from shared.clock import local_date

_EARTH_RADIUS_KM = 6_371.0  # the mean one
MAX_LATITUDE, MAX_LONGITUDE = 90, 180  # degrees; what lies beyond them is no place

Place = tuple[float, float]  # latitude and longitude in degrees
Holder = tuple[str, str | None]


@dataclass(frozen=True)
class Stop:
    """A call that an engineer began, for a bank (None: for none), somewhere."""

    engineer: str
    bank: str | None
    at: datetime
    place: Place


@dataclass(frozen=True)
class Distances:
    """Kilometres by engineer, and by engineer and bank: between his consecutive calls for that bank alone."""

    by_engineer: Mapping[str, float]
    by_bank: Mapping[Holder, float]


def great_circle_km(start: Place, end: Place) -> float:
    """Kilometres along the surface of a sphere of 6,371 km (the haversine formula; reports.md §3.7, distance)."""
    (latitude, longitude), (other_latitude, other_longitude) = start, end
    north, east = radians(other_latitude - latitude), radians(other_longitude - longitude)
    chord = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(east / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def distances(stops: Iterable[Stop], zone: ZoneInfo) -> Distances:
    """Sums over the steps between consecutive stops of one local day; `stops` in the order in which they began."""
    by_engineer: defaultdict[str, float] = defaultdict(float)
    by_bank: defaultdict[Holder, float] = defaultdict(float)
    here: dict[str, tuple[date, Place]] = {}
    here_for_bank: dict[Holder, tuple[date, Place]] = {}
    for stop in stops:
        now = (local_date(stop.at, zone), stop.place)
        key = (stop.engineer, stop.bank)
        last, last_for_bank = here.get(stop.engineer), here_for_bank.get(key)
        step = _step(last, now)
        by_engineer[stop.engineer] += step
        by_bank[key] += step if last is last_for_bank else _step(last_for_bank, now)
        here[stop.engineer] = here_for_bank[key] = now
    return Distances(by_engineer, by_bank)


def _step(before: tuple[date, Place] | None, now: tuple[date, Place]) -> float:
    return great_circle_km(before[1], now[1]) if before is not None and before[0] == now[0] else 0.0
