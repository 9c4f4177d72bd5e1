"""Service Performance and Bounce Call over a small world with every reason to be left out, and every odd value."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import isclose
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from shared.access.scope import BankScope, ScopedReader
from shared.clock import local_date
from shared.ports import Services
from shared.reports import ReportData
from shared.reports._bounces import bounced_calls, bounced_ids, count_bounced
from shared.tables import call_events, calls, customer_surveys
from tests.acceptance.comparing import KOLKATA, assert_same, question
from tests.acceptance.oracle import bounce_call, service_performance
from tests.acceptance.oracle.records import World as Rows
from tests.acceptance.oracle.records import from_database
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.jobs import files, run, submitted, with_settings
from tests.world import World

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAST = datetime.combine(local_date(NOW, KOLKATA) - 5 * DAY, time(9), KOLKATA)  # a day's work ends before its midnight
REPORTS: dict[str, Any] = {"service-performance": service_performance, "bounce-call": bounce_call}
_LARGEST = 10_000_000  # bytes


def _today() -> date:
    return local_date(NOW, KOLKATA)


def _params(**more: Any) -> dict[str, Any]:
    """Ten days before today and five after."""
    return {"dateFrom": f"{_today() - 10 * DAY}", "dateTo": f"{_today() + 5 * DAY}", **more}


def _ordered(services: Services, report: str, params: Mapping[str, Any]) -> tuple[Opened, datetime]:
    """The workbook that a job makes, and the instant that its numbers are of."""
    body = {"reportId": report, "params": params, "output": {"format": "xlsx"}}
    world = World(services)
    row = run(services, submitted(services, world, world.person(subject=str(uuid4())), body))
    assert row.status == "completed", row.error
    return opened(files(services).read(row.blob_name, _LARGEST)), row.data_as_of


def _rows(services: Services) -> Rows:
    return from_database(services.settings.database_url.replace("+psycopg", ""))


class _Planted:
    """One row per reason for which something is left out."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alpha, self.beta = world.bank("=Alpha"), world.bank("Beta")
        self.asha = world.engineer(full_name="Asha")
        self.bela = world.engineer(full_name="bela", region=None)
        self.cyr = world.engineer(full_name="Çyr ☂", region="South")

    def call(self, status: str, days: int = -3, **values: Any) -> str:
        """A call of Asha for Alpha."""
        row = {"assigned_engineer": self.asha, "scheduled_date": _today() + days * DAY, **values}
        return self.world.call(row.pop("bank", self.alpha), status=status, **row)

    def done(self, **values: Any) -> str:
        """A completed call with all its times."""
        times = {"assigned_at": PAST, "started_at": PAST + HOUR, "completed_at": PAST + 2 * HOUR}
        return self.call("completed", **times | values)

    def event(self, call: str, kind: str, hours: float, **values: Any) -> None:
        """An event so many hours after the assignment."""
        self.world.event(call, kind, at=PAST + hours * HOUR, **values)

    def work(self) -> None:
        """Calls that have no place in some figure of engineers."""
        call, done = self.call, self.done
        call("pending", assigned_engineer=None)
        call("in_progress", assigned_at=PAST)
        call("cancelled", assigned_at=PAST)
        call("lost", assigned_at=PAST, started_at=PAST, latitude=91.0, longitude=0.0)
        call("completed")
        done(started_at=None)
        done(completed_at=None)
        done(completed_at=PAST - HOUR)
        done(bank=None, latitude=19.0, longitude=72.0, started_at=PAST + HOUR)
        done(latitude=19.5, longitude=72.5, started_at=PAST + 1.5 * HOUR, bank=self.beta)
        done(latitude=19.0, longitude=181.0)
        done(latitude=None, longitude=72.0)
        done(assigned_engineer=self.cyr, priority=None)
        for hours in range(6):
            done(assigned_engineer=self.bela, started_at=PAST + hours * HOUR, bank=self.beta)
        late = done()
        self.event(late, "ASSIGNED", -1, to_engineer=self.bela)
        self.event(late, "REASSIGNED", 1.25, from_engineer=self.bela, to_engineer=self.asha)

    def bounces(self) -> None:
        """Calls that bounced, or look as if they had."""
        moved = self.call("assigned", 3, assigned_at=PAST, client_id="M1", client_name="Old name")
        self.event(moved, "ASSIGNED", 0, to_engineer=self.bela)
        for hours in (1, 2):
            self.event(moved, "RESCHEDULED", hours, from_date=_today() - 2 * DAY, reason="wrong_address")
        self.event(moved, "REASSIGNED", 2.5, from_engineer=self.bela, to_engineer=self.asha, reason="site_locked")
        again = self.call("cancelled", assigned_at=PAST, client_id="M1", client_name="New name")
        self.event(again, "CANCELLED", 3, reason=None)
        early = self.done(bank=None, client_id=None, client_name=None)
        self.event(early, "ASSIGNED", 0, to_engineer=self.asha)
        self.event(early, "RESCHEDULED", 9, from_date=_today() + DAY, reason="device_compatibility")
        backwards = self.done()
        self.event(backwards, "REASSIGNED", 1, from_engineer=self.bela, to_engineer=self.asha)
        self.event(backwards, "ASSIGNED", 2, to_engineer=self.asha)
        without = self.call("assigned")
        self.event(without, "REASSIGNED", 1, to_engineer=self.asha)
        self.event(self.done(metadata={"reassigned": True}), "NOTE", 1)
        for told in ({"reassigned": True}, {"reassigned": False}, {"reassigned": "true"}, ["reassigned"]):
            self.done(metadata=told, client_id="M1")
        self.call("assigned", metadata={"reassigned": True, "delay_reason": "x"})

    def evidence(self, services: Services) -> None:
        """Photos, and surveys with and without a rating."""
        rated, unrated = self.done(bank=self.beta), self.done()
        for call, rating in ((rated, 4), (unrated, None)):
            self.world.photo(call)
            row = {"id": str(uuid4()), "call_id": call, "overall_rating": rating, "survey_date": NOW, "created_at": NOW}
            with services.costar.transaction() as connection:
                connection.execute(insert(customer_surveys).values(row))
        self.world.photo(rated)


