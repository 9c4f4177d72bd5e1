"""A strategy of small odd worlds: banks, people, calls and all that hangs on them, every value ordinary or odd.

What the data model allows is drawn: nulls wherever a column takes them, codes that nobody knows, instants in disorder,
at the ends of local days and of SLA limits, and from other ages. It gives rows, and writes none.

Hypothesis draws how many calls there are, and a seed for all else: value by value, its first worlds would be poor ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, Double, Integer, String, Table

from shared.tables import (
    CALL_STATUSES,
    CALL_TYPES,
    DEVICE_ROLES,
    EVENT_TYPES,
    PHOTO_KINDS,
    PRIORITIES,
    banks,
    call_devices,
    call_events,
    calls,
    customer_surveys,
    devices,
    photos,
    user_profiles,
)
from tests.acceptance import odd_values as odd

T = TypeVar("T")
Row = dict[str, Any]
MOST_CALLS = 12
NEAR = 9  # days around the anchor in which most things happen
_DAYS = range(-NEAR, NEAR + 1)
_ANCHORS = (date(2026, 3, 8), date(2025, 11, 2), date(2026, 1, 1), date(2024, 2, 29))  # clocks, year, leap day
_CLOCKS = (  # of UTC: both zones' midnights and changes of the clocks, a moment before them, and whatever else
    *(time(0), time(3, 59, 59, 999_999), time(4), time(4, 59, 59, 999_999), time(5), time(6), time(7), time(9, 30)),
    *(time(12, 0, 0, 1), time(15, 20, 30, 500_000), time(18, 29, 59, 999_999), time(18, 30), time(23, 59, 59)),
)
_LAGS = (  # none, the limits of the SLA and the targets, and about
    *(timedelta(minutes=each) for each in (0, 0, 1, 14, 15, 60, 61, 120, 240, 480)),
    *(timedelta(hours=each) for each in (-3, 24, 48, 72, 96)),
    *(timedelta(microseconds=each) for each in (-1, 1, 60 * 60 * 10**6 + 1)),
)
_REASONS = ("engineer_unavailable", "parts_not_available", "wrong_address", "other", "site_locked", "", None)
_RATINGS = [each.name for each in customer_surveys.columns if isinstance(each.type, Integer)]


@dataclass(frozen=True)
class OddWorld:
    """Rows by table in an order in which they can be written, the day that all is about, and the instant of as-of."""

    rows: Mapping[Table, Sequence[Row]]
    anchor: date
    as_of: datetime

    def ids(self, table: Table) -> list[str]:
        """The ids of a table's rows."""
        return [row["id"] for row in self.rows[table]]


@st.composite
def odd_worlds(draw: st.DrawFn) -> OddWorld:
    """A handful of banks and people, and up to twelve calls."""
    number_of_calls = draw(st.sampled_from((1, 0, 3, 8, *[MOST_CALLS] * 4)))
    maker = _Maker(draw(st.randoms(use_true_random=True)))
    found = [maker.call(number) for number in range(number_of_calls)]
    hanging: dict[Table, list[Row]] = {table: [] for table in (photos, call_events, call_devices, customer_surveys)}
    for each in found:
        for table, row in maker.hanging(each):
            hanging[table].append(row)
    rows = {banks: maker.banks, user_profiles: maker.people, calls: found, devices: maker.devices, **hanging}
    return OddWorld(rows, maker.anchor, maker.as_of(found))


