"""Call Details And Activity: what its sheets, tiles and reconciling lines have to be, for some days or for one call."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.acceptance.headings import HEADINGS
from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.records import Answer, Question, Record, World

TILES = ["Calls", "Events", "Photos", "Devices"]
_HEADINGS = {name: headings.split(" | ") for name, headings in HEADINGS["call-details-activity"].items()}


class Visits:
    """Events, photos and devices of every call."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.devices = {device["id"]: device for device in world.tables["devices"]}
        self._rows: dict[tuple[str, str], list[Record]] = {}
        for table in ("call_events", "photos", "call_devices"):
            for row in world.tables[table]:
                self._rows.setdefault((table, row["call_id"]), []).append(row)

    def of(self, table: str, call: Record) -> list[Record]:
        """The rows of a table that belong to the call."""
        return self._rows.get((table, call["id"]), [])


def answer(world: World, question: Question, page: str) -> Answer:
    """The whole report about the calls of a question, whose photos are linked to on the web page `page`."""
    visits, calls = Visits(world), metrics.newest_first(question.scope(world))
    return _answer(visits, question, page, calls, _counts(visits, question.previous.scope(world)))


def answer_of_one(world: World, question: Question, page: str, number: str) -> Answer:
    """The whole report about one call of whatever day; nothing is known of a previous period."""
    calls = [call for call in world.calls if call["call_number"] == number and question.permits(call)]
    return _answer(Visits(world), question, page, calls, [None] * len(TILES))


def _answer(visits: Visits, question: Question, page: str, calls: list[Record], before: Sequence[Any]) -> Answer:
    by_number = sorted(calls, key=lambda call: str(call["call_number"]))
    log = [line for call in by_number for line in _log(visits, question, call)]
    rows = {
        "Calls": [call_row(visits, question, page, call) for call in calls],
        "Activity Log": log,
        "Photos": [line for call in by_number for line in _photos(visits, question, page, call)],
        "Devices": [line for call in by_number for line in _devices(visits, call)],
    }
    silent = sum(not visits.of("call_events", call) for call in calls)
    lines = Counter("reconstructed from the timestamps of the call" if line[-1] else "" for line in log)
    return Answer(
        sheets={name: [_HEADINGS[name], *each] for name, each in rows.items()},
        tiles=list(zip(TILES, _counts(visits, calls), before, strict=True)),
        charts={},
        reconciliation=[
            *metrics.told(
                "calls with recorded events",
                {"no event recorded": silent, "": len(calls) - silent},
                ["no event recorded"],
            ),
            *metrics.told("events as recorded", lines, ["reconstructed from the timestamps of the call"]),
        ],
    )


def _counts(visits: Visits, calls: Sequence[Record]) -> list[int]:
    return [
        len(calls),
        sum(len(visits.of("call_events", call)) or len(_reconstructed(call)) for call in calls),
        sum(len(visits.of("photos", call)) for call in calls),
        sum(len(visits.of("call_devices", call)) for call in calls),
    ]


def call_row(visits: Visits, question: Question, page: str, call: Record) -> list[Any]:
    """The thirty columns of a call."""
    photos = sorted(visits.of("photos", call), key=lambda photo: (photo["storage_path"], photo["id"]))
    world = visits.world
    bank, engineer = world.banks.get(call["client_bank"], {}), world.people.get(call["assigned_engineer"], {})
    return [
        *(call["call_number"], call["type"], call["status"], call["priority"], bank.get("name")),
        *(call[name] for name in ("client_name", "client_contact", "client_phone", "client_address", "client_id")),
        *(_number(call["latitude"]), _number(call["longitude"])),
        *(call["scheduled_date"], call["scheduled_time_window"], engineer.get("full_name")),
        *(question.wall_clock(call[name]) for name in ("assigned_at", "started_at", "completed_at")),
        *(metrics.response(world, call), metrics.resolution(world, call)),
        *(_number(call[name]) for name in ("estimated_duration_minutes", "actual_duration_minutes")),
        *(_yes(call[name]) for name in ("requires_device", "requires_photo")),
        *(call["description"], call["resolution_notes"], len(photos)),
        "; ".join(f"{page}/photos/{photo['id']}" for photo in photos) or None,
        *(question.wall_clock(call[name]) for name in ("created_at", "updated_at")),
    ]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _yes(value: Any) -> str | None:
    return None if value is None else "Yes" if value in {True, "1"} else "No"


def _log(visits: Visits, question: Question, call: Record) -> list[list[Any]]:
    events = sorted(visits.of("call_events", call), key=lambda event: (event["at"], event["id"]))
    if not events:
        told = _reconstructed(call)
        return [[call["call_number"], question.wall_clock(at), name, *[None] * 7, "reconstructed"] for at, name in told]
    return [
        [
            *(call["call_number"], question.wall_clock(event["at"]), event["event_type"]),
            visits.world.people.get(event["actor_id"], {}).get("full_name"),
            *(event.get(name) for name in ("from_status", "to_status", "details", "notes")),
            _location(event),
            event.get("ip_address"),
            None,
        ]
        for event in events
    ]


def _reconstructed(call: Record) -> list[tuple[Any, str]]:
    """What the timestamps tell, by time; at one time, in the order in which things happen."""
    last = ("updated_at", "CANCELLED") if call["status"] == "cancelled" else ("completed_at", "COMPLETED")
    steps = [("created_at", "CREATED"), ("assigned_at", "ASSIGNED"), ("started_at", "STARTED"), last]
    known = [(call[column], place, name) for place, (column, name) in enumerate(steps) if call[column]]
    return [(at, name) for at, _, name in sorted(known)]


def _location(event: Record) -> str | None:
    places = [_number(event.get(name)) for name in ("latitude", "longitude")]
    return None if None in places else ", ".join(map(str, places))


def _photos(visits: Visits, question: Question, page: str, call: Record) -> list[list[Any]]:
    photos = visits.of("photos", call)
    timed = sorted((photo for photo in photos if photo["taken_at"]), key=lambda each: (each["taken_at"], each["id"]))
    others = sorted((photo for photo in photos if not photo["taken_at"]), key=lambda each: str(each["id"]))
    return [
        [
            *(call["call_number"], photo["kind"], photo["storage_path"].split("/")[-1]),
            *(question.wall_clock(photo[name]) for name in ("taken_at", "uploaded_at")),
            visits.world.people.get(photo["uploaded_by"], {}).get("full_name"),
            photo["file_size"],
            f"{page}/photos/{photo['id']}",
        ]
        for photo in (*timed, *others)
    ]


def _devices(visits: Visits, call: Record) -> list[list[Any]]:
    used = sorted(visits.of("call_devices", call), key=lambda each: (each["role"], each["device_id"]))
    found = ((each["role"], visits.devices[each["device_id"]]) for each in used)
    return [
        [call["call_number"], role, *(device[name] for name in ("serial_number", "model", "status"))]
        for role, device in found
    ]
