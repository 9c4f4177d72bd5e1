"""Call Type Specific: what its sheets, tiles, charts and reconciling lines have to be."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.acceptance.oracle import call_summary, metrics
from tests.acceptance.oracle.records import Answer, Question, Record, World

SUMMARY = [
    *("Total Calls", "Cancelled", "Net", "Completed", "Completion Rate %", "Avg Response Time (min)"),
    *("Avg Resolution Time (min)", "On-Time %", "First-Time Fix %", "Mandatory Evidence Missing"),
]
DETAILS = [
    *("Call Number", "Status", "Priority", "Client Bank", "Client Name", "Client Address", "Scheduled Date"),
    *("Assigned Engineer", "Assigned At", "Started At", "Completed At", "Response Time (min)"),
    "Resolution Time (min)",
]
# Heading and where it comes from: roles of devices, kinds of photos, or a key of the metadata.
OWN: dict[str, list[tuple[str, str]]] = {
    "installation": [
        ("Device Serial", "serial"),
        ("Device Model", "model"),
        ("Installation Photos", "photos installation"),
        ("Pre-Installation Checklist", "pre_installation_checklist"),
        ("Post-Installation Verification", "post_installation_verification"),
        ("Customer Signature", "signature"),
    ],
    "swap": [
        ("Old Device Serial", "old"),
        ("New Device Serial", "new"),
        ("Swap Reason", "swap_reason"),
        ("Old Device Status", "old_device_status"),
        ("Photos (Before/After)", "photos before after"),
    ],
    "maintenance": [
        ("Device Serial", "serial"),
        ("Maintenance Type", "maintenance_type"),
        ("Issues Found", "issues_found"),
        ("Parts Replaced", "parts_replaced"),
        ("Firmware Updated", "firmware_updated"),
        ("Next Maintenance Due", "next_maintenance_due"),
    ],
    "breakdown": [
        ("Device Serial", "serial"),
        ("Fault Description", "fault_description"),
        ("Root Cause", "root_cause"),
        ("Resolution Action", "resolution_action"),
        ("Downtime (hours)", "downtime_hours"),
        ("Customer Impact", "customer_impact"),
    ],
    "deinstallation": [
        ("Device Serial", "serial"),
        ("Deinstallation Reason", "deinstallation_reason"),
        ("Device Condition", "device_condition"),
        ("Return Status", "return_status"),
        ("Photos (Final State)", "photos final"),
    ],
}


def answer(world: World, question: Question) -> Answer:
    """The whole report; the type is the question's only filter by type."""
    (call_type,) = question.filters["type"]
    calls = question.scope(world)
    evidence = Evidence(world)
    now, before = (_figures(world, each, evidence) for each in (question, question.previous))
    calls.sort(key=lambda call: call["id"])
    calls.sort(key=lambda call: (call["scheduled_date"], call["created_at"]), reverse=True)
    headings = [*DETAILS, *(heading for heading, _ in OWN[call_type]), "Note"]
    return Answer(
        sheets={
            "Summary": [SUMMARY, now],
            "Details": [headings, *(_row(world, question, evidence, call) for call in calls)],
        },
        tiles=list(zip(SUMMARY, now, before, strict=True)),
        charts=_charts(world, question, calls),
        reconciliation=_reconciliation(world, question, calls, evidence),
    )


class Evidence:
    """Devices, photos and bounces of every call, looked up by its id."""

    def __init__(self, world: World) -> None:
        devices = {device["id"]: device for device in world.tables["devices"]}
        self.photos: dict[str, list[Record]] = {}
        self.devices: dict[str, list[tuple[str, Record]]] = {}
        self.events: dict[str, list[Record]] = {}
        for photo in world.tables["photos"]:
            self.photos.setdefault(photo["call_id"], []).append(photo)
        for used in world.tables["call_devices"]:
            self.devices.setdefault(used["call_id"], []).append((used["role"], devices[used["device_id"]]))
        for event in world.tables["call_events"]:
            self.events.setdefault(event["call_id"], []).append(event)

    def with_role(self, call: Record, *choices: set[str]) -> list[Record]:
        """The devices of the first choice that there are any of, by serial number."""
        for roles in choices:
            found = [(role, device) for role, device in self.devices.get(call["id"], []) if role in roles]
            if found:
                found.sort(key=lambda pair: (pair[1]["serial_number"], pair[0], pair[1]["model"] or ""))
                return [device for _, device in found]
        return []

    def flag(self, call: Record) -> str:
        """What a completed call lacks."""
        lacks = []
        if call["status"] == "completed" and call["requires_photo"] in {1, "1"} and call["id"] not in self.photos:
            lacks.append("mandatory photo missing")
        if call["status"] == "completed" and call["requires_device"] in {1, "1"} and call["id"] not in self.devices:
            lacks.append("mandatory device missing")
        return "; ".join(lacks)

    def has_bounced(self, world: World, call: Record) -> bool:
        """A bounce after the first assignment, or, without any event, metadata that say so."""
        events = self.events.get(call["id"], [])
        if not events:
            return metadata_of(call).get("reassigned") is True
        first = metrics.first_assignment(world, call)
        kinds = {"REASSIGNED", "RESCHEDULED", "CANCELLED"}
        return first is not None and any(event["event_type"] in kinds and event["at"] > first for event in events)


