"""The broker's AMQP codec: what it writes it reads back, the SDK reads it alike, and no bytes upset it."""

import struct
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from azure.servicebus._pyamqp._decode import _DECODE_BY_CONSTRUCTOR
from hypothesis import example, given
from hypothesis import strategies as st

from dev.broker.amqp.decoding import DecodeError, decode, end_of
from dev.broker.amqp.encoding import encode
from dev.broker.amqp.frames import AMQP_HEADER, LARGEST_FRAME, Frame, FrameReader, frame
from dev.broker.amqp.performatives import Attach, Flow, Transfer
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
from dev.broker.errors import BrokerError
from dev.broker.message import read_batch, read_message


def _integers(kind: type[int], bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return st.integers(low, high).map(kind)


UNSIGNED = ((UByte, 8, 0x50), (UShort, 16, 0x60), (UInt, 32, 0x70), (ULong, 64, 0x80))
SIGNED = ((Byte, 8, 0x51), (Short, 16, 0x61), (Int, 32, 0x71), (Long, 64, 0x81), (Timestamp, 64, 0x83))
NUMBERS = [_integers(kind, bits, signed=False) for kind, bits, _ in UNSIGNED]
NUMBERS += [_integers(kind, bits, signed=True) for kind, bits, _ in SIGNED]
TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
SYMBOLS = st.text(st.characters(codec="ascii"), max_size=300).map(Symbol)
SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    *NUMBERS,
    st.floats(allow_nan=False),
    st.floats(allow_nan=False, width=32).map(Float),
    st.uuids(),
    st.binary(max_size=300),
    TEXT,
    SYMBOLS,
)
OPAQUE = st.one_of(
    *(st.binary(min_size=width, max_size=width).map(lambda raw, code=code: Opaque(code, raw))  # type: ignore[misc] # the loop's code
      for code, width in ((0x73, 4), (0x74, 4), (0x84, 8), (0x94, 16)))
)  # fmt: skip
ARRAYS = st.one_of(
    *(st.lists(numbers, max_size=5).map(lambda items, code=code: Array(code, tuple(items)))  # type: ignore[misc] # as above
      for numbers, (_, _, code) in zip(NUMBERS, UNSIGNED + SIGNED, strict=True)),
    st.lists(st.uuids(), max_size=3).map(lambda items: Array(0x98, tuple(items))),
    st.lists(TEXT, max_size=3).map(lambda items: Array(0xB1, tuple(items))),
    st.lists(SYMBOLS, max_size=3).map(lambda items: Array(0xB3, tuple(items), ULong(5))),
    st.lists(st.lists(SIMPLE, max_size=3), max_size=3).map(lambda items: Array(0xD0, tuple(items))),
    st.lists(st.dictionaries(SYMBOLS, SIMPLE, max_size=2), max_size=3).map(lambda items: Array(0xD1, tuple(items))),
    st.lists(st.none(), max_size=3).map(lambda items: Array(0x40, tuple(items))),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SIMPLE | OPAQUE | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(SIMPLE, inner, max_size=5)
        | st.builds(Described, SYMBOLS | _integers(ULong, 64, signed=False), inner)
    ),
    max_leaves=20,
)


def _typed(value: Any) -> Any:
    """The value with the types of all its parts, which `==` overlooks."""
    if isinstance(value, list | tuple):
        return type(value), [_typed(each) for each in value]
    if isinstance(value, dict):
        return dict, [(_typed(key), _typed(each)) for key, each in value.items()]
    return type(value), value


@given(VALUES)
def test_value_survives(value: Any) -> None:
    """Every value is read back as it was, types included, and ends where it is said to end."""
    raw = encode(value)
    decoded, end = decode(raw)
    assert _typed(decoded) == _typed(value)
    assert end == end_of(memoryview(raw), 0) == len(raw)


@given(st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(SIMPLE, inner, max_size=5)))
def test_sdk_reads_the_same(value: Any) -> None:
    """The SDK reads what the broker writes, to the last byte; to it, text and symbols are bytes."""
    raw = memoryview(encode(value))
    rest, read = _DECODE_BY_CONSTRUCTOR[raw[0]](raw[1:])
    assert (read, len(rest)) == (_as_sdk(value), 0)


