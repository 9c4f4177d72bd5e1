"""The AMQP 1.0 values for which Python has no type of its own; turns none of them into bytes."""

from typing import Any, NamedTuple


class Symbol(str):
    """A word of the protocol, in ASCII."""

    __slots__ = ()


class UByte(int):
    """8 bits without sign."""

    __slots__ = ()


class UShort(int):
    """16 bits without sign."""

    __slots__ = ()


class UInt(int):
    """32 bits without sign."""

    __slots__ = ()


class ULong(int):
    """64 bits without sign."""

    __slots__ = ()


class Byte(int):
    """8 bits."""

    __slots__ = ()


class Short(int):
    """16 bits."""

    __slots__ = ()


class Int(int):
    """32 bits."""

    __slots__ = ()


class Long(int):
    """64 bits; a plain `int` is written as one."""

    __slots__ = ()


class Timestamp(int):
    """Milliseconds since 1970, UTC."""

    __slots__ = ()


class Float(float):
    """A floating point number of 32 bits; a plain `float` has 64."""

    __slots__ = ()


class Described(NamedTuple):
    """A value and the descriptor that says what it means."""

    descriptor: Any
    value: Any


class Array(NamedTuple):
    """Values of one type: `code` is the constructor byte of all of them, `descriptor` is theirs where they have one."""

    code: int
    items: tuple[Any, ...]
    descriptor: Any = None


class Opaque(NamedTuple):
    """A character or decimal, which nobody here looks into: its constructor byte and its bytes."""

    code: int
    raw: bytes