@pytest.fixture(name="odd")
def _odd(services: Services, world: World) -> Services:
    planted = _Planted(world)
    planted.work()
    planted.bounces()
    planted.evidence(services)
    world.call(planted.alpha, scheduled_date=None, assigned_engineer=planted.asha)
    return services


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_every_cell_over_odd_values(odd: Services, report: str, zone: str) -> None:
    """All sheets, charts and reconciling sums equal the naive calculation, in a zone that changes its clocks too."""
    services = with_settings(odd, report_timezone=zone)
    file, as_of = _ordered(services, report, _params())
    asked = question(_params(), as_of, services.settings.zone)
    assert_same(file, REPORTS[report].answer(_rows(odd), asked))


def test_every_reason_of_engineers_is_told(odd: Services) -> None:
    """Each figure tells, reason by reason, what it leaves out, and each sum is the number of calls in scope."""
    file, _ = _ordered(odd, "service-performance", _params())
    assert file.reconciliation == [
        ("Excluded from Total Calls Assigned", "no engineer: 1"),
        ("Reconciled: Total Calls Assigned", "in scope 33 = counted 32 + excluded 1"),
        ("Excluded from Completion Rate %", "no engineer: 1"),
        ("Excluded from Completion Rate %", "cancelled: 2"),
        ("Reconciled: Completion Rate %", "in scope 33 = counted 30 + excluded 3"),
        ("Excluded from Avg Response Time (min)", "no engineer: 1"),
        ("Excluded from Avg Response Time (min)", "no assignment to the engineer: 2"),
        ("Excluded from Avg Response Time (min)", "cancelled before the start: 2"),
        ("Excluded from Avg Response Time (min)", "completed without a start time: 1"),
        ("Excluded from Avg Response Time (min)", "not started yet: 3"),
        ("Excluded from Avg Response Time (min)", "started before the assignment to the engineer: 2"),
        ("Reconciled: Avg Response Time (min)", "in scope 33 = counted 22 + excluded 11"),
        ("Excluded from Avg Resolution Time (min)", "no engineer: 1"),
        ("Excluded from Avg Resolution Time (min)", "not completed yet: 5"),
        ("Excluded from Avg Resolution Time (min)", "cancelled: 2"),
        ("Excluded from Avg Resolution Time (min)", "completed, no first assignment: 1"),
        ("Excluded from Avg Resolution Time (min)", "completed, no completion time: 1"),
        ("Excluded from Avg Resolution Time (min)", "completed before the first assignment: 1"),
        ("Reconciled: Avg Resolution Time (min)", "in scope 33 = counted 22 + excluded 11"),
        ("Excluded from On-Time Completion %", "no engineer: 1"),
        ("Excluded from On-Time Completion %", "not completed yet: 5"),
        ("Excluded from On-Time Completion %", "cancelled: 2"),
        ("Reconciled: On-Time Completion %", "in scope 33 = counted 25 + excluded 8"),
        ("Excluded from First-Time Fix Rate %", "no engineer: 1"),
        ("Excluded from First-Time Fix Rate %", "not completed yet: 5"),
        ("Excluded from First-Time Fix Rate %", "cancelled: 2"),
        ("Reconciled: First-Time Fix Rate %", "in scope 33 = counted 25 + excluded 8"),
        ("Excluded from Customer Satisfaction Score", "no engineer: 1"),
        ("Excluded from Customer Satisfaction Score", "no survey: 30"),
        ("Excluded from Customer Satisfaction Score", "survey without an overall rating: 1"),
        ("Reconciled: Customer Satisfaction Score", "in scope 33 = counted 1 + excluded 32"),
        ("Excluded from Distance Traveled (km)", "no engineer: 1"),
        ("Excluded from Distance Traveled (km)", "not started: 8"),
        ("Excluded from Distance Traveled (km)", "started, no coordinates on earth: 22"),
        ("Reconciled: Distance Traveled (km)", "in scope 33 = counted 2 + excluded 31"),
        ("Excluded from completion time as recorded", "no engineer: 1"),
        ("Excluded from completion time as recorded", "completed, no completion time, taken as not on time: 2"),
        ("Reconciled: completion time as recorded", "in scope 33 = counted 30 + excluded 3"),
        ("Excluded from status as recorded", "no engineer: 1"),
        ("Excluded from status as recorded", "unknown status, in no count but the total: 1"),
        ("Reconciled: status as recorded", "in scope 33 = counted 31 + excluded 2"),
        ("Excluded from Rank (engineers)", "small sample: fewer than 5 completed calls: 1"),
        ("Reconciled: Rank (engineers)", "in scope 3 = counted 2 + excluded 1"),
    ]


