"""Response and Resolution TAT over a small world with every reason to be left out and every odd value planted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.access.scope import BankScope, ScopedReader
from shared.clock import local_date, local_midnight
from shared.document import Document, Facts, Row
from shared.ports import Services
from shared.reports import ReportData, catalogue
from shared.settings import ResolutionTargets, SlaLimits
from tests.jobs import with_settings
from tests.world import World

NOW = datetime.now(UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLD = NOW - 10 * DAY
NO_ASSIGNMENT = "no first assignment"


@contextmanager
def _built(services: Services, report_id: str, scope: BankScope | None = None, **params: Any) -> Iterator[Document]:
    """The document over ten days before today and five after."""
    today = local_date(NOW, services.settings.zone)
    report = catalogue()[report_id]
    asked = {"dateFrom": (today - 10 * DAY).isoformat(), "dateTo": (today + 5 * DAY).isoformat(), **params}
    with services.costar.snapshot() as snapshot:
        everything = BankScope.everything()
        data = ReportData(
            ScopedReader(snapshot), scope or everything, services.settings, NOW, "Test", lambda _: [], None
        )
        yield report.build(report.parameters.model_validate(asked), data)


def _told(document: Document, *figures: str) -> list[str]:
    """What these figures leave out."""
    (table,) = document.closing(Facts("xlsx", {}))
    names = {f"{word}{figure}" for figure in figures for word in ("Excluded from ", "Reconciled: ")}
    return [str(row[1]) for row in table.rows() if row[0] in names]


def _sheet(document: Document, name: str) -> list[Row]:
    (table,) = (table for table in document.tables if table.name == name)
    return list(table.rows())


def _tiles(document: Document) -> dict[str, Any]:
    return {kpi.label: kpi.value for kpi in document.kpis}


@pytest.fixture(name="odd")
def _odd(services: Services, world: World) -> Services:
    """A call for each reason to be left out of a figure, and for each value that something else stands in for."""
    bank, engineer = world.bank("=Alpha"), world.engineer(full_name="Asha 🌟")
    today = local_date(NOW, services.settings.zone)

    def call(number: str, status: str, **values: Any) -> str:
        place = {"scheduled_date": today - 3 * DAY, "call_number": number, **values}
        return world.call(place.pop("bank", bank), status=status, **place)

    call("nothing", "pending", bank=None, priority=None, type="installation", client_name=None)
    call("unassigned start", "in_progress", started_at=OLD)
    call("early", "completed", assigned_at=OLD, started_at=OLD - HOUR, completed_at=OLD - MINUTE)
    call("cancelled", "cancelled", assigned_at=OLD, started_at=OLD + HOUR, completed_at=OLD + HOUR)
    call("cancelled unassigned", "cancelled")
    call("waits", "assigned", priority="low", assigned_at=NOW - 5 * MINUTE, assigned_engineer=engineer)
    call("not due", "assigned", assigned_at=NOW + DAY)
    call("waited", "assigned", priority="urgent", assigned_at=OLD)
    call("never started", "completed", type="swap", assigned_at=OLD, completed_at=OLD + 48 * HOUR)
    call("at the limit", "completed", priority="high", assigned_at=OLD, started_at=OLD + 120 * MINUTE)
    late = OLD + 120 * MINUTE + timedelta(microseconds=1)
    call("just beyond", "completed", priority="high", assigned_at=OLD, started_at=late, completed_at=OLD + 3 * DAY)
    call("odd priority", "completed", priority="critical", type="repair", assigned_at=OLD, completed_at=OLD + HOUR)
    replayed = call("replayed", "completed", type="breakdown", assigned_at=NOW, started_at=OLD, completed_at=OLD + HOUR)
    for minutes, kind in ((-10, "ASSIGNED"), (-30, "ASSIGNED"), (-90, "CREATED"), (500, "ASSIGNED"), (-60, "NOTE")):
        world.event(replayed, kind, at=OLD + minutes * MINUTE)
    call("unassigned end", "completed", completed_at=OLD)
    world.call(bank, scheduled_date=None)
    world.call(bank, scheduled_date=today - 12 * DAY, status="completed", assigned_at=OLD, started_at=OLD + HOUR)
    return services


def test_each_reason_is_told_once_with_its_sum_for_responses(odd: Services) -> None:
    """Every figure over responses tells reason by reason what it leaves out of all fourteen calls in scope."""
    with _built(odd, "response-tat") as document:
        assert _told(document, "Total") == ["cancelled: 2", "in scope 14 = counted 12 + excluded 2"]
        assert _told(document, "Avg, Median, 90th") == [
            *("cancelled: 2", "no first assignment: 3", "completed without a start time: 2", "not started yet: 3"),
            *("started before the first assignment: 1", "in scope 14 = counted 3 + excluded 11"),
        ]
        assert _told(document, "Within SLA %") == [
            *("cancelled: 2", "no first assignment: 3", "open: not started, still inside the limit: 2"),
            *("started before the first assignment: 1", "in scope 14 = counted 6 + excluded 8"),
        ]
        assert _told(document, "Breaches")[-2:] == [
            *("met: started within the limit: 2", "in scope 14 = counted 4 + excluded 10"),
        ]
        assert _told(document, "Distribution") == [
            *("cancelled: 2", "started, no first assignment: 1", "started before the first assignment: 1"),
            "in scope 14 = counted 10 + excluded 4",
        ]
        assert _told(document, "priority as recorded") == [
            *("cancelled: 2", "no priority, taken as medium: 1", "unknown priority, taken as medium: 1"),
            "in scope 14 = counted 10 + excluded 4",
        ]


def test_responses_are_those_of_a_calculation_by_hand(odd: Services) -> None:
    """Tiles, summary, buckets and the state of every call, where each is at the edge of something."""
    with _built(odd, "response-tat") as document:
        tiles, states = _tiles(document), {row[0]: (row[8], row[10]) for row in _sheet(document, "Details")}
        summary, distribution = _sheet(document, "Summary"), _sheet(document, "Distribution")
        assert [kpi.previous for kpi in document.kpis][:2] == [1, 60]
    assert tiles["Total"] == 12
    assert (tiles["Avg"], tiles["Median"]) == (pytest.approx(90), 120)  # 30, 120, 120 and a microsecond
    assert (tiles["Within SLA %"], tiles["Breaches"]) == (pytest.approx(100 * 2 / 6), 4)
    assert states == {
        "nothing": (None, "no first assignment; no priority, taken as medium"),
        "unassigned start": (None, NO_ASSIGNMENT),
        "early": (None, "started before the first assignment"),
        "waits": ("Open", None),
        "not due": ("Open", None),
        "waited": ("Breached", None),
        "never started": ("Breached", "completed without a start time"),
        "at the limit": ("Met", None),
        "just beyond": ("Breached", None),
        "odd priority": ("Breached", "completed without a start time; unknown priority, taken as medium"),
        "replayed": ("Met", None),
        "unassigned end": (None, "no first assignment; completed without a start time"),
    }
    assert [row[:3] for row in summary] == [
        *(("=Alpha", "Urgent", 1), ("=Alpha", "High", 2), ("=Alpha", "Medium", 6), ("=Alpha", "Low", 1)),
        *(("=Alpha", "Critical", 1), ("(no bank)", "(no priority)", 1), ("All banks", "All", 12)),
    ]
    assert [(row[11], row[12]) for row in summary] == [(0, 1), (0, 0), (1, 1), (1, 0), (0, 1), (0, 0), (2, 3)]
    assert [row[1] for row in distribution] == [0, 0, 1, 0, 2, 0, 0, 7]
    assert sum(float(str(row[2])) for row in distribution) == pytest.approx(100)


def test_each_reason_is_told_once_with_its_sum_for_resolutions(odd: Services) -> None:
    """Every figure over resolutions tells reason by reason what it leaves out; figures are those of the rest."""
    with _built(odd, "resolution-tat") as document:
        assert _told(document, "Completed") == [
            *("not completed yet: 5", "cancelled: 2", "in scope 14 = counted 7 + excluded 7"),
        ]
        assert _told(document, "Target Met %") == [
            *("not completed yet: 5", "cancelled: 2", "completed, no first assignment: 1"),
            *("completed, no completion time: 1", "completed before the first assignment: 1"),
            *("unknown type, no target: 1", "in scope 14 = counted 3 + excluded 11"),
        ]
        assert _told(document, "Trends")[-2:] == [
            *("completed, no completion time: 1", "in scope 14 = counted 6 + excluded 8"),
        ]
        rows = {row[0]: row[6:] for row in _sheet(document, "Details")}
        tiles, summary = _tiles(document), _sheet(document, "Summary")
        assert sum(int(str(row[1])) for row in _sheet(document, "Trends")) == 6
    assert rows == {
        "early": (-1, 4_320, None, "completed before the first assignment"),
        "never started": (2_880, 2_880, True, None),
        "at the limit": (None, 4_320, None, "no completion time"),
        "just beyond": (4_320, 4_320, True, None),
        "odd priority": (60, None, None, "unknown type, no target"),
        "replayed": (90, 1_440, True, None),
        "unassigned end": (None, 4_320, None, NO_ASSIGNMENT),
    }
    assert (tiles["Completed"], tiles["Target Met %"]) == (7, 100)
    assert (tiles["Avg"], tiles["Median"]) == (pytest.approx((2_880 + 4_320 + 60 + 90) / 4), (90 + 2_880) / 2)
    assert [row[:3] for row in summary] == [
        *(("=Alpha", "Installation", 4), ("=Alpha", "Swap", 1), ("=Alpha", "Breakdown", 1), ("=Alpha", "Repair", 1)),
    ]
    assert summary[0][7:] == (4_320, 4_320, None, 100)


def test_targets_and_limits_are_settings(odd: Services) -> None:
    """Tighter settings make breaches of what was met, and Export Info tells the numbers that were used."""
    tight = with_settings(odd, resolution_targets=ResolutionTargets(swap=47), sla_limits=SlaLimits(high=119))
    with _built(tight, "resolution-tat") as document:
        assert _tiles(document)["Target Met %"] == pytest.approx(100 * 2 / 3)
        assert "swap 47" in next(kpi.formula for kpi in document.kpis if kpi.label == "Target Met %")
    with _built(tight, "response-tat") as document:
        assert _tiles(document)["Breaches"] == 5


def test_the_worst_are_twenty_longest_first_then_by_number(services: Services, world: World) -> None:
    """Of thirty breaches the twenty longest stand there; equal ones by call number; what was met never."""
    bank = world.bank()
    today = local_date(NOW, services.settings.zone)
    for number in range(30):
        started = OLD + (240 + 10 * (number // 3)) * MINUTE + timedelta(microseconds=number // 3)
        name = f"C-{29 - number:02}"
        world.call(bank, call_number=name, scheduled_date=today, assigned_at=OLD, started_at=started)
    with _built(services, "response-tat") as document:
        worst, breaches = _sheet(document, "Worst 20"), _tiles(document)["Breaches"]
    assert breaches == 27
    assert [row[0] for row in worst] == [f"C-{number:02}" for number in range(20)]
    assert [round(float(str(row[9]))) for row in worst] == [10 * (9 - place // 3) for place in range(20)]


def test_trends_go_by_the_local_date_of_completion(services: Services, world: World) -> None:
    """On days that change the clocks too, a completion belongs to the business date, wherever the range ends."""
    bank = world.bank()
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    zone = ZoneInfo("America/Los_Angeles")
    for day in (spring, autumn):
        for hour, minute in ((0, 0), (3, 0), (23, 59)):
            done = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
            world.call(bank, scheduled_date=day, status="completed", assigned_at=done - HOUR, completed_at=done)
        end = local_midnight(day + DAY, zone)
        world.call(bank, scheduled_date=day, status="completed", assigned_at=end, completed_at=end)
    here = with_settings(services, report_timezone=zone.key)
    with _built(here, "resolution-tat", dateFrom="2026-03-08", dateTo="2026-11-01") as document:
        trends = _sheet(document, "Trends")
    assert trends == [
        *((spring, 3, 60, 60), (spring + DAY, 1, 0, 0), (autumn, 3, 60, 60), (autumn + DAY, 1, 0, 0)),
    ]


@pytest.mark.parametrize("report", ["response-tat", "resolution-tat"])
def test_one_call_and_none(services: Services, world: World, report: str) -> None:
    """One call makes every sheet; without any there are no rows of calls, and no chart without an axis."""
    bank, other = world.bank(), world.bank()
    now = local_date(NOW, services.settings.zone)
    times = {"assigned_at": OLD, "started_at": OLD + HOUR, "completed_at": OLD + 2 * HOUR}
    world.call(bank, status="completed", scheduled_date=now, priority="urgent", **times)
    with _built(services, report, BankScope.of(bank)) as document:
        assert [len(_sheet(document, table.name)) > 0 for table in document.tables] == {
            "response-tat": [True, True, True, False],
            "resolution-tat": [True, True, True],
        }[report]
        assert (_tiles(document)["Avg"], len(document.charts)) == (
            {"response-tat": 60, "resolution-tat": 120}[report],
            2,
        )
    with _built(services, report, BankScope.of(other)) as document:
        assert (_sheet(document, "Summary"), _sheet(document, "Details")) == ([], [])
        assert (set(_tiles(document).values()), len(document.charts)) == ({0, None}, 1)
