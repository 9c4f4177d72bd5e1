"""What a call's `metadata` says: read as text, taken apart in Python; what is no JSON object says nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, UnicodeText, cast

from shared.reports._calls import call

_LEVELS = 3  # lists and objects within one another that are told; what lies deeper is not for a cell
_DEEPER = "…"


@dataclass(frozen=True)
class CallMetadata:
    """The keys of one call; none, and not readable, where the text is broken or holds something else."""

    values: Mapping[str, Any] = field(default_factory=dict)
    is_readable: bool = True


def metadata_text() -> ColumnElement[str | None]:
    """The column as text on every database, so that broken JSON is met here and not in the driver."""
    return cast(call.metadata, UnicodeText)


def read_metadata(text: str | None) -> CallMetadata:
    """The keys; nothing at all, and JSON's null, are metadata without a key."""
    if text is None or not text.strip():
        return CallMetadata()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, a number of too many digits, too many brackets
        return CallMetadata(is_readable=False)
    if isinstance(found, dict):
        return CallMetadata(found)
    return CallMetadata(is_readable=found is None)


def words_of(value: Any, levels: int = _LEVELS) -> str | None:
    """A JSON value as a cell's text: Yes and No, lists and objects parted by "; "; None for nothing or blanks."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | dict):
        if not levels:
            return _DEEPER
        parts = _parts(value, levels - 1)
        return "; ".join(parts) or None
    text = "" if value is None else str(value)
    return text if text.strip() else None


def _parts(value: list[Any] | dict[str, Any], levels: int) -> list[str]:
    if isinstance(value, list):
        return [words for each in value if (words := words_of(each, levels))]
    return [f"{key}: {words}" for key, each in value.items() if (words := words_of(each, levels))]