def test_every_reason_of_bounces_is_told(odd: Services) -> None:
    """The same of bounces: calls first, then the bounces themselves."""
    file, _ = _ordered(odd, "bounce-call", _params())
    assert file.reconciliation == [
        ("Excluded from Bounced Calls", "no bounce: 27"),
        ("Reconciled: Bounced Calls", "in scope 33 = counted 6 + excluded 27"),
        ("Excluded from Bounce Rate %", "no first assignment: 4"),
        ("Reconciled: Bounce Rate %", "in scope 33 = counted 29 + excluded 4"),
        ("Excluded from Days Lost", "no bounce: 27"),
        ("Excluded from Days Lost", "moved to an earlier date, or open and not due yet: 1"),
        ("Reconciled: Days Lost", "in scope 33 = counted 5 + excluded 28"),
        ("Excluded from Repeat Offenders (bounces of engineers)", "engineer unknown: 2"),
        ("Excluded from Repeat Offenders (bounces of engineers)", "engineers with fewer than 3 bounces: 2"),
        ("Reconciled: Repeat Offenders (bounces of engineers)", "in scope 8 = counted 4 + excluded 4"),
        ("Excluded from Repeat Offenders (bounces of merchants)", "merchant unknown: 1"),
        ("Excluded from Repeat Offenders (bounces of merchants)", "merchants with fewer than 3 bounces: 2"),
        ("Reconciled: Repeat Offenders (bounces of merchants)", "in scope 8 = counted 5 + excluded 3"),
        ("Excluded from reasons as recorded (bounces)", "unknown reason, counted as other: 1"),
        ("Excluded from reasons as recorded (bounces)", "no reason, counted as other: 2"),
        (
            "Excluded from reasons as recorded (bounces)",
            "no events, metadata tell of a bounce of unknown date, counted as other: 2",
        ),
        ("Reconciled: reasons as recorded (bounces)", "in scope 8 = counted 3 + excluded 5"),
    ]


