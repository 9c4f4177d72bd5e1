"""The performatives of AMQP 1.0 as typed tuples, to and from their lists of fields; sends and interprets none of them.

Fields and defaults: OASIS AMQP 1.0, part 2 "Transport" and part 5 "Security".
"""

from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from dev.broker.amqp.decoding import DecodeError
from dev.broker.amqp.types import Array, Described, Symbol, UByte, UInt, ULong, UShort

Fields = dict[Any, Any]
Symbols = Array | Symbol | None


class SaslMechanisms(NamedTuple):
    """The ways to sign in that the server offers."""

    mechanisms: Array | Symbol


class SaslInit(NamedTuple):
    """The way that the client chose."""

    mechanism: Symbol
    initial_response: bytes | None = None
    hostname: str | None = None


class SaslOutcome(NamedTuple):
    """How signing in ended: 0 is success."""

    code: UByte
    additional_data: bytes | None = None


class Open(NamedTuple):
    """Begins a connection; times are milliseconds."""

    container_id: str
    hostname: str | None = None
    max_frame_size: UInt = UInt(0xFFFFFFFF)
    channel_max: UShort = UShort(0xFFFF)
    idle_time_out: UInt | None = None
    outgoing_locales: Symbols = None
    incoming_locales: Symbols = None
    offered_capabilities: Symbols = None
    desired_capabilities: Symbols = None
    properties: Fields | None = None


class Begin(NamedTuple):
    """Begins a session."""

    remote_channel: UShort | None
    next_outgoing_id: UInt
    incoming_window: UInt
    outgoing_window: UInt
    handle_max: UInt = UInt(0xFFFFFFFF)
    offered_capabilities: Symbols = None
    desired_capabilities: Symbols = None
    properties: Fields | None = None


class Attach(NamedTuple):
    """Begins a link; `role` is True at the end that receives."""

    name: str
    handle: UInt
    role: bool
    snd_settle_mode: UByte = UByte(2)
    rcv_settle_mode: UByte = UByte(0)
    source: Described | None = None
    target: Described | None = None
    unsettled: Fields | None = None
    incomplete_unsettled: bool = False
    initial_delivery_count: UInt | None = None
    max_message_size: ULong | None = None
    offered_capabilities: Symbols = None
    desired_capabilities: Symbols = None
    properties: Fields | None = None


class Flow(NamedTuple):
    """Says how much a session, and a link if one is named, will take."""

    next_incoming_id: UInt | None
    incoming_window: UInt
    next_outgoing_id: UInt
    outgoing_window: UInt
    handle: UInt | None = None
    delivery_count: UInt | None = None
    link_credit: UInt | None = None
    available: UInt | None = None
    drain: bool = False
    echo: bool = False
    properties: Fields | None = None


class Transfer(NamedTuple):
    """Carries a message or a part of one, which follows the performative."""

    handle: UInt
    delivery_id: UInt | None = None
    delivery_tag: bytes | None = None
    message_format: UInt | None = None
    settled: bool | None = None
    more: bool = False
    rcv_settle_mode: UByte | None = None
    state: Described | None = None
    resume: bool = False
    aborted: bool = False
    batchable: bool = False


class Disposition(NamedTuple):
    """Says what became of deliveries; `role` is True at the end that received them."""

    role: bool
    first: UInt
    last: UInt | None = None
    settled: bool = False
    state: Described | None = None
    batchable: bool = False


class Detach(NamedTuple):
    """Ends a link."""

    handle: UInt
    closed: bool = False
    error: Described | None = None


class End(NamedTuple):
    """Ends a session."""

    error: Described | None = None


class Close(NamedTuple):
    """Ends a connection."""

    error: Described | None = None


Performative = (
    SaslMechanisms
    | SaslInit
    | SaslOutcome
    | Open
    | Begin
    | Attach
    | Flow
    | Transfer
    | Disposition
    | Detach
    | End
    | Close
)

_CLASSES: dict[int, type[Performative]] = {
    **dict(enumerate((Open, Begin, Attach, Flow, Transfer, Disposition, Detach, End, Close), start=0x10)),
    0x40: SaslMechanisms,
    0x41: SaslInit,
    0x44: SaslOutcome,
}
_CODES = {kind: ULong(code) for code, kind in _CLASSES.items()}


def _kinds(hint: Any) -> tuple[type, ...]:
    """The types that a field may have, for `isinstance`."""
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(get_origin(member) or member for member in members)


_FIELD_KINDS = {kind: tuple(_kinds(hint) for hint in get_type_hints(kind).values()) for kind in _CLASSES.values()}


def read_performative(value: Any) -> Performative:
    """The performative that a decoded frame body is; raises `DecodeError`."""
    if not isinstance(value, Described) or not isinstance(value.value, list):
        raise DecodeError("a frame without a performative")
    kind = _CLASSES.get(value.descriptor) if isinstance(value.descriptor, ULong) else None
    if kind is None:
        raise DecodeError("an unknown performative")
    return _filled(kind, value.value)


def _filled(kind: Any, fields: list[Any]) -> Performative:
    names, defaults = kind._fields, kind._field_defaults
    if len(fields) > len(names):
        raise DecodeError(f"{kind.__name__} with too many fields")
    values = []
    for place, (name, kinds) in enumerate(zip(names, _FIELD_KINDS[kind], strict=True)):
        value = fields[place] if place < len(fields) else None
        if value is None:
            value = defaults.get(name)
        if not isinstance(value, kinds):
            raise DecodeError(f"{kind.__name__} with a wrong {name}")
        values.append(value)
    filled: Performative = kind(*values)
    return filled


def described(performative: Performative) -> Described:
    """What encodes as the performative; fields at the end that say nothing are left out."""
    fields = list(performative)
    while fields and fields[-1] is None:
        fields.pop()
    return Described(_CODES[type(performative)], fields)
