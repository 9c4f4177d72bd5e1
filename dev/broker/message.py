"""A message as the broker keeps it: what was sent, byte for byte, and what the broker knows of it; holds no lock."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from uuid import UUID, uuid4

from dev.broker.amqp import sections
from dev.broker.amqp.decoding import DecodeError
from dev.broker.amqp.encoding import encode
from dev.broker.amqp.types import Int, Long, Symbol, Timestamp, UInt, ULong
from dev.broker.errors import BrokerError

LARGEST_MESSAGE = 256 * 1024  # bytes, of the Standard tier

_TIME_TO_LIVE = 2  # place in the header
_DELIVERY_COUNT = 4
_ID_TYPES = (str, bytes, UUID, ULong)
_SCHEDULED_FOR = Symbol("x-opt-scheduled-enqueue-time")


class State(IntEnum):
    """Where a message stands, by the numbers of the service."""

    ACTIVE = 0
    DEFERRED = 1
    SCHEDULED = 2


@dataclass(slots=True)
class Message:
    """One message in one queue; times are seconds since 1970, `deliveries` counts those that failed."""

    message_id: Any
    header: list[Any]
    annotations: dict[Any, Any]
    properties: bytes
    application_properties: bytes
    body: bytes
    sequence: int = 0
    enqueued_at: float = 0.0
    expires_at: float | None = None
    deliveries: int = 0
    state: State = State.ACTIVE

    @property
    def scheduled_for(self) -> float | None:
        """When the sender wants it delivered."""
        when = self.annotations.get(_SCHEDULED_FOR)
        return when / 1000 if isinstance(when, Timestamp) else None

    def limit_life(self, longest: float | None) -> None:
        """Sets when it expires: after its own time to live, or after `longest` seconds where that is shorter."""
        own = self.header[_TIME_TO_LIVE]
        lives = [life for life in (own / 1000 if isinstance(own, UInt) else None, longest) if life is not None]
        if lives:
            self.expires_at = self.enqueued_at + min(lives)
            self.header[_TIME_TO_LIVE] = UInt(min(int(min(lives) * 1000), 0xFFFFFFFF))

    def add_properties(self, extra: Mapping[str, str]) -> None:
        """Adds application properties to those that were sent."""
        sent = sections.map_of(self.application_properties) if self.application_properties else {}
        self.application_properties = encode(sent | dict(extra))

    def copy(self) -> "Message":
        """The same message for another queue."""
        twin = copy(self)
        twin.header, twin.annotations = list(self.header), dict(self.annotations)
        return twin

    def encoded(self, locked_until: float | None = None) -> bytes:
        """The message as a receiver gets it."""
        known: dict[Any, Any] = {
            Symbol("x-opt-enqueued-time"): Timestamp(self.enqueued_at * 1000),
            Symbol("x-opt-sequence-number"): Long(self.sequence),
            Symbol("x-opt-message-state"): Int(self.state),
        }
        if locked_until is not None:
            known[Symbol("x-opt-locked-until")] = Timestamp(locked_until * 1000)
        header = [*self.header[:_DELIVERY_COUNT], UInt(self.deliveries)]
        parts = [
            sections.encoded(sections.HEADER, header),
            sections.encoded(sections.MESSAGE_ANNOTATIONS, self.annotations | known),
            sections.section(sections.PROPERTIES, self.properties),
        ]
        if self.application_properties:
            parts.append(sections.section(sections.APPLICATION_PROPERTIES, self.application_properties))
        return b"".join((*parts, self.body))


def read_message(raw: bytes) -> Message:
    """The message that was sent; one without an id is given one. Raises `BrokerError` where it is malformed."""
    try:
        return _message(raw)
    except DecodeError as error:
        raise BrokerError("amqp:decode-error", str(error)) from error


def _message(raw: bytes) -> Message:
    header: list[Any] = []
    annotations: dict[Any, Any] = {}
    properties: list[Any] = []
    application, body = b"", []
    for code, value in sections.split(raw):
        if code == sections.HEADER:
            header = sections.fields_of(value)
        elif code == sections.MESSAGE_ANNOTATIONS:
            annotations = sections.map_of(value)
        elif code == sections.PROPERTIES:
            properties = sections.fields_of(value)
        elif code == sections.APPLICATION_PROPERTIES:
            sections.map_of(value)
            application = value
        elif code != sections.DELIVERY_ANNOTATIONS:
            body.append(sections.section(code, value))
    message_id = (properties[0] if properties else None) or uuid4().hex
    if not isinstance(message_id, _ID_TYPES):
        raise DecodeError("a message id of a type that is none of an id")
    padded = header + [None] * (_DELIVERY_COUNT - len(header))
    named = encode([message_id, *properties[1:]])
    return Message(message_id, padded, annotations, named, application, b"".join(body))


def read_batch(raw: bytes) -> list[bytes]:
    """The encoded messages of a batch, one in each of its data sections; raises `BrokerError`."""
    try:
        parts = [sections.data_of(value) for code, value in sections.split(raw) if code == sections.DATA]
    except DecodeError as error:
        raise BrokerError("amqp:decode-error", str(error)) from error
    return parts