def metadata_of(call: Record) -> dict[str, Any]:
    """The keys; none where it is no object."""
    return call["metadata"] if isinstance(call["metadata"], dict) else {}


def _figures(world: World, question: Question, evidence: Evidence) -> list[Any]:
    calls = question.scope(world)
    done = [call for call in calls if call["status"] == "completed"]
    cancelled = sum(call["status"] == "cancelled" for call in calls)
    fixed = sum(not evidence.has_bounced(world, call) for call in done)
    return [
        *(len(calls), cancelled, len(calls) - cancelled, len(done)),
        metrics.percent(len(done), len(calls) - cancelled),
        metrics.mean(metrics.response(world, call) for call in calls),
        metrics.mean(metrics.resolution(world, call) for call in calls),
        metrics.percent(sum(metrics.is_on_time(call, question) for call in calls), len(done)),
        metrics.percent(fixed, len(done)),
        sum(evidence.flag(call) != "" for call in calls),
    ]


def _row(world: World, question: Question, evidence: Evidence, call: Record) -> list[Any]:
    engineer = world.people.get(call["assigned_engineer"])
    return [
        *(call["call_number"], call["status"], call["priority"]),
        metrics.bank_name(world, call["client_bank"]),
        *(call["client_name"], call["client_address"], call["scheduled_date"]),
        engineer["full_name"] if engineer else None,
        *(_wall(call[name], question) for name in ("assigned_at", "started_at", "completed_at")),
        *(metrics.response(world, call), metrics.resolution(world, call)),
        *(_own(question, evidence, call, source) for _, source in OWN[call["type"]]),
        "; ".join(filter(None, (evidence.flag(call), _refused(question, call)))) or None,
    ]


def _wall(at: datetime | None, question: Question) -> datetime | None:
    return question.wall_clock(at)


def _own(question: Question, evidence: Evidence, call: Record, source: str) -> Any:
    photos = evidence.photos.get(call["id"], [])
    if source.startswith("photos"):
        number = sum(photo["kind"] in source.split()[1:] for photo in photos)
        return f"View Photos ({number})" if number else "No photos"
    if source == "signature":
        noted = metadata_of(call).get("customer_signature")
        is_noted = noted is not False and words(noted) is not None
        return "Yes" if is_noted or any(photo["kind"] == "signature" for photo in photos) else "No"
    if source in {"serial", "model", "old", "new"}:
        main = ({"installed", "new"}, {"serviced"}, {"removed"})
        choices = {"old": ({"old"},), "new": ({"installed", "new"},)}.get(source, main)
        column = "model" if source == "model" else "serial_number"
        return "; ".join(device[column] for device in evidence.with_role(call, *choices) if device[column]) or None
    return _noted(question, source, metadata_of(call).get(source))


def _noted(question: Question, key: str, value: Any) -> Any:
    if _is_refused(question, key, value):
        return None
    if key == "next_maintenance_due":
        return _due(question, value) if value else None
    if key == "downtime_hours":
        return None if value in (None, "") else float(value)
    return words(value)


