"""Export Info: the lines about what was asked, of which instant, over which rows, and what cells could not hold."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.acceptance.oracle.cells import Written, cleaned
from tests.acceptance.oracle.records import Question, World

TITLES = {
    "call-summary": "Call Summary",
    "call-details": "Call Details",
    "call-details-fsp": "Call Details FSP",
    "call-type-specific": "Call Type Specific",
    "call-details-activity": "Call Details And Activity",
    "rolling-volume": "Rolling Volume",
    "service-performance": "Service Performance",
    "response-tat": "Response TAT",
    "resolution-tat": "Resolution TAT",
    "bounce-call": "Bounce Call",
    "pending-ageing": "Pending Call Ageing",
    "post-installation-survey": "Post-Installation Survey",
}
_FILTERS = {"regions": "Regions", "status": "Status", "callType": "Call types", "priority": "Priorities"}
_CHOICES = {"granularity": "Granularity", "minDaysOpen": "Days open at least"}
_OWN = {
    "fspFormat": "Format",
    "specificCallNumber": "Call number",
    "minRating": "Minimum rating of details and comments",
}


def lines(report: str, params: Mapping[str, Any], world: World, question: Question, written: Written) -> dict[str, str]:
    """Each line that does not depend on the clock or on words of formulas, by its item."""
    zone, as_of = question.zone.key, question.local(question.as_of)
    found = {"Report": TITLES[report], f"Data as of ({zone})": f"{as_of:%Y-%m-%d %H:%M:%S}", "Business time zone": zone}
    if report == "pending-ageing":
        found["As-of date"] = f"{question.last}"
    elif "dateFrom" in params:
        found["Dates"] = f"{params['dateFrom']} to {params['dateTo']}"
    found |= _filters(params, world, question)
    found |= {f"Rows: {name}": str(len(rows) - 1) for name, rows in written.answer.sheets.items()}
    counts = {"Texts cut at the cell limit": written.cut, "Values a cell cannot hold": written.odd}
    found |= {item: str(count) for item, count in counts.items() if count} | {"File format": "XLSX"}
    return {cleaned(item): cleaned(text) for item, text in found.items()}


def _filters(params: Mapping[str, Any], world: World, question: Question) -> dict[str, str]:
    banks = question.filters.get("client_bank", question.allowed)
    found = {"Banks": "all banks, and calls without a bank"}
    if banks is not None:
        found["Banks"] = _named(world.banks[bank]["name"] for bank in banks)
    if "engineers" in params:
        known = (world.people[each] for each in params["engineers"])
        found["Engineers"] = _named(_shown(person, question) for person in known)
    found |= {label: ", ".join(params[name]) for name, label in _FILTERS.items() if name in params}
    return found | {label: str(params[name]) for name, label in (_CHOICES | _OWN).items() if name in params}


def _shown(person: Mapping[str, Any], question: Question) -> str:
    """The name of an engineer that the person may know: of the allowed banks, or of none; else the id."""
    is_known = question.allowed is None or person["bank_id"] is None or person["bank_id"] in question.allowed
    return str(person["full_name"] if is_known and person["role"] == "engineer" else person["id"])


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=str.casefold))
