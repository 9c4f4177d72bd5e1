"""Delivery states, errors and terminus addresses inside performatives; decides nothing about a message."""

from collections.abc import Mapping
from typing import Any

from dev.broker.amqp.decoding import DecodeError
from dev.broker.amqp.types import Described, Symbol, ULong

ACCEPTED, REJECTED, RELEASED, MODIFIED = range(0x24, 0x28)
_ERROR, _SOURCE, _TARGET = 0x1D, 0x28, 0x29
_FILTER_FIELD = 7


def state(code: int, *fields: Any) -> Described:
    """A delivery state with all of its fields."""
    return Described(ULong(code), list(fields))


def error(condition: str, text: str) -> Described:
    """An error; its third field is written though it is null: the SDK reads it without asking how many there are."""
    return Described(ULong(_ERROR), [Symbol(condition), text, None])


def state_fields(value: Described) -> tuple[int, list[Any]]:
    """The code and the fields of a delivery state; raises `DecodeError`."""
    if not isinstance(value.descriptor, ULong) or not isinstance(value.value, list):
        raise DecodeError("a delivery state of an unknown kind")
    return int(value.descriptor), value.value


def error_info(value: Any) -> Mapping[str, Any]:
    """The pairs that an error carries, by name; none where it is no error or carries none."""
    if not isinstance(value, Described) or not isinstance(value.value, list):
        return {}
    info = (value.value + [None] * 3)[2]
    return {str(name): each for name, each in info.items()} if isinstance(info, dict) else {}


def address(terminus: Described | None) -> str:
    """The address of a source or target, empty where it has none."""
    fields = terminus.value if terminus is not None else None
    first = fields[0] if isinstance(fields, list) and fields else None
    if isinstance(first, bytes):
        return first.decode(errors="replace")
    return first if isinstance(first, str) else ""


def filters(source: Described | None) -> Mapping[str, Any]:
    """The filters of a source that ask for something."""
    fields = source.value if source is not None else None
    asked = fields[_FILTER_FIELD] if isinstance(fields, list) and len(fields) > _FILTER_FIELD else None
    return {str(name): each for name, each in asked.items()} if isinstance(asked, dict) else {}
