"""Writes AMQP 1.0 values as bytes, each in its shortest form; reads nothing."""

import struct
from collections.abc import Callable
from itertools import chain
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

_SHORTEST = 256  # a length of one byte ends here
_WIDER = 0x10  # from a code with a length of one byte to the same type with one of four
_TEXT = 0xA  # the high half of the codes of text
_EMPTY_LIST = b"\x45"
_ONE, _FOUR = struct.Struct(">B"), struct.Struct(">I")
_ONE_TWICE, _FOUR_TWICE = struct.Struct(">BB"), struct.Struct(">II")
_LAYOUTS = {
    ">B": (0x50, 0x52, 0x53, 0x56),
    ">b": (0x51, 0x54, 0x55),
    ">H": (0x60,),
    ">h": (0x61,),
    ">I": (0x70,),
    ">i": (0x71,),
    ">Q": (0x80,),
    ">q": (0x81, 0x83),
    ">f": (0x72,),
    ">d": (0x82,),
}
_FIXED = {code: struct.Struct(layout) for layout, codes in _LAYOUTS.items() for code in codes}
_EMPTY = frozenset({0x40, 0x41, 0x42, 0x43, 0x44, 0x45})  # the code is the whole value


def encode(value: Any) -> bytes:
    """The bytes of a value; raises `TypeError` for what AMQP has no type for, `struct.error` for a number too large."""
    try:
        write = _WRITERS[type(value)]
    except KeyError:
        raise TypeError(f"AMQP has no type for {type(value).__name__}") from None
    return write(value)


def _number(code: int, short_code: int | None = None, low: int = 0, high: int = 255) -> Callable[[Any], bytes]:
    long_head, form = bytes((code,)), _FIXED[code]
    if short_code is None:
        return lambda value: long_head + form.pack(value)
    short_head, short_form = bytes((short_code,)), _FIXED[short_code]
    return lambda value: short_head + short_form.pack(value) if low <= value <= high else long_head + form.pack(value)


def _text(short_code: int, raw: bytes) -> bytes:
    if len(raw) < _SHORTEST:
        return _ONE_TWICE.pack(short_code, len(raw)) + raw
    return _ONE.pack(short_code + _WIDER) + _FOUR.pack(len(raw)) + raw


def _list(items: list[Any] | tuple[Any, ...]) -> bytes:
    return _with_length(0xC0, b"".join(map(encode, items)), len(items)) if items else _EMPTY_LIST


def _map(pairs: dict[Any, Any]) -> bytes:
    return _with_length(0xC1, b"".join(map(encode, chain.from_iterable(pairs.items()))), 2 * len(pairs))


def _array(array: Array) -> bytes:
    head = b"" if array.descriptor is None else b"\x00" + encode(array.descriptor)
    body = head + _ONE.pack(array.code) + b"".join(_item(array.code, item) for item in array.items)
    return _with_length(0xE0, body, len(array.items))


def _with_length(short_code: int, body: bytes, count: int) -> bytes:
    if len(body) + _ONE.size < _SHORTEST and count < _SHORTEST:
        return _ONE.pack(short_code) + _ONE_TWICE.pack(len(body) + _ONE.size, count) + body
    return _ONE.pack(short_code + _WIDER) + _FOUR_TWICE.pack(len(body) + _FOUR.size, count) + body


def _item(code: int, item: Any) -> bytes:
    """An item of an array, without the constructor that stands once before all of them."""
    if code in _EMPTY:
        return b""
    if code in _FIXED:
        return _FIXED[code].pack(item)
    whole = encode(item)
    if whole == _EMPTY_LIST:
        whole = b"\xc0\x01\x00"
    if whole[0] == code:
        return whole[1:]
    if whole[0] >> 4 == _TEXT:
        return _FOUR.pack(whole[1]) + whole[2:]
    return _FOUR_TWICE.pack(whole[1] + _FOUR.size - _ONE.size, whole[2]) + whole[3:]


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _value: b"\x40",
    bool: lambda value: b"\x41" if value else b"\x42",
    UByte: _number(0x50),
    Byte: _number(0x51),
    UShort: _number(0x60),
    Short: _number(0x61),
    UInt: _number(0x70, 0x52),
    Int: _number(0x71, 0x54, -128, 127),
    ULong: _number(0x80, 0x53),
    Long: _number(0x81, 0x55, -128, 127),
    int: _number(0x81, 0x55, -128, 127),
    Timestamp: _number(0x83),
    Float: _number(0x72),
    float: _number(0x82),
    UUID: lambda value: b"\x98" + value.bytes,
    bytes: lambda value: _text(0xA0, value),
    memoryview: lambda value: _text(0xA0, bytes(value)),
    str: lambda value: _text(0xA1, value.encode()),
    Symbol: lambda value: _text(0xA3, value.encode("ascii")),
    list: _list,
    tuple: _list,
    dict: _map,
    Described: lambda value: b"\x00" + encode(value.descriptor) + encode(value.value),
    Array: _array,
    Opaque: lambda value: _ONE.pack(value.code) + value.raw,
}
