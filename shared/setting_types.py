"""Types of settings: how the text of an environment variable becomes a span, a zone, a list or a name; reads none."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, FilePath


def _seconds(value: object) -> object:
    """Environment text holds seconds; a `timedelta` and its ISO 8601 form stay as they are."""
    return value if isinstance(value, str) and value.startswith("P") else _span(value, "seconds")


def _days(value: object) -> object:
    return _span(value, "days")


def _span(value: object, unit: str) -> object:
    """A number of the unit as a `timedelta`; the message of a wrong one does not repeat it."""
    if not isinstance(value, str | int | float):
        return value
    try:
        return timedelta(**{unit: float(value)})
    except (ValueError, OverflowError):
        raise ValueError(f"must be a number of {unit}") from None


def _json(value: object) -> object:
    """Environment text holds JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        message = "must be more than 0"
        raise ValueError(message)
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = "must be an IANA time zone such as Asia/Kolkata"
        raise ValueError(message) from None
    return name


def _names(value: object) -> object:
    """Environment text holds names parted by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _colour(value: str) -> str:
    digits = value.removeprefix("#").upper()
    if re.fullmatch("[0-9A-F]{6}", digits) is None:
        message = "must be six hexadecimal digits such as 0066CC"
        raise ValueError(message)
    return digits


def _picture(path: Path) -> Path:
    if path.suffix.lower() not in {".svg", ".png"}:
        message = "must be an SVG or PNG file"
        raise ValueError(message)
    return path


Seconds = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_positive)]
SecondsOrZero = Annotated[timedelta, BeforeValidator(_seconds)]
Days = Annotated[timedelta, BeforeValidator(_days), AfterValidator(_positive)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]
Zone = Annotated[str, AfterValidator(_zone)]
JsonText = BeforeValidator(_json)
Colour = Annotated[str, AfterValidator(_colour)]
Picture = Annotated[FilePath, AfterValidator(_picture)]