def test_a_call_that_only_its_row_says_was_reassigned(services: Services, world: World) -> None:
    """Without events, `metadata.reassigned = true` is one bounce of reason other with no date, marked; and no fix."""
    anna = world.engineer(full_name="Anna")
    times = {"assigned_at": PAST, "started_at": PAST, "completed_at": PAST}
    for told in (True, False):
        world.call(
            world.bank(), status="completed", assigned_engineer=anna, metadata={"reassigned": told},
            scheduled_date=_today(), **times,
        )  # fmt: skip
    bounces, _ = _ordered(services, "bounce-call", _params())
    (row,) = bounces.sheets["Details"][1:]
    assert row[5:] == [None, None, "Other", "Anna", "completed", 1, 0, "reconstructed"]
    work, _ = _ordered(services, "service-performance", _params())
    shown = dict(zip(*work.sheets["Summary"], strict=True))
    assert (shown["Bank"], shown["First-Time Fix Rate %"], shown["Note"]) == ("(2 banks)", 50, "small sample")


def test_the_sample_that_is_enough_is_a_setting(services: Services, world: World) -> None:
    """With a minimum of one, an engineer with one completed call has a rank; alone, his percentiles are 0."""
    world.call(
        world.bank(), status="completed", assigned_engineer=world.engineer(), assigned_at=PAST, started_at=PAST + HOUR,
        completed_at=PAST + 2 * HOUR, scheduled_date=_today(),
    )  # fmt: skip
    ranked, _ = _ordered(with_settings(services, minimum_sample=1), "service-performance", _params())
    (row,) = ranked.sheets["Summary"][1:]
    assert (row[0], row[16], row[17]) == (1, 100, None)
    assert "engineers with 1 or more completed calls" in ranked.told("Formula: Best Score")
    unranked, _ = _ordered(services, "service-performance", _params())
    (row,) = unranked.sheets["Summary"][1:]
    assert (row[0], row[16], row[17]) == (None, 100, "small sample")
    assert unranked.charts == {}
    assert str(unranked.sheets["Benchmarks"][1][0]).startswith("No ")


_KINDS = ("CREATED", "ASSIGNED", "REASSIGNED", "RESCHEDULED", "CANCELLED", "COMPLETED")


def _scatter(services: Services, world: World) -> None:
    """Two hundred calls of a year with up to seven events each, in any order, often at the same instant."""
    chance, bank = Random(5), world.bank()  # noqa: S311 the same calls in every run
    ids = [str(uuid4()) for _ in range(200)]
    rows = [
        {
            "id": identity,
            "call_number": f"CALL-{chance.random()}",
            "type": chance.choice(("swap", "breakdown")),
            "status": chance.choice(("completed", "pending")),
            "client_bank": bank,
            "scheduled_date": _today() - timedelta(chance.randrange(366)),
            "created_at": PAST,
            "assigned_at": chance.choice((None, PAST, PAST + 3 * HOUR)),
            "metadata": chance.choice((None, {"reassigned": True})),
        }
        for identity in ids
    ]
    events = [
        {"id": str(uuid4()), "call_id": identity, "at": PAST + chance.randrange(6) * HOUR, "event_type": kind}
        for identity in ids
        for kind in chance.choices(_KINDS, k=chance.randrange(8))
    ]
    with services.costar.transaction() as connection:
        connection.execute(insert(calls), rows)
        connection.execute(insert(call_events), events)


