"""The columns that each type of call has of its own, and what stands in them; reads no database."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic.alias_generators import to_camel

from shared.clock import local_date
from shared.document import Cell, Column, Kind, Link
from shared.reports._call_metadata import CallMetadata, words_of
from shared.reports._visit_evidence import Device, Photo, with_roles

_SERIALS = (("installed", "new"), ("serviced",), ("removed",))  # the first roles that a device has


@dataclass(frozen=True)
class Visit:
    """What the columns of a call's type are made of; `photo_link` is the cell of the photos that its type shows."""

    metadata: CallMetadata
    devices: Sequence[Device]
    photos: Sequence[Photo]
    photo_link: Link


@dataclass(frozen=True)
class TypeColumn:
    """One column. `key` and `read` are of columns that take only some values of a metadata key: others raise."""

    column: Column
    cell: Callable[[Visit, ZoneInfo], Cell]
    key: str = ""
    read: Callable[[Any, ZoneInfo], Cell] | None = None
    takes: str = ""  # what the values have to be, in words

    def refuses(self, metadata: CallMetadata, zone: ZoneInfo) -> bool:
        """Whether the call has a value that cannot stand in this column."""
        if self.read is None:
            return False
        try:
            self.read(metadata.values.get(self.key), zone)
        except (ValueError, OverflowError):
            return True
        return False


def _words(key: str, label: str, *, long_text: bool = False, few_values: bool = False) -> TypeColumn:
    column = Column(to_camel(key), label, long_text=long_text, few_values=few_values)
    return TypeColumn(column, lambda visit, _zone: words_of(visit.metadata.values.get(key)))


def _strict(key: str, label: str, kind: Kind, read: Callable[[Any, ZoneInfo], Cell], takes: str) -> TypeColumn:
    def cell(visit: Visit, zone: ZoneInfo) -> Cell:
        return None if made.refuses(visit.metadata, zone) else read(visit.metadata.values.get(key), zone)

    made = TypeColumn(Column(to_camel(key), label, kind), cell, key, read, takes)
    return made


def _number(value: Any, _zone: ZoneInfo) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool | list | dict) or not math.isfinite(number := float(value)):
        raise ValueError(value)
    return number


def _date(value: Any, zone: ZoneInfo) -> date | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 one error for whatever is no date
    at = datetime.fromisoformat(value.strip())
    return at.date() if at.tzinfo is None else local_date(at, zone)


def _serials(label: str, *roles: Sequence[str]) -> TypeColumn:
    """As text: serial numbers may begin with zeros."""

    def cell(visit: Visit, _zone: ZoneInfo) -> Cell:
        return "; ".join(device.serial for device in with_roles(visit.devices, *roles) if device.serial) or None

    return TypeColumn(Column(to_camel(label.lower().replace(" ", "_")), label), cell)


def _models(visit: Visit, _zone: ZoneInfo) -> Cell:
    return "; ".join(device.model for device in with_roles(visit.devices, *_SERIALS) if device.model) or None


def _signed(visit: Visit, _zone: ZoneInfo) -> Cell:
    """A key that holds nothing, or denies it, is no signature."""
    value = visit.metadata.values.get("customer_signature")
    is_noted = value is not False and words_of(value) is not None
    return is_noted or any(photo.kind == "signature" for photo in visit.photos)


def _photos(label: str) -> TypeColumn:
    return TypeColumn(Column("photos", label, Kind.LINK), lambda visit, _zone: visit.photo_link)


_DEVICE = _serials("Device Serial", *_SERIALS)
TYPE_COLUMNS: Mapping[str, Sequence[TypeColumn]] = {
    "installation": (
        _DEVICE,
        TypeColumn(Column("deviceModel", "Device Model", few_values=True), _models),
        _photos("Installation Photos"),
        _words("pre_installation_checklist", "Pre-Installation Checklist", long_text=True),
        _words("post_installation_verification", "Post-Installation Verification", long_text=True),
        TypeColumn(Column("customerSignature", "Customer Signature", Kind.BOOLEAN), _signed),
    ),
    "swap": (
        _serials("Old Device Serial", ("old",)),
        _serials("New Device Serial", ("new", "installed")),
        _words("swap_reason", "Swap Reason", long_text=True),
        _words("old_device_status", "Old Device Status", few_values=True),
        _photos("Photos (Before/After)"),
    ),
    "maintenance": (
        _DEVICE,
        _words("maintenance_type", "Maintenance Type", few_values=True),
        _words("issues_found", "Issues Found", long_text=True),
        _words("parts_replaced", "Parts Replaced", long_text=True),
        _words("firmware_updated", "Firmware Updated", few_values=True),
        _strict("next_maintenance_due", "Next Maintenance Due", Kind.DATE, _date, "an ISO date"),
    ),
    "breakdown": (
        _DEVICE,
        _words("fault_description", "Fault Description", long_text=True),
        _words("root_cause", "Root Cause", long_text=True),
        _words("resolution_action", "Resolution Action", long_text=True),
        _strict("downtime_hours", "Downtime (hours)", Kind.DECIMAL, _number, "a number"),
        _words("customer_impact", "Customer Impact", few_values=True),
    ),
    "deinstallation": (
        _DEVICE,
        _words("deinstallation_reason", "Deinstallation Reason", long_text=True),
        _words("device_condition", "Device Condition", few_values=True),
        _words("return_status", "Return Status", few_values=True),
        _photos("Photos (Final State)"),
    ),
}
PHOTOS_SHOWN: Mapping[str, frozenset[str]] = {  # kinds
    "installation": frozenset({"installation"}),
    "swap": frozenset({"before", "after"}),
    "maintenance": frozenset(),
    "breakdown": frozenset(),
    "deinstallation": frozenset({"final"}),
}


def refused(call_type: str, metadata: CallMetadata, zone: ZoneInfo) -> str:
    """Why some of the call's metadata is left out of its columns; "" when nothing is."""
    if not metadata.is_readable:
        return "metadata is no JSON object"
    found = (each for each in TYPE_COLUMNS[call_type] if each.refuses(metadata, zone))
    return "; ".join(f"{each.column.label} is not {each.takes}" for each in found)
