"""Rolling Volume and Pending Call Ageing over a small world with every reason to be left out, across a clock change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.ports import Services
from tests.acceptance.comparing import assert_same
from tests.acceptance.oracle import pending_ageing, records, rolling_volume
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.any_report import Desk
from tests.jobs import with_settings
from tests.world import World

ZONE = ZoneInfo("America/Los_Angeles")
CHANGE = date(2024, 3, 10)  # the day has 23 hours
DAY, HOUR, TICK = timedelta(days=1), timedelta(hours=1), timedelta.resolution
MIDNIGHT = datetime(2024, 3, 11, 7, tzinfo=UTC)  # the end of that day
NOON = datetime(2024, 3, 8, 20, tzinfo=UTC)
RANGE = {"dateFrom": "2024-03-08", "dateTo": "2024-03-12"}


@pytest.fixture(name="odd")
def _odd(services: Services, world: World) -> Services:
    """Nineteen calls, of which hardly two are counted and left out alike."""
    bank, other = world.bank("Alpha"), world.bank("beta")
    ann, bob = world.engineer(full_name="Ann"), world.engineer(full_name="Bob")

    def call(status: str, days: int = 0, **values: Any) -> str:
        row: dict[str, Any] = {
            "created_at": NOON,
            "priority": None,
            "client_name": None,
            "scheduled_date": CHANGE + days * DAY,
        }
        row |= {"bank": bank, **values}
        return world.call(row.pop("bank"), status=status, **row)

    _untold(call)
    late = call("completed", completed_at=MIDNIGHT - TICK, started_at=MIDNIGHT - HOUR)
    for at, kind in ((MIDNIGHT - TICK, "COMPLETED"), (MIDNIGHT, "STARTED"), (MIDNIGHT + HOUR, "RESCHEDULED")):
        world.event(late, kind, at=at, reason="nobody knows")
    after = call("completed", bank=other, completed_at=MIDNIGHT, started_at=datetime(2024, 3, 10, 10, tzinfo=UTC))
    world.event(after, "COMPLETED", at=MIDNIGHT)
    again = call("assigned", -2, bank=other, assigned_engineer=ann, priority="urgent", assigned_at=NOON - 9 * DAY)
    world.event(again, "ASSIGNED", at=NOON - 9 * DAY, to_engineer=ann)
    world.event(again, "COMPLETED", at=NOON)
    world.event(again, "REASSIGNED", at=NOON + DAY, from_status="completed", to_status="assigned", to_engineer=bob)
    given = call("in_progress", -40, bank=None, assigned_engineer=ann, started_at=NOON + HOUR, metadata=_DELAY)
    world.event(given, "ASSIGNED", at=NOON, to_engineer=ann, to_status="on hold")
    world.event(given, "STARTED", at=NOON + HOUR)
    told = call("cancelled", 2, updated_at=NOON + 9 * DAY)
    world.event(told, "CANCELLED", at=MIDNIGHT + HOUR)
    lost = call("completed", 1)
    world.event(lost, "NOTE", at=NOON + HOUR)
    world.event(call("pending", 1), "CREATED", at=NOON - DAY, to_status="pending")
    call("pending", created_at=MIDNIGHT + 5 * DAY)
    return with_settings(services, report_timezone=ZONE.key)


_DELAY = {"delay_reason": "Road closed"}


def _untold(call: Any) -> None:
    """The calls without events."""
    call("completed", -3, completed_at=NOON - DAY, started_at=NOON, assigned_at=NOON + HOUR)
    call("completed", 5, completed_at=MIDNIGHT + 9 * DAY, started_at=MIDNIGHT + 9 * DAY, created_at=NOON - 30 * DAY)
    call("cancelled", -1, updated_at=MIDNIGHT - TICK)
    call("cancelled", updated_at=NOON - 20 * DAY, created_at=NOON - 21 * DAY)
    call("cancelled", updated_at=MIDNIGHT + 20 * DAY)
    call("cancelled")
    call("assigned", -1, bank=None, assigned_at=NOON, started_at=NOON - HOUR, priority="low")
    call("in_progress", -1, started_at=NOON + HOUR, assigned_at=NOON, priority="critical")
    call("pending", -1, assigned_engineer=None, priority="high")
    call("pending", -7, priority="medium", scheduled_date=None)


def _world(services: Services) -> records.World:
    return records.from_database(services.settings.database_url.replace("+psycopg", ""))


def _file(services: Services, report: str, **params: Any) -> Opened:
    return opened(Desk(services).file(report, params, "xlsx"))


def _reasons(file: Opened) -> set[str]:
    return {f"{what}: {reason.rpartition(': ')[0]}" for what, reason in file.reconciliation if "Excluded" in what}


@pytest.mark.parametrize("granularity", ["daily", "weekly", "monthly"])
def test_volume_of_odd_calls(odd: Services, granularity: str) -> None:
    """Each cell, chart and sum is the naive calculation's, and every reason to be left out is told."""
    file = _file(odd, "rolling-volume", **RANGE, granularity=granularity)
    first, last = (date.fromisoformat(RANGE[name]) for name in ("dateFrom", "dateTo"))
    asked = records.Question(first, last, file.as_of(ZONE), ZONE)
    assert_same(file, rolling_volume.answer(_world(odd), asked, granularity))
    assert {reason.partition("Excluded from ")[2] for reason in _reasons(file)} == {
        *(
            f"Total Calls: {why}"
            for why in ("no scheduled date", "scheduled before the range", "scheduled after the range")
        ),
        *(f"New Calls: created {when} the range" for when in ("before", "after")),
        *(f"Completed Calls: {why}" for why in ("not completed", "no completion time")),
        *(f"Completed Calls: completed {when} the range" for when in ("before", "after")),
        *(f"Cancelled Calls: {why}" for why in ("not cancelled", "no cancellation event, no last update")),
        *(f"Cancelled Calls: cancelled {when} the range" for when in ("before", "after")),
        *(f"Peak Hours: {why}" for why in ("not started", "started after the range")),
        "cancellation time as recorded: no cancellation event, dated by the last update",
        *(f"Backlog at End: {why} by then" for why in ("not created", "completed or cancelled")),
        "states as logged: no events, taken from timestamps",
        "Busiest Banks: no bank",
    }