def _as_sdk(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [_as_sdk(each) for each in value]
    if isinstance(value, dict):
        return {_as_sdk(key): _as_sdk(each) for key, each in value.items()}
    return value


def _is_read(raw: bytes) -> bool:
    """Whether the bytes are a value, or are refused in the codec's own words."""
    with suppress(DecodeError):
        decode(raw)
        end_of(memoryview(raw), 0)
    with suppress(DecodeError):
        list(FrameReader().feed(raw))
    return True


@given(st.binary(max_size=200))
@example(b"\xd0\x00\x00\x00\x04\xff\xff\xff\xff")
@example(b"\xf0\x00\x00\x00\x05\xff\xff\xff\xff\x40")
@example(b"\xc0\x02\x01\xc0" * 60)
@example(b"\x00" * 5000)
@example(b"\xc1\x05\x02\xc0\x02\x00\x40")
def test_any_bytes_are_a_value_or_an_error(raw: bytes) -> None:
    """Bytes that are no value are refused with the codec's own error and no other."""
    assert _is_read(raw)


@given(VALUES, st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_damaged_value_is_a_value_or_an_error(value: Any, place: int, damage: bytes) -> None:
    """A value with some bytes changed is another value, or is refused."""
    raw = encode(value)
    assert _is_read(raw[:place] + damage + raw[place + len(damage) :])


@given(st.binary(max_size=100))
def test_any_bytes_are_a_message_or_a_refusal(raw: bytes) -> None:
    """A message, or a batch, that makes no sense is refused with a condition for its sender, and harms nothing."""
    with suppress(BrokerError):
        assert read_message(raw).message_id
    with suppress(BrokerError):
        assert isinstance(read_batch(raw), list)


TRANSFERS = st.tuples(*(_integers(UInt, 32, signed=False),) * 2, st.binary(max_size=32)).map(
    lambda fields: Transfer(*fields)  # type: ignore[arg-type] # the integers are UInt
)


@given(st.lists(st.tuples(TRANSFERS, st.binary(max_size=100)), max_size=5), st.lists(st.integers(1, 60), min_size=1))
def test_frames_arrive_in_any_pieces(sent: list[tuple[Transfer, bytes]], sizes: list[int]) -> None:
    """Frames are found whole however the stream is cut, with their payloads."""
    stream = AMQP_HEADER + b"".join(frame(7, transfer, payload) for transfer, payload in sent)
    reader, found = FrameReader(), []
    while stream:
        size = sizes[len(stream) % len(sizes)]
        found += list(reader.feed(stream[:size]))
        stream = stream[size:]
    assert found[0] == AMQP_HEADER
    frames = [each for each in found[1:] if isinstance(each, Frame)]
    assert [(each.channel, each.performative, each.payload) for each in frames] == [(7, *each) for each in sent]


@pytest.mark.parametrize("size", [0, 7, LARGEST_FRAME + 1, 0xFFFFFFFF])
def test_frame_of_a_forbidden_size_is_refused(size: int) -> None:
    """A frame smaller than its head, or larger than announced, is refused before it has arrived."""
    with pytest.raises(DecodeError):
        list(FrameReader().feed(struct.pack(">IBBH", size, 2, 0, 0)))


@pytest.mark.parametrize(
    "fields",
    [[], [UInt(1)], ["name", UInt(1), "role"], ["name", "handle", True], ["name", UInt(1), True, *[None] * 12]],
    ids=["none", "other", "wrong type", "wrong handle", "too many"],
)
def test_performative_with_wrong_fields_is_refused(fields: list[Any]) -> None:
    """A field that is missing, of another type, or one too many is a broken frame."""
    body = encode(Described(ULong(0x12), fields))
    with pytest.raises(DecodeError):
        list(FrameReader().feed(struct.pack(">IBBH", 8 + len(body), 2, 0, 0) + body))


def test_missing_fields_have_their_defaults() -> None:
    """What a peer leaves out, or leaves empty, reads as the standard says."""
    fields = [None, UInt(5), UInt(0), UInt(5)]
    body = encode(Described(ULong(0x13), fields))
    (flow,) = FrameReader().feed(struct.pack(">IBBH", 8 + len(body), 2, 0, 0) + body)
    assert isinstance(flow, Frame)
    assert flow.performative == Flow(None, UInt(5), UInt(0), UInt(5))
    body = encode(Described(ULong(0x12), ["link", UInt(1), True, None]))
    (attach,) = FrameReader().feed(struct.pack(">IBBH", 8 + len(body), 2, 0, 0) + body)
    assert isinstance(attach, Frame)
    assert attach.performative == Attach("link", UInt(1), role=True)


def test_uuid_and_numbers_are_written_as_the_standard_shows() -> None:
    """A few values, byte by byte."""
    assert encode(UUID(int=1)) == b"\x98" + bytes(15) + b"\x01"
    assert encode(UInt(0)) == b"\x52\x00"
    assert encode(UInt(256)) == b"\x70\x00\x00\x01\x00"
    assert encode(["a", None, True]) == b"\xc0\x06\x03\xa1\x01a\x40\x41"
    with pytest.raises(TypeError, match="object"):
        encode(object())
