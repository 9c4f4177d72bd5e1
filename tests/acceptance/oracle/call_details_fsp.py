"""Call Details FSP: what its sheets, tiles and reconciling lines have to be, standard and in banks' own columns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.call_details_activity import Visits
from tests.acceptance.oracle.cells import cleaned, sheet_name
from tests.acceptance.oracle.records import Answer, Question, Record, World

HEADINGS = [
    *("Call Reference", "Bank Code", "Merchant Name", "Merchant ID", "Address", "City", "State", "PIN Code"),
    *("Contact Person", "Contact Number", "Call Type", "Priority", "Scheduled Date", "Assigned Engineer Name"),
    *("Engineer Phone", "Attended Date", "Completion Date", "Status", "TAT (Hours)", "Device Serial", "Remarks"),
    "Photo Evidence",
]
TILES = ["Total", "Completed", "Avg TAT (Hours)"]
_REASONS = [
    "not completed yet",
    "cancelled",
    "completed, no completion time",
    "completed before the scheduled date",
]
Own = Mapping[str, Sequence[tuple[str, str]]]  # by bank: the standard heading of each column, and the bank's


def answer(world: World, question: Question, own: Own | None = None) -> Answer:
    """The whole report; with `own`, one sheet for each bank that has calls."""
    calls = _in_order(world, question.scope(world))
    visits = Visits(world)
    rows = [(call["client_bank"], dict(zip(HEADINGS, _row(visits, question, call), strict=True))) for call in calls]
    sheets = {"FSP Report": [HEADINGS, *([*row.values()] for _, row in rows)]}
    if own is not None:
        sheets = _sheets(world, question, rows, own)
    return Answer(
        sheets=sheets,
        tiles=[
            (label, now, before)
            for label, now, before in zip(
                TILES, _figures(world, question), _figures(world, question.previous), strict=True
            )
        ],
        charts={},
        reconciliation=metrics.told("Avg TAT (Hours)", Counter(_why(question, call) for call in calls), _REASONS),
    )


def _sheets(
    world: World, question: Question, rows: Sequence[tuple[Any, Record]], own: Own
) -> dict[str, list[list[Any]]]:
    """Of the banks asked for, else of those that have calls; by code, and only one bank needs no name."""
    asked = question.filters.get("client_bank", question.allowed)
    found = {bank for bank, _ in rows} if asked is None else set(asked)
    named = sorted(filter(None, found), key=lambda bank: (world.banks[bank]["code"], world.banks[bank]["name"], bank))
    banks: list[str | None] = [*named, *([None] if None in found else [])]
    if not banks or (asked is not None and len(banks) == 1):
        return {"FSP Report": _sheet(rows, banks[0] if banks else None, own)}
    taken: list[str] = []
    for name in _names(world, banks):
        taken.append(sheet_name(name, taken))
    return {name: _sheet(rows, bank, own) for name, bank in zip(taken, banks, strict=True)}


def _names(world: World, banks: Sequence[str | None]) -> list[str]:
    """With codes where names are equal, and with their places where even those are."""
    names = [cleaned(world.banks[bank]["name"]) if bank else "(no bank)" for bank in banks]
    coded = [
        cleaned(f"{name} ({world.banks[bank]['code']})") if bank and names.count(name) > 1 else name
        for name, bank in zip(names, banks, strict=True)
    ]
    return [f"{name} {place}" if coded.count(name) > 1 else name for place, name in enumerate(coded, 1)]


def _sheet(rows: Sequence[tuple[Any, Record]], bank: str | None, own: Own) -> list[list[Any]]:
    chosen = own.get(bank or "") or [(heading, heading) for heading in HEADINGS]
    mine = [row for of, row in rows if of == bank]
    return [[shown for _, shown in chosen], *([row[heading] for heading, _ in chosen] for row in mine)]


def _in_order(world: World, calls: list[Record]) -> list[Record]:
    """By bank code, scheduled date and call number; calls without a bank come last."""

    def place(call: Record) -> tuple[Any, ...]:
        bank = world.banks.get(call["client_bank"])
        return bank is None, bank["code"] if bank else "", call["scheduled_date"], call["call_number"]

    return sorted(calls, key=place)


def _row(visits: Visits, question: Question, call: Record) -> list[Any]:
    world, photos = visits.world, visits.of("photos", call)
    bank, engineer = world.banks.get(call["client_bank"], {}), world.people.get(call["assigned_engineer"], {})
    return [
        *(call["call_number"], bank.get("code"), call["client_name"], call["client_id"], call["client_address"]),
        *(call.get("city"), call.get("state"), call.get("pin_code"), call["client_contact"], call["client_phone"]),
        *(call["type"], call["priority"], call["scheduled_date"], engineer.get("full_name"), engineer.get("phone")),
        *(_day(question, call["started_at"]), _day(question, call["completed_at"]), call["status"]),
        tat(question, call),
        _serials(visits, call),
        call["resolution_notes"],
        f"View Photos ({len(photos)})" if photos else "No photos",
    ]


def tat(question: Question, call: Record) -> float | None:
    """Hours from local midnight of the scheduled date to completion."""
    if call["completed_at"] is None:
        return None
    day = call["scheduled_date"]
    midnight = datetime(day.year, day.month, day.day, tzinfo=question.zone).astimezone(UTC)
    hours: float = (call["completed_at"] - midnight).total_seconds() / 3600
    return hours


def _day(question: Question, at: datetime | None) -> Any:
    return None if at is None else question.day(at)


def _serials(visits: Visits, call: Record) -> str | None:
    devices = visits.of("call_devices", call)
    used = [(each["role"], visits.devices[each["device_id"]]["serial_number"]) for each in devices]
    for roles in ({"installed", "new"}, {"serviced"}, {"removed"}):
        found = sorted(str(serial) for role, serial in used if role in roles)
        if found:
            return "; ".join(filter(None, found)) or None
    return None


def _figures(world: World, question: Question) -> list[Any]:
    calls = question.scope(world)
    done = sum(call["status"] == "completed" for call in calls)
    return [len(calls), done, metrics.mean(tat(question, call) for call in calls)]


def _why(question: Question, call: Record) -> str:
    hours = tat(question, call)
    if hours is not None:
        return "" if hours >= 0 else "completed before the scheduled date"
    named = {"cancelled": "cancelled", "completed": "completed, no completion time"}
    return named.get(call["status"], "not completed yet")
