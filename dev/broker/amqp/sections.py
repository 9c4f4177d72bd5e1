"""Cuts an AMQP message into its sections and joins them again; leaves what is inside a section to the caller.

A section is (code, bytes of its value without the descriptor). Bodies are never decoded: the broker carries them.
"""

from collections.abc import Iterator
from typing import Any

from dev.broker.amqp.decoding import DESCRIBED, DecodeError, decode, end_of
from dev.broker.amqp.encoding import encode
from dev.broker.amqp.types import ULong

HEADER, DELIVERY_ANNOTATIONS, MESSAGE_ANNOTATIONS, PROPERTIES, APPLICATION_PROPERTIES = range(0x70, 0x75)
DATA, SEQUENCE, VALUE, FOOTER = range(0x75, 0x79)


def split(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The sections of a message, in the order they stand; raises `DecodeError`."""
    view, at = memoryview(message), 0
    while at < len(view):
        if view[at] != DESCRIBED:
            raise DecodeError("not a section of an AMQP message")
        code, start = decode(view, at + 1)
        if not isinstance(code, ULong) or not HEADER <= code <= FOOTER:
            raise DecodeError("an unknown section in an AMQP message")
        at = end_of(view, start)
        yield int(code), bytes(view[start:at])


def section(code: int, value: bytes) -> bytes:
    """A section made of a value that is encoded already."""
    return b"\x00\x53" + bytes((code,)) + value


def fields_of(value: bytes) -> list[Any]:
    """The fields of a header or properties section; raises `DecodeError`."""
    fields = decode(value)[0]
    if not isinstance(fields, list):
        raise DecodeError("a section of an AMQP message that is no list")
    return fields


def map_of(value: bytes) -> dict[Any, Any]:
    """The pairs of annotations or application properties; raises `DecodeError`."""
    pairs = decode(value)[0]
    if pairs is not None and not isinstance(pairs, dict):
        raise DecodeError("a section of an AMQP message that is no map")
    return pairs or {}


def encoded(code: int, value: Any) -> bytes:
    """A section made of a value that is not encoded yet."""
    return section(code, encode(value))


def data_of(value: bytes) -> bytes:
    """The bytes of a data section; raises `DecodeError`."""
    data = decode(value)[0]
    if not isinstance(data, bytes):
        raise DecodeError("a data section of an AMQP message that is no binary")
    return data