def test_the_database_counts_bounces_as_a_replay_does(services: Services, world: World) -> None:
    """Grouped counts, and the stream, newest bounce first, agree with the naive replay of every call."""
    _scatter(services, world)
    rows = _rows(services)
    events = bounce_call.events_of(rows)
    replayed = {call["call_number"]: bounce_call.bounces(rows, events, call) for call in rows.calls}
    expected = {number: len(found) for number, found in replayed.items() if found}
    by_type = [call["type"] for call in rows.calls if call["call_number"] in expected]
    with services.costar.snapshot() as snapshot:
        scope = BankScope.everything()
        data = ReportData(ScopedReader(snapshot), scope, services.settings, NOW, "Test", lambda _photos: [], None)
        conditions = [scope.predicate(calls.c.client_bank)]
        counts = count_bounced(data, conditions, calls.c.type)
        whole = count_bounced(data, conditions)
        newest = list(
            bounced_calls(data, conditions, bounced_ids(data, conditions, (_today() - timedelta(365), _today())))
        )
    assert counts == {(kind,): by_type.count(kind) for kind in ("swap", "breakdown")}
    assert whole == {(): len(expected)}
    assert {each.row.call_number: len(each.history.bounces) for each in newest} == expected
    instants = [each.history.bounces[-1].at for each in newest]
    known = [at for at in instants if at is not None]
    assert known == sorted(known, reverse=True)
    assert instants[len(known) :] == [None] * (len(instants) - len(known))
    numbers = [each.row.call_number for each in newest if each.is_reconstructed]
    assert numbers == sorted(numbers)
    assert 50 < len(expected) < 180
    assert len([each for each in newest if each.is_reconstructed]) > 5


def test_a_day_with_one_instant_is_ordered_by_call_number(services: Services, world: World) -> None:
    """Calls that bounced at the same instant stand by their numbers."""
    bank = world.bank()
    for number in ("C", "A", "B"):
        call = world.call(bank, call_number=number, assigned_at=PAST, scheduled_date=_today())
        world.event(call, "CANCELLED", at=PAST + HOUR)
    file, _ = _ordered(services, "bounce-call", _params())
    assert [row[0] for row in file.sheets["Details"][1:]] == ["A", "B", "C"]


def test_another_bank_is_in_no_sheet(odd: Services) -> None:
    """With a bank asked for, only its calls count, and the name of another stands nowhere."""
    with odd.costar.read() as connection:
        beta = connection.execute(select(calls.c.client_bank).where(calls.c.latitude == 19.5)).scalar_one()
    for report, oracle in REPORTS.items():
        file, as_of = _ordered(odd, report, _params(banks=[beta]))
        assert_same(file, oracle.answer(_rows(odd), question(_params(banks=[beta]), as_of, KOLKATA)))
        assert "=Alpha" not in str(file.sheets)


def test_distance_and_score_by_hand(odd: Services) -> None:
    """Asha's way is the one step between two places on earth; the better of two scores is first."""
    file, _ = _ordered(odd, "service-performance", _params())
    heading, *rows = file.sheets["Summary"]
    found = {row[1]: dict(zip(heading, row, strict=True)) for row in rows}
    assert isclose(found["Asha"]["Distance Traveled (km)"], 76.5, abs_tol=0.5)
    assert found["bela"]["Distance Traveled (km)"] == 0
    assert [row[:2] for row in rows] == [[1, "Asha"], [2, "bela"], [None, "Çyr ☂"]]