def words(value: Any, levels: int = 3) -> str | None:
    """A value of the metadata in a cell, lists and objects at most three deep."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | dict) and levels == 0:
        return "…"
    if isinstance(value, list):
        return "; ".join(filter(None, (words(each, levels - 1) for each in value))) or None
    if isinstance(value, dict):
        told = [(key, words(each, levels - 1)) for key, each in value.items()]
        return "; ".join(f"{key}: {text}" for key, text in told if text) or None
    return None if value is None or not str(value).strip() else str(value)


def _due(question: Question, value: str) -> date:
    """The local day of a time with an offset; else the day that stands there."""
    at = datetime.fromisoformat(value.strip())
    return question.day(at) if at.tzinfo else at.date()


def _is_refused(question: Question, key: str, value: Any) -> bool:
    """Whether a date or a number is none."""
    if value is None or value == "":
        return False
    try:
        if key == "next_maintenance_due":
            _due(question, value)
        if key == "downtime_hours":
            return isinstance(value, bool) or float(value) - float(value) != 0
    except (AttributeError, TypeError, ValueError, OverflowError):
        return True
    return False


def _refused(question: Question, call: Record) -> str:
    if call["metadata"] is None:
        return ""
    raw = call["metadata"]
    if not isinstance(raw, dict):
        return "metadata is no JSON object"
    if call["type"] == "maintenance" and _is_refused(question, "next_maintenance_due", raw.get("next_maintenance_due")):
        return "Next Maintenance Due is not an ISO date"
    if call["type"] == "breakdown" and _is_refused(question, "downtime_hours", raw.get("downtime_hours")):
        return "Downtime (hours) is not a number"
    return ""


def _charts(world: World, question: Question, calls: Sequence[Record]) -> dict[str, dict[str, list[Any]]]:
    mondays = sorted({day - timedelta(day.isocalendar().weekday - 1) for day in question.days})
    done = [call["scheduled_date"] for call in calls if call["status"] == "completed"]
    charts: dict[str, dict[str, list[Any]]] = {
        "Completed calls per week": {
            "": [f"{monday.isocalendar().year}-W{monday.isocalendar().week:02}" for monday in mondays],
            "Completed": [sum(monday <= day < monday + timedelta(7) for day in done) for monday in mondays],
        }
    }
    banks = metrics.bank_labels(world, calls)
    if banks:
        charts["Calls by bank"] = {
            "": list(banks.values()),
            "Calls": [sum(call["client_bank"] == bank for call in calls) for bank in banks],
        }
    return charts


def _reconciliation(
    world: World, question: Question, calls: Sequence[Record], evidence: Evidence
) -> list[tuple[str, str]]:
    """Lines of the figures that Call Summary has too, under the names of this report; then its own."""
    common = call_summary.figures_with_reasons(world, question)
    lines = _told("Completion Rate %", calls, lambda call: "cancelled" * (call["status"] == "cancelled"), ["cancelled"])
    for figure, short in (
        ("Avg Response Time (min)", "Avg Response Time"),
        ("Avg Resolution Time (min)", "Avg Resolution Time"),
        *((name, name) for name in ("On-Time %", "priority as recorded", "completion time as recorded")),
        ("status as recorded", "status as recorded"),
    ):
        reasons, reason_of = common[short]
        lines += _told(figure, calls, reason_of, reasons)
    open_or_cancelled, why_open = common["On-Time %"]

    def why_complete(call: Record) -> str:
        if why_open(call):
            return why_open(call)
        if evidence.flag(call):
            return ""
        is_needed = call["requires_photo"] in {1, "1"} or call["requires_device"] in {1, "1"}
        return "completed with what is mandatory" if is_needed else "completed, nothing mandatory"

    nothing = ["completed, nothing mandatory", "completed with what is mandatory"]
    flags = sorted({evidence.flag(call) for call in calls} - {""})
    refusals = sorted({_refused(question, call) for call in calls} - {""})
    return [
        *lines,
        *_told("First-Time Fix %", calls, why_open, open_or_cancelled),
        *_told("Mandatory Evidence Missing", calls, why_complete, [*open_or_cancelled, *nothing]),
        *_told("mandatory evidence as required", calls, evidence.flag, flags),
        *_told(
            "metadata as recorded",
            calls,
            lambda call: f"{_refused(question, call)}, left blank" if _refused(question, call) else "",
            [f"{each}, left blank" for each in refusals],
        ),
    ]


def _told(figure: str, calls: Sequence[Record], reason_of: Any, reasons: list[str]) -> list[tuple[str, str]]:
    return metrics.told(figure, Counter(reason_of(call) for call in calls), reasons)