def test_local_dates_across_the_clock_change(odd: Services) -> None:
    """The last instant of the day of 23 hours is its own, the next the next day's; hours are the wall clock's."""
    file = _file(odd, "rolling-volume", **RANGE)
    trend = {row[0]: row for row in file.sheets["Volume Trend"]}
    assert [trend[f"2024-03-{day}"][3] for day in ("10", "11")] == [1, 1]
    assert trend["2024-03-10"][10] == "1 cancelled by last update (reconstructed)"
    sunday = file.sheets["Peak Hours"][7]
    assert (sunday[0], [hour for hour, count in enumerate(sunday[1:]) if count]) == ("Sunday", [3, 23])


@pytest.mark.parametrize("params", [{"asOfDate": "2024-03-10"}, {"asOfDate": "2024-03-10", "minDaysOpen": 3}, {}])
def test_ageing_of_odd_calls(odd: Services, params: dict[str, Any]) -> None:
    """Each cell, chart and sum is the naive calculation's, at the end of the day of 23 hours and now."""
    file = _file(odd, "pending-ageing", **params)
    as_of = file.as_of(ZONE)
    day = date.fromisoformat(params["asOfDate"]) if params else as_of.date()
    asked = records.Question(day, day, as_of, ZONE)
    assert_same(file, pending_ageing.answer(_world(odd), asked, params.get("minDaysOpen")))


def test_every_reason_of_ageing_is_told(odd: Services) -> None:
    """Of the open calls now, and of those shown, each that a figure leaves out is told with its reason."""
    now, past = _file(odd, "pending-ageing"), _file(odd, "pending-ageing", asOfDate="2024-03-10", minDaysOpen=1)
    assert {reason.partition("Excluded from ")[2] for reason in _reasons(now) | _reasons(past)} == {
        "Open: no scheduled date",
        "Open: open too few days",
        "Over 7 Days: open 7 days or less",
        "Unassigned: not pending",
        "SLA State: no first assignment, or a start before it",
        "priority as recorded: none or unknown, taken as medium",
        "states as logged: no events, taken from timestamps",
    }


def test_states_and_people_are_those_of_the_date(odd: Services) -> None:
    """On a past date a call has the state and the engineer that its log tells for the end of that date."""
    lines = {row[0]: row for row in _file(odd, "pending-ageing", asOfDate="2024-03-08").sheets["Details"][1:]}
    later = {row[0]: row for row in _file(odd, "pending-ageing", asOfDate="2024-03-09").sheets["Details"][1:]}
    (reopened,) = set(later) - set(lines)
    assert (later[reopened][8], later[reopened][9], later[reopened][12]) == ("Bob", "assigned", "Breached")
    (delayed,) = [row for row in lines.values() if row[10]]
    assert (delayed[2], delayed[8:11]) == (None, ["Ann", "in_progress", "Road closed"])


def test_many_open_calls_keep_their_order(services: Services, world: World) -> None:
    """Calls are read some hundred at a time, and stand by scheduled date, priority and number all the same."""
    ranks, bank = ("urgent", "high", "medium", "low"), world.bank()
    for number in range(600):
        world.call(
            bank, scheduled_date=CHANGE - number % 7 * DAY, priority=ranks[number % 4], call_number=f"{number:03}"
        )
    rows = _file(services, "pending-ageing").sheets["Details"][1:]
    asked = sorted(range(600), key=lambda number: (-(number % 7), number % 4, number))
    assert [row[0] for row in rows] == [f"{number:03}" for number in asked]
