"""Call Type Specific over planted worlds: every role, kind, flag and hostile value, equal to the naive calculation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from shared.jobs.submit import accept
from shared.ports import Services
from shared.tables import call_devices, devices
from tests.acceptance.comparing import KOLKATA, assert_same, question
from tests.acceptance.oracle import call_type_specific
from tests.acceptance.oracle.records import from_database
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.any_report import Desk
from tests.world import DAY, World

REPORT = "call-type-specific"
EVENING = datetime(2026, 3, 10, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _params(call_type: str, first: date = DAY, last: date = DAY) -> dict[str, Any]:
    return {"dateFrom": first.isoformat(), "dateTo": last.isoformat(), "selectedCallType": call_type}


def _file(services: Services, params: dict[str, Any]) -> Opened:
    return opened(Desk(services).file(REPORT, params, "xlsx"))


def _assert_naive(services: Services, params: dict[str, Any]) -> Opened:
    """The workbook, which equals the second calculation over the same database."""
    file = _file(services, params)
    url = services.settings.database_url.replace("+psycopg", "").replace("sqlite:///", "sqlite:////")
    asked = question(params, datetime.now(UTC), KOLKATA)
    assert_same(file, call_type_specific.answer(from_database(url), asked))
    return file


def _device(services: Services, world: World, call: str, role: str, serial: str, **values: Any) -> None:
    device = world._insert(devices, {"serial_number": serial}, values)
    with services.costar.transaction() as connection:
        connection.execute(insert(call_devices).values(call_id=call, device_id=device, role=role))


def _column(file: Opened, heading: str) -> list[Any]:
    place = file.sheets["Details"][0].index(heading)
    return [row[place] for row in file.sheets["Details"][1:]]


def _done(world: World, call_type: str = "installation", **values: Any) -> str:
    times = {"assigned_at": EVENING - 3 * HOUR, "started_at": EVENING - HOUR, "completed_at": EVENING}
    return world.call(**{"type": call_type, "status": "completed", **times, **values})


def test_serials_are_those_of_the_first_role_there_is(services: Services, world: World) -> None:
    """Installed and new devices before serviced ones, those before removed ones; several are joined in order."""
    roles: dict[str, list[tuple[str, str, str | None]]] = {
        "first": [("removed", "R1", None), ("installed", "00B", "M2"), ("new", "00A", "M1"), ("old", "O1", "M9")],
        "second": [("serviced", "S2", "M3"), ("removed", "R2", "M4")],
        "third": [("removed", "=R3", "M5"), ("old", "O3", None)],
        "fourth": [("old", "O4", "M6")],
    }
    for number, used in enumerate(roles.values()):
        call = _done(world, created_at=EVENING - number * HOUR)
        for role, serial, model in used:
            _device(services, world, call, role, serial, model=model)
    file = _assert_naive(services, _params("installation"))
    assert _column(file, "Device Serial") == ["00A; 00B", "S2", "=R3", None]
    assert _column(file, "Device Model") == ["M1; M2", "M3", "M5", None]


def test_a_swap_tells_old_and_new(services: Services, world: World) -> None:
    """The old device is the one of that role, the new one that was new or installed."""
    call = _done(world, "swap")
    for role, serial in (("old", "O"), ("installed", "N"), ("removed", "R")):
        _device(services, world, call, role, serial)
    file = _assert_naive(services, _params("swap"))
    assert (_column(file, "Old Device Serial"), _column(file, "New Device Serial")) == (["O"], ["N"])


def test_photos_are_those_of_the_kinds_named(services: Services, world: World) -> None:
    """Each type counts its own kinds; a signature counts as a signature only."""
    for call_type in ("installation", "swap", "deinstallation"):
        call = _done(world, call_type)
        for kind in ("before", "after", "after", "installation", "final", "signature", "other"):
            world.photo(call, kind=kind)
    cells = [
        _column(_assert_naive(services, _params(call_type)), heading)
        for call_type, heading in (
            ("installation", "Installation Photos"),
            ("swap", "Photos (Before/After)"),
            ("deinstallation", "Photos (Final State)"),
        )
    ]
    assert cells == [["View Photos (1)"], ["View Photos (3)"], ["View Photos (1)"]]


@pytest.mark.parametrize(
    ("metadata", "has_photo", "expected"),
    [
        ({"customer_signature": "A. Rao"}, False, "Yes"),
        ({"customer_signature": True}, False, "Yes"),
        ({"customer_signature": False}, False, "No"),
        ({"customer_signature": None}, False, "No"),
        ({}, True, "Yes"),
        (None, False, "No"),
    ],
    ids=str,
)
def test_a_signature_is_a_photo_or_noted(
    services: Services, world: World, metadata: Any, *, has_photo: bool, expected: str
) -> None:
    """Yes for a photo of that kind and for a key that holds something; not for a key that denies it."""
    call = _done(world, metadata=metadata)
    if has_photo:
        world.photo(call, kind="signature")
    assert _column(_assert_naive(services, _params("installation")), "Customer Signature") == [expected]


def test_missing_evidence_is_flagged_and_counted(services: Services, world: World) -> None:
    """Completed calls alone are flagged, for the photo, the device or both that they need and do not have."""
    needs: dict[str, Any] = {"requires_photo": True, "requires_device": True}
    both, photo, device = (_done(world, **needs, created_at=EVENING + place * HOUR) for place in (9, 8, 7))
    whole = _done(world, **needs, created_at=EVENING + 6 * HOUR)
    for call in (device, whole):
        world.photo(call)
    for call in (photo, whole):
        _device(services, world, call, "installed", f"S-{call}")
    assert both
    _done(world, created_at=EVENING + 5 * HOUR)
    world.call(status="assigned", **needs, created_at=EVENING + 4 * HOUR)
    world.call(status="cancelled", **needs, created_at=EVENING + 3 * HOUR)
    file = _assert_naive(services, _params("installation"))
    lacks_both = "mandatory photo missing; mandatory device missing"
    assert _column(file, "Note") == [lacks_both, "mandatory photo missing", "mandatory device missing", *[None] * 4]
    assert file.sheets["Summary"][1][-1] == 3
    told = "Mandatory Evidence Missing"
    assert [line for line in file.reconciliation if line[0].endswith(told)] == [
        (f"Excluded from {told}", "not completed yet: 1"),
        (f"Excluded from {told}", "cancelled: 1"),
        (f"Excluded from {told}", "completed, nothing mandatory: 1"),
        (f"Excluded from {told}", "completed with what is mandatory: 1"),
        (f"Reconciled: {told}", "in scope 7 = counted 3 + excluded 4"),
    ]


def test_first_time_fix_counts_bounces_as_defined(services: Services, world: World) -> None:
    """An event before the first assignment is no bounce; without any event the metadata tell, with one they do not."""
    kinds = ("REASSIGNED", "RESCHEDULED", "CANCELLED", "NOTE")
    for kind in kinds:
        world.event(_done(world), kind, at=EVENING - 2 * HOUR)
    early = _done(world)
    world.event(early, "REASSIGNED", at=EVENING - 4 * HOUR)
    late = _done(world)
    world.event(late, "ASSIGNED", at=EVENING - 9 * HOUR)
    world.event(late, "REASSIGNED", at=EVENING - 4 * HOUR)
    for reassigned in (True, False, "true", 1):
        _done(world, metadata={"reassigned": reassigned})
    world.event(_done(world, metadata={"reassigned": True}), "NOTE")
    world.event(_done(world, assigned_at=None), "REASSIGNED")
    file = _assert_naive(services, _params("installation"))
    assert file.sheets["Summary"][1][8] == pytest.approx(100 * 7 / 12)


HOSTILE: list[Any] = [
    [],
    "text",
    5,
    True,
    {"downtime_hours": "4.5", "fault_description": ["a", {"b": None, "c": [1, 2]}], "root_cause": {"x": True}},
    {"downtime_hours": "soon", "root_cause": "=1+1", "customer_impact": 12},
    {"downtime_hours": [1], "resolution_action": " ", "customer_impact": False},
    {"downtime_hours": False, "fault_description": "line\nline"},
    {"downtime_hours": "nan"},
    {"downtime_hours": "inf", "root_cause": None},
    {"downtime_hours": ""},
    {"downtime_hours": -3},
    {},
    None,
]


def test_hostile_metadata_are_told_and_never_fail(services: Services, world: World) -> None:
    """Values of every JSON type are shown in words or left blank; what is no object or no number is noted, counted."""
    for place, metadata in enumerate(HOSTILE):
        _done(world, "breakdown", metadata=metadata, created_at=EVENING - place * HOUR)
    file = _assert_naive(services, _params("breakdown"))
    number, none = "Downtime (hours) is not a number", "metadata is no JSON object"
    assert _column(file, "Note") == [*[none] * 4, None, *[number] * 5, *[None] * 4]
    assert _column(file, "Downtime (hours)") == [*[None] * 4, 4.5, *[None] * 6, -3, None, None]
    assert ("Excluded from metadata as recorded", f"{none}, left blank: 4") in file.reconciliation
    assert ("Excluded from metadata as recorded", f"{number}, left blank: 5") in file.reconciliation


def test_the_next_maintenance_is_a_date(services: Services, world: World) -> None:
    """An ISO date is a date, an instant the date it has in the business zone; anything else is noted and left blank."""
    values = ["2026-09-01", "2026-09-01T20:00:00Z", "2026-09-01T20:00:00", "in autumn", 20260901, "2026-02-30", None]
    for place, due in enumerate(values):
        _done(world, "maintenance", metadata={"next_maintenance_due": due}, created_at=EVENING - place * HOUR)
    file = _file(services, _params("maintenance"))
    days = [date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 1), *[None] * 4]
    assert _column(file, "Next Maintenance Due") == days
    assert _column(file, "Note") == [*[None] * 3, *["Next Maintenance Due is not an ISO date"] * 3, None]


def test_odd_calls_reconcile(services: Services, world: World) -> None:
    """Nulls everywhere, no bank, negative durations, no times: every total still adds up."""
    blank: dict[str, Any] = dict.fromkeys(("client_name", "priority", "requires_photo", "requires_device", "metadata"))
    world.call(None, **blank)
    _done(world, assigned_at=EVENING + HOUR)
    _done(world, assigned_at=None, started_at=None, completed_at=None)
    _done(world, priority="critical", completed_at=datetime(9999, 12, 31, tzinfo=UTC))
    world.call(world.bank(), status="cancelled", scheduled_date=DAY - timedelta(days=1))
    world.call(world.bank(), type="swap")
    file = _assert_naive(services, _params("installation"))
    assert file.sheets["Summary"][1][:4] == [4, 0, 4, 3]
    preview = Desk(services).preview(REPORT, _params("installation"))
    assert [tile["previous"] for tile in preview["kpis"]][:2] == [1, 1]


def test_one_call_of_one_bank_for_its_administrator(services: Services, world: World) -> None:
    """A bank's administrator gets his bank's call alone, in rows, figures and charts."""
    mine, other = world.bank("Mine"), world.bank("Canary")
    for bank in (mine, other):
        _device(services, world, _done(world, client_bank=bank), "installed", f"serial of {bank}")
    body = {"reportId": REPORT, "params": _params("installation"), "output": {"isPreview": True}}
    shown = accept(services, world.caller(world.person("bank_admin", mine)), body)
    assert isinstance(shown, dict)
    assert [sheet["totalRows"] for sheet in shown["sheets"]] == [1, 1]
    assert shown["charts"][1]["categories"] == ["Mine"]
    assert other not in str(shown)
    assert "Canary" not in str(shown)
