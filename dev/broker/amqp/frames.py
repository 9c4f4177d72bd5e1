"""Cuts a stream of bytes into protocol headers and AMQP frames, and writes them; knows no connection."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from dev.broker.amqp.decoding import DecodeError, decode
from dev.broker.amqp.encoding import encode
from dev.broker.amqp.performatives import Performative, described, read_performative

AMQP_HEADER, SASL_HEADER = b"AMQP\x00\x01\x00\x00", b"AMQP\x03\x01\x00\x00"
AMQP_FRAME, SASL_FRAME = 0, 1
HEARTBEAT = b"\x00\x00\x00\x08\x02\x00\x00\x00"
LARGEST_FRAME = 65_536  # bytes, as Service Bus announces

_HEAD = struct.Struct(">IBBH")  # size, words before the body, type, channel
_WORD = 4


class Frame(NamedTuple):
    """A frame; without a performative it is a heartbeat."""

    kind: int
    channel: int
    performative: Performative | None
    payload: bytes


class FrameReader:
    """Turns what arrives, in whatever pieces, into headers (as bytes) and frames."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes | Frame]:
        """What is complete now that `data` has arrived; to be read to its end. Raises `DecodeError`."""
        data, at = self._rest + data, 0
        view = memoryview(data)
        while len(view) - at >= _HEAD.size:
            if data.startswith(b"AMQP", at):
                yield data[at : at + _HEAD.size]
                at += _HEAD.size
                continue
            size = _frame_size(view, at)
            if len(view) - at < size:
                break
            yield _frame(view[at : at + size])
            at += size
        self._rest = data[at:]


def _frame_size(view: memoryview, at: int) -> int:
    size = int(_HEAD.unpack_from(view, at)[0])
    if not _HEAD.size <= size <= LARGEST_FRAME:
        raise DecodeError(f"a frame of {size} bytes")
    return size


def _frame(view: memoryview) -> Frame:
    _, words, kind, channel = _HEAD.unpack_from(view)
    start = words * _WORD
    if not _HEAD.size <= start <= len(view):
        raise DecodeError("a frame whose body begins outside of it")
    if start == len(view):
        return Frame(kind, channel, None, b"")
    value, end = decode(view, start)
    return Frame(kind, channel, read_performative(value), bytes(view[end:]))


def frame(channel: int, performative: Performative, payload: bytes = b"", *, kind: int = AMQP_FRAME) -> bytes:
    """The bytes of a frame."""
    body = encode(described(performative))
    return _HEAD.pack(_HEAD.size + len(body) + len(payload), 2, kind, channel) + body + payload
