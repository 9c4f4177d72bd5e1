"""Devices and photos of a call, as one text per call in the statement that reads the calls; links to nothing itself.

The texts are taken apart here. What parts their fields are control characters, which no file would show anyway.
"""

import re
from collections.abc import Collection, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, UnicodeText, cast, func, literal, select
from sqlalchemy.sql.functions import coalesce

from shared.document import Link
from shared.ports import is_blob_name
from shared.reports._calls import call
from shared.reports._model import PhotoRef
from shared.tables import call_devices, calls, devices, photos

_FIELD, _RECORD = "\x1f", "\x1e"


class Device(NamedTuple):
    """A device of a call: what it was there for, its serial number, and its model where it is known."""

    role: str
    serial: str
    model: str


class Photo(NamedTuple):
    """A photo of a call."""

    kind: str
    ref: PhotoRef


def device_list() -> ColumnElement[str | None]:
    """The call's devices as text for `devices_of`; None without any."""
    listed = select(_listed(devices.c.id, call_devices.c.role, devices.c.model, devices.c.serial_number))
    joined = listed.select_from(call_devices.join(devices, devices.c.id == call_devices.c.device_id))
    return joined.where(call_devices.c.call_id == call.id).correlate(calls).scalar_subquery()


def kinds_of_photos() -> ColumnElement[str | None]:
    """The call's photos with their kinds as text for `photos_of`; None without any."""
    listed = select(_listed(photos.c.id, photos.c.kind, photos.c.storage_path))
    return listed.where(photos.c.call_id == call.id).correlate(calls).scalar_subquery()


def _listed(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    texts = (coalesce(cast(column, UnicodeText), literal("", UnicodeText)) for column in columns)
    line = reduce(lambda left, right: add(add(left, literal(_FIELD, UnicodeText)), right), texts)
    return func.aggregate_strings(line, _RECORD)


def _record(plain_fields: int) -> re.Pattern[str]:
    """How a record begins: id and plain fields. The last field may be any text, as scanners read serial numbers."""
    return re.compile(f"(?:\\A|{_RECORD})([0-9A-Fa-f-]{{36}}){_FIELD}" + f"([^{_FIELD}]*){_FIELD}" * plain_fields)


_DEVICE, _PHOTO = _record(2), _record(1)


def devices_of(listed: str | None) -> list[Device]:
    """The devices, in order of their serial numbers."""
    parts = _DEVICE.split(listed or "")
    found = zip(parts[2::4], parts[4::4], parts[3::4], strict=True)
    return sorted((Device(*fields) for fields in found), key=lambda each: (each.serial, each))


def photos_of(listed: str | None) -> list[Photo]:
    """The photos, in order of their blobs' names."""
    parts = _PHOTO.split(listed or "")
    found = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    photos_found = (Photo(kind, PhotoRef(identity.lower(), name)) for identity, kind, name in found)
    return sorted(photos_found, key=lambda photo: (photo.ref.blob_name, photo.ref.id))


def with_roles(found: Sequence[Device], *choices: Collection[str]) -> list[Device]:
    """The devices with one of the first roles that any of them has."""
    for roles in choices:
        if chosen := [device for device in found if device.role in roles]:
            return chosen
    return []


def first_linkable(shown: Sequence[PhotoRef]) -> PhotoRef:
    """The photo that the cell of these opens, the only one to be signed; the first where none can be linked to."""
    return next((photo for photo in shown if is_blob_name(photo.blob_name)), shown[0])


def view_photos(shown: Sequence[PhotoRef], links: Sequence[str | None]) -> Link:
    """The cell "View Photos (n)" that opens the first of the links there is, and tells the files' names."""
    if not shown:
        return Link("No photos")
    names = tuple(photo.blob_name for photo in shown)
    files = ", ".join(name.rpartition("/")[2] for name in names)
    return Link(f"View Photos ({len(shown)})", next(filter(None, links), None), files, names)
