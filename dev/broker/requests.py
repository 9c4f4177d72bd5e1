"""Reads requests and writes answers of the nodes $cbs and $management; knows no operation."""

from typing import Any, NamedTuple

from dev.broker.amqp import sections
from dev.broker.amqp.decoding import DecodeError, decode
from dev.broker.errors import bad_argument

_REPLY_TO, _CORRELATION = 4, 5


class Request(NamedTuple):
    """A request: `properties` are its application properties, `body` its value."""

    message_id: Any
    reply_to: str
    properties: dict[str, Any]
    body: Any


def read_request(raw: bytes) -> Request:
    """The request in a message; raises `BrokerError`."""
    properties: list[Any] = []
    application: dict[str, Any] = {}
    body: Any = None
    try:
        for code, value in sections.split(raw):
            if code == sections.PROPERTIES:
                properties = sections.fields_of(value)
            elif code == sections.APPLICATION_PROPERTIES:
                application = {str(name): each for name, each in sections.map_of(value).items()}
            elif code == sections.VALUE:
                body = decode(value)[0]
    except DecodeError as error:
        raise bad_argument(str(error)) from error
    padded = properties + [None] * (_CORRELATION - len(properties))
    return Request(padded[0], str(padded[_REPLY_TO] or ""), application, body)


def answer(request: Request, properties: dict[str, Any], body: Any = None) -> bytes:
    """The message that answers a request."""
    return b"".join(
        (
            sections.encoded(sections.PROPERTIES, [None] * _CORRELATION + [request.message_id]),
            sections.encoded(sections.APPLICATION_PROPERTIES, properties),
            sections.encoded(sections.VALUE, body),
        )
    )
