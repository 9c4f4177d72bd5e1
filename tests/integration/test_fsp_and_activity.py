"""Call Details FSP and Call Details And Activity over a small world, one call for everything that may be odd."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from shared.access.scope import BankScope, ScopedReader
from shared.document import Document, Facts, Link
from shared.ports import Services
from shared.reports import ReportData, catalogue
from shared.tables import call_devices, devices
from tests.jobs import with_settings
from tests.world import DAY, MORNING, World

NOW = datetime(2026, 3, 12, 6, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)  # of `DAY` in Asia/Kolkata
HOUR = timedelta(hours=1)
DATES = {"dateFrom": DAY.isoformat(), "dateTo": DAY.isoformat()}
FSP, ACTIVITY = "call-details-fsp", "call-details-activity"


@contextmanager
def _built(
    services: Services, report: str, params: dict[str, Any], scope: BankScope | None = None
) -> Iterator[Document]:
    with services.costar.snapshot() as snapshot:
        reader, everything = ScopedReader(snapshot), BankScope.everything()
        data = ReportData(
            *(reader, scope or everything, services.settings, NOW, "Test"),
            *(lambda photos: [f"app/{photo.id}" for photo in photos], None),
        )
        yield catalogue()[report].build(catalogue()[report].parameters.model_validate(params), data)


def _rows(document: Document, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for table in document.tables if table.name == name for row in table.rows()]


def _told(document: Document) -> list[tuple[Any, ...]]:
    (info,) = document.closing(Facts("xlsx", {}))
    return [tuple(row) for row in info.rows() if str(row[0]).startswith(("Excluded", "Reconciled"))]


def _device(services: Services, call: str, role: str, serial: str) -> None:
    identity = str(uuid4())
    with services.costar.transaction() as connection:
        connection.execute(insert(devices).values(id=identity, serial_number=serial))
        connection.execute(insert(call_devices).values(call_id=call, device_id=identity, role=role))


def test_every_reason_to_have_no_tat_is_counted(services: Services, world: World) -> None:
    """Calls without a completion time, by status, and those done before their day are left out, and add up."""
    for status, completed in (
        *(("pending", None), ("assigned", None), ("cancelled", None), ("completed", None)),
        *(("completed", MIDNIGHT - 3 * HOUR), ("completed", MIDNIGHT), ("completed", MIDNIGHT + 30 * HOUR)),
    ):
        world.call(status=status, completed_at=completed)
    with _built(services, FSP, DATES) as document:
        rows, told, tiles = _rows(document, "FSP Report"), _told(document), [kpi.value for kpi in document.kpis]
    assert sorted(row[18] for row in rows if row[18] is not None) == pytest.approx([-3, 0, 30])
    assert {row[16] for row in rows} == {None, DAY - timedelta(1), DAY, DAY + timedelta(1)}
    assert tiles == [7, 4, 15]
    assert told == [
        ("Excluded from Avg TAT (Hours)", "not completed yet: 2"),
        ("Excluded from Avg TAT (Hours)", "cancelled: 1"),
        ("Excluded from Avg TAT (Hours)", "completed, no completion time: 1"),
        ("Excluded from Avg TAT (Hours)", "completed before the scheduled date: 1"),
        ("Reconciled: Avg TAT (Hours)", "in scope 7 = counted 2 + excluded 5"),
    ]


def test_tat_begins_at_midnight_of_days_that_change_the_clock(services: Services, world: World) -> None:
    """On the days on which clocks go forward and back, and the days after, TAT counts real hours from midnight."""
    moved = with_settings(services, report_timezone="America/New_York")
    noon = {3: (8, 16), 11: (1, 17)}  # month: day of the change, and noon there in UTC
    for month, (day, hour) in noon.items():
        world.call(
            scheduled_date=date(2026, month, day),
            status="completed",
            completed_at=datetime(2026, month, day, hour, tzinfo=UTC),
        )
    dates = {"dateFrom": "2026-03-01", "dateTo": "2026-11-30"}
    with _built(moved, FSP, dates) as document:
        rows, tiles = _rows(document, "FSP Report"), [kpi.value for kpi in document.kpis]
    assert [row[18] for row in rows] == [11, 13]
    assert tiles == [2, 2, 12]


def test_order_is_by_code_and_calls_without_a_bank_come_last(services: Services, world: World) -> None:
    """Bank code, scheduled date, call number; banks of one code are mixed; a call with nothing in it has a row."""
    first, second, third = (world.bank(code=code) for code in ("B", "A", "B"))
    for number, bank, day in (("5", first, 0), ("4", third, 0), ("3", second, 1), ("2", second, 0), ("1", None, 0)):
        world.call(bank, call_number=number, scheduled_date=DAY + timedelta(day))
    with _built(services, FSP, DATES | {"dateTo": "2026-03-11"}) as document:
        rows = _rows(document, "FSP Report")
    assert [row[:2] for row in rows] == [("2", "A"), ("3", "A"), ("4", "B"), ("5", "B"), ("1", None)]
    assert rows[-1][3:10] == (None,) * 7
    assert rows[-1][13:17] + rows[-1][18:] == (None,) * 7 + (Link("No photos"),)


def test_serials_are_of_what_was_put_in_first(services: Services, world: World) -> None:
    """Installed and new devices, else serviced, else removed ones; several are joined, old ones never shown."""
    for number, roles in enumerate(("installed new old", "serviced removed", "removed", "old")):
        call = world.call(call_number=str(number))
        for role in roles.split():
            _device(services, call, role, f"{role}-{number}")
    with _built(services, FSP, DATES) as document:
        serials = [row[19] for row in _rows(document, "FSP Report")]
    assert serials == ["installed-0; new-0", "serviced-1", "removed-2", None]


def test_a_log_without_events_is_told_by_timestamps(services: Services, world: World) -> None:
    """Calls without events get lines from their timestamps, in order of time, marked, and counted as such."""
    world.call(call_number="1", created_at=MORNING, assigned_at=MORNING, started_at=MORNING - HOUR, status="assigned")
    world.call(call_number="2", status="cancelled", completed_at=MORNING, updated_at=MORNING + HOUR)
    world.call(call_number="3", status="cancelled")
    world.call(call_number="4", status="completed", completed_at=MORNING + HOUR)
    recorded = world.call(call_number="5", assigned_at=MORNING, status="completed", completed_at=MORNING)
    world.event(recorded, "NOTE", at=MORNING + HOUR, notes="late", latitude=-1.5, longitude=2.0, ip_address="::1")
    world.event(recorded, "COMPLETED", at=MORNING - HOUR, latitude=1.0)
    with _built(services, ACTIVITY, DATES) as document:
        log, told, tiles = _rows(document, "Activity Log"), _told(document), [kpi.value for kpi in document.kpis]
    assert [(row[0], row[2], row[-1]) for row in log] == [
        *(("1", "STARTED", "reconstructed"), ("1", "CREATED", "reconstructed"), ("1", "ASSIGNED", "reconstructed")),
        *(("2", "CREATED", "reconstructed"), ("2", "CANCELLED", "reconstructed"), ("3", "CREATED", "reconstructed")),
        *(("4", "CREATED", "reconstructed"), ("4", "COMPLETED", "reconstructed")),
        *(("5", "COMPLETED", None), ("5", "NOTE", None)),
    ]
    assert log[-1][7:10] == ("late", "-1.5, 2.0", "::1")
    assert log[-2][8] is None
    assert tiles == [5, 10, 0, 0]
    assert told == [
        ("Excluded from calls with recorded events", "no event recorded: 4"),
        ("Reconciled: calls with recorded events", "in scope 5 = counted 1 + excluded 4"),
        ("Excluded from events as recorded", "reconstructed from the timestamps of the call: 8"),
        ("Reconciled: events as recorded", "in scope 10 = counted 2 + excluded 8"),
    ]


def test_one_call_is_found_on_any_day_and_in_ones_bank_only(services: Services, world: World) -> None:
    """A number alone finds the call, also without a scheduled date; with dates only on them; another bank's never."""
    bank = world.bank()
    call = world.call(bank, call_number="X/1", scheduled_date=None)
    photo = world.photo(call, "a/b.jpg")
    world.call(bank, call_number="X/2")
    number = {"specificCallNumber": "X/1"}
    with _built(services, ACTIVITY, number) as document:
        assert [row[0] for row in _rows(document, "Calls")] == ["X/1"]
        assert [row[2:] for row in _rows(document, "Photos")] == [
            ("b.jpg", None, None, None, None, Link(f"app/{photo}", f"app/{photo}", "b.jpg", ("a/b.jpg",)))
        ]
        assert (document.file_dates, document.subtitle) == ("call-X-1", "Call X/1")
        assert {kpi.previous for kpi in document.kpis} == {None}
    with _built(services, ACTIVITY, number | DATES) as document:
        assert _rows(document, "Calls") == []
    with _built(services, ACTIVITY, number, BankScope.of(world.bank())) as document:
        assert [_rows(document, table.name) for table in document.tables] == [[]] * 4
        assert [kpi.value for kpi in document.kpis] == [0] * 4
