"""Reads AMQP 1.0 values from bytes; whatever the bytes are, it answers with a value or with `DecodeError`.

Codes and layouts: OASIS AMQP 1.0, part 1 "Types".
"""

import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from dev.broker.amqp.types import (
    Array,
    Byte,
    Described,
    Float,
    Int,
    Long,
    Opaque,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)

Reader = Callable[[memoryview, int, int], tuple[Any, int]]

DESCRIBED = 0x00
_DEEPEST = 32  # levels: far more than any client nests, far less than Python's stack
_MOST_ITEMS = 65_536  # an array of nulls has no bytes that would bound its length
_WIDTHS = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}  # by the high half of the code
_SHORT, _LONG = struct.Struct(">B"), struct.Struct(">I")
_LENGTHS = {0xA: _SHORT, 0xB: _LONG, 0xC: _SHORT, 0xD: _LONG, 0xE: _SHORT, 0xF: _LONG}


class DecodeError(ValueError):
    """The bytes are no AMQP value."""


def decode(data: bytes | memoryview, at: int = 0) -> tuple[Any, int]:
    """The value that begins at `at`, and where the next one would begin; raises `DecodeError`."""
    try:
        return _value(memoryview(data), at, 0)
    except DecodeError:
        raise
    except (IndexError, KeyError, ValueError, struct.error) as error:
        raise DecodeError(f"malformed AMQP value: {error}") from error


def end_of(data: memoryview, at: int) -> int:
    """Where the value that begins at `at` ends, found without reading what is in it; raises `DecodeError`."""
    try:
        if data[at] == DESCRIBED:
            return end_of(data, end_of(data, at + 1))
        half, at = data[at] >> 4, at + 1
        if half in _LENGTHS:
            length = _LENGTHS[half]
            end = at + length.size + int(length.unpack_from(data, at)[0])
        else:
            end = at + _WIDTHS[half]
    except (IndexError, KeyError, RecursionError, struct.error) as error:
        raise DecodeError(f"malformed AMQP value: {error}") from error
    return _checked(data, end)


def _checked(data: memoryview, end: int) -> int:
    if end > len(data):
        raise DecodeError("an AMQP value ends before its length")
    return end


def _value(data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    return _READERS[data[at]](data, at + 1, depth)


def _described(data: memoryview, at: int, depth: int) -> tuple[Described, int]:
    descriptor, at = _value(data, at, _deeper(depth))
    value, at = _value(data, at, depth + 1)
    return Described(descriptor, value), at


def _deeper(depth: int) -> int:
    if depth >= _DEEPEST:
        raise DecodeError("an AMQP value is nested too deeply")
    return depth + 1


def _constant(value: Any) -> Reader:
    return lambda _data, at, _depth: (value, at)


def _number(kind: Callable[[Any], Any], layout: str) -> Reader:
    form = struct.Struct(layout)
    return lambda data, at, _depth: (kind(form.unpack_from(data, at)[0]), at + form.size)


def _text(length: struct.Struct, build: Callable[[bytes], Any]) -> Reader:
    def read(data: memoryview, at: int, _depth: int) -> tuple[Any, int]:
        start = at + length.size
        end = _checked(data, start + length.unpack_from(data, at)[0])
        return build(bytes(data[start:end])), end

    return read


def _raw(build: Callable[[bytes], Any], width: int) -> Reader:
    def read(data: memoryview, at: int, _depth: int) -> tuple[Any, int]:
        end = _checked(data, at + width)
        return build(bytes(data[at:end])), end

    return read


def _opaque(code: int) -> Reader:
    return _raw(lambda raw: Opaque(code, raw), _WIDTHS[code >> 4])


def _list(length: struct.Struct) -> Reader:
    def read(data: memoryview, at: int, depth: int) -> tuple[list[Any], int]:
        count, at, end = _compound(data, at, length)
        items = []
        for _ in range(count):
            item, at = _value(data, at, _deeper(depth))
            items.append(item)
        return items, _exactly(at, end)

    return read


def _map(length: struct.Struct) -> Reader:
    read_list = _list(length)

    def read(data: memoryview, at: int, depth: int) -> tuple[dict[Any, Any], int]:
        items, end = read_list(data, at, depth)
        try:
            return dict(zip(items[::2], items[1::2], strict=True)), end
        except TypeError as error:
            raise DecodeError("a map has a list, a map or an array as a key") from error

    return read


def _array(length: struct.Struct) -> Reader:
    def read(data: memoryview, at: int, depth: int) -> tuple[Array, int]:
        count, at, end = _compound(data, at, length)
        descriptor, code = None, data[at]
        if code == DESCRIBED:
            descriptor, at = _value(data, at + 1, _deeper(depth))
            code = data[at]
        read_item, items = _READERS[code], []
        at += 1
        for _ in range(count):
            item, at = read_item(data, at, _deeper(depth))
            items.append(item)
        return Array(code, tuple(items), descriptor), _exactly(at, end)

    return read


def _compound(data: memoryview, at: int, length: struct.Struct) -> tuple[int, int, int]:
    """Number of items, where they begin and where they end."""
    size, count = length.unpack_from(data, at)[0], length.unpack_from(data, at + length.size)[0]
    if count > _MOST_ITEMS:
        raise DecodeError("an AMQP value has too many items")
    return count, at + 2 * length.size, _checked(data, at + length.size + size)


def _exactly(at: int, end: int) -> int:
    if at != end:
        raise DecodeError("an AMQP value is not as long as it says")
    return end


def _symbol(raw: bytes) -> Symbol:
    return Symbol(raw.decode("ascii"))


_READERS: dict[int, Reader] = {
    DESCRIBED: _described,
    0x40: _constant(None),
    0x41: _constant(True),  # noqa: FBT003 the value that is read
    0x42: _constant(False),  # noqa: FBT003
    0x56: _number(bool, ">B"),
    0x50: _number(UByte, ">B"),
    0x51: _number(Byte, ">b"),
    0x60: _number(UShort, ">H"),
    0x61: _number(Short, ">h"),
    0x43: _constant(UInt(0)),
    0x52: _number(UInt, ">B"),
    0x70: _number(UInt, ">I"),
    0x54: _number(Int, ">b"),
    0x71: _number(Int, ">i"),
    0x44: _constant(ULong(0)),
    0x53: _number(ULong, ">B"),
    0x80: _number(ULong, ">Q"),
    0x55: _number(Long, ">b"),
    0x81: _number(Long, ">q"),
    0x72: _number(Float, ">f"),
    0x82: _number(float, ">d"),
    0x83: _number(Timestamp, ">q"),
    0x73: _opaque(0x73),
    0x74: _opaque(0x74),
    0x84: _opaque(0x84),
    0x94: _opaque(0x94),
    0x98: _raw(lambda raw: UUID(bytes=raw), 16),
    0xA0: _text(_SHORT, bytes),
    0xB0: _text(_LONG, bytes),
    0xA1: _text(_SHORT, bytes.decode),
    0xB1: _text(_LONG, bytes.decode),
    0xA3: _text(_SHORT, _symbol),
    0xB3: _text(_LONG, _symbol),
    0x45: lambda _data, at, _depth: ([], at),
    0xC0: _list(_SHORT),
    0xD0: _list(_LONG),
    0xC1: _map(_SHORT),
    0xD1: _map(_LONG),
    0xE0: _array(_SHORT),
    0xF0: _array(_LONG),
}