class _Maker:
    """Makes rows that refer to one another."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.anchor = self._one(_ANCHORS)
        days = [self._day(self._one(_DAYS)) for _ in range(random.randint(3, 9))]
        self._moments = [datetime.combine(day, self._one(_CLOCKS), UTC) for day in days]
        self.banks = [self._bank(number) for number in range(random.randint(1, 4))]
        self.people = [self._person(number) for number in range(random.randint(1, 5))]
        self.devices = [self._device(number) for number in range(random.randint(0, 4))]

    def instant(self, *, far: bool = True) -> datetime:
        """Near the anchor, or, rarely, in another age."""
        return self._one(odd.INSTANTS) if far and self._is_rare(40) else self._later(self._one(self._moments))

    def call(self, number: int) -> Row:
        """A call whose times follow one another, or come as they like."""
        assigned = self.instant()
        started = self.instant() if self._is_rare(3) else self._later(assigned)
        completed = self.instant() if self._is_rare(3) else self._later(self._one((assigned, started)))
        times = {"assigned_at": assigned, "started_at": started, "completed_at": completed, "updated_at": completed}
        return self._row(
            calls,
            number,
            type=self._code(("installation", *CALL_TYPES)),
            status=self._code(("completed", *CALL_STATUSES)),
            priority=self._code((*PRIORITIES, None)),
            client_bank=self._one([*self._ids(self.banks), None]),
            assigned_engineer=self._one([*self._ids(self.people), None]),
            scheduled_date=None if self._is_rare(15) else self._due(completed),
            metadata=self._metadata(),
            requires_device=self._one((None, True, False)),
            requires_photo=self._one((None, True, False)),
            client_id=self._one((None, "", "M1", "M1", f"M{number}")),
            **{name: None if self._is_rare(6) else at for name, at in times.items()},
        )

    def as_of(self, found: Sequence[Row]) -> datetime:
        """Whenever, or when a limit of one of the calls has just passed, or has not yet."""
        assigned = [row["assigned_at"] for row in found if row["assigned_at"] and self._is_near(row["assigned_at"])]
        return self._later(self._one(assigned)) if assigned and self._is_rare(2) else self.instant(far=False)

    def hanging(self, call: Row) -> Iterable[tuple[Table, Row]]:
        """Events, photos, devices and a survey of the call, or, rarely, of one that there is not."""
        for number in range(self._one((0, 0, 1, 2, 4, 6))):
            yield call_events, self._event(call, number)
        for number in range(self._one((0, 0, 1, 3))):
            kind = self._code(PHOTO_KINDS)
            yield photos, self._row(photos, number, call_id=call["id"], kind=kind, storage_path=self._one(odd.PATHS))
        for device in self.devices if self._is_rare(2) else ():
            for role in self._random.sample((*DEVICE_ROLES, "spare"), self._one((0, 1, 1, 2))):
                yield call_devices, {"call_id": call["id"], "device_id": device["id"], "role": role}
        if self._is_rare(2):
            ratings = {name: self._one((5, 4, 3, 2, 1, None)) for name in _RATINGS}
            owner = {"call_id": self._id() if self._is_rare(20) else call["id"], "comments": self._one(odd.COMMENTS)}
            yield customer_surveys, self._row(customer_surveys, 0, **owner, **ratings, survey_date=self.instant())

    def _event(self, call: Row, number: int) -> Row:
        assigned = call["assigned_at"]
        return self._row(
            call_events,
            number,
            call_id=self._id() if self._is_rare(30) else call["id"],
            at=self.instant() if assigned is None or self._is_rare(3) else self._later(assigned),
            event_type=self._one(EVENT_TYPES),
            from_status=self._code((None, None, *CALL_STATUSES)),
            to_status=self._code((None, None, *CALL_STATUSES)),
            from_engineer=self._anybody(),
            to_engineer=self._anybody(),
            actor_id=self._anybody(),
            from_date=self._one((None, self._day(-NEAR), self._day(0), self._day(3))),
            reason=self._one(_REASONS),
        )

    def _bank(self, number: int) -> Row:
        names = {"name": self._text(f"Bank {number}"), "code": self._text(f"B{number}")[:50]}
        return self._row(banks, number, **names, active=self._one((True, False)))

    def _person(self, number: int) -> Row:
        role = self._one(("engineer", "engineer", "admin", "bank_admin"))
        region = self._one(("North", "South", None, "नई दिल्ली", " "))
        names = {"full_name": self._text(f"Person {number}"), "subject": f"subject-{number}"}
        bank = self._one([*self._ids(self.banks), None])
        return self._row(user_profiles, number, **names, role=role, region=region, bank_id=bank)

    def _device(self, number: int) -> Row:
        bank = self._one([*self._ids(self.banks), None])
        texts = {"serial_number": self._one(odd.SERIALS), "model": self._one((None, "", self._text(f"Model {number}")))}
        return self._row(devices, number, **texts, bank_id=bank)

    def _row(self, table: Table, number: int, **values: Any) -> Row:
        """The values given; in the other columns ordinary ones, but odd ones or nothing in up to four."""
        others = [each for each in table.columns if each.name not in values and each.name != "id"]
        row = {"id": self._id(), **{each.name: self._ordinary(each, number) for each in others}, **values}
        for column in self._random.choices(others, k=self._random.randint(0, 4)) if others else ():
            is_empty = column.nullable and self._is_rare(2)
            row[column.name] = None if is_empty else self._odd(column, number)
        return row

    def _ordinary(self, column: Column[Any], number: int) -> Any:
        if isinstance(column.type, String):
            return f"{column.name} {number}"
        values = {Boolean: True, Double: 19.0 + number / 8, Integer: 30 + number, Date: self.anchor}
        found = [value for kind, value in values.items() if isinstance(column.type, kind)]
        if found or column.name in {"metadata", "updated_by", "uploaded_by"}:
            return found[0] if found else None
        return self.instant(far=False)

    def _odd(self, column: Column[Any], number: int) -> Any:
        if column.unique:
            return f"{self._one(odd.TEXTS)[:40]}{number}"
        if isinstance(column.type, String):
            return self._one(odd.TEXTS)[: column.type.length]
        kinds = {Boolean: (True, False), Double: odd.REALS, Integer: odd.NUMBERS, Date: (odd.DAY, self.anchor)}
        found = [values for kind, values in kinds.items() if isinstance(column.type, kind)]
        if found:
            return self._one(found[0])
        if column.name == "metadata":
            return self._metadata()
        return self._anybody() if column.name.endswith("_by") else self.instant()

    def _metadata(self) -> Any:
        if self._is_rare(3):
            return self._one(odd.METADATA)
        return {self._one(odd.KEYS): self._one(odd.VALUES) for _ in range(self._random.randint(0, 6))}

    def _later(self, at: datetime) -> datetime:
        """After as many minutes as limits count, or a little earlier; at the end of all dates there is no later."""
        return at if at.year == MAXYEAR else at + self._one(_LAGS)

    def _due(self, done: datetime) -> date:
        """Any of the days, or that on which it was done, the one before it or the one after it."""
        if self._is_rare(2) or not self._is_near(done):
            return self._day(self._one(_DAYS))
        return done.date() + timedelta(self._one((-1, 0, 1)))

    def _is_near(self, at: datetime) -> bool:
        return abs(at.date() - self.anchor) <= timedelta(2 * NEAR)

    def _code(self, known: Sequence[T]) -> T | str:
        """One of the codes, or, rarely, one that nobody knows."""
        return self._one(("on_hold", "zz top", "")) if self._is_rare(25) else self._one(known)

    def _anybody(self) -> str | None:
        """A person, nobody, or somebody who is not known (any more)."""
        return self._id() if self._is_rare(15) else self._one([*self._ids(self.people), None])

    def _text(self, ordinary: str) -> str:
        return self._one(odd.TEXTS)[:255] if self._is_rare(5) else ordinary

    def _one(self, values: Sequence[T]) -> T:
        return self._random.choice(values)

    def _is_rare(self, often: int) -> bool:
        """True about once in so many times."""
        return self._random.randrange(often) == 0

    def _day(self, days: int) -> date:
        return self.anchor + timedelta(days)

    def _id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def _ids(self, rows: Iterable[Row]) -> list[str]:
        return [row["id"] for row in rows]
