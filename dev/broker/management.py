"""The operations of an entity's $management node: renew, schedule, cancel, peek, deferred messages; opens no link."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from dev.broker.amqp.types import Array, Int, Symbol, Timestamp
from dev.broker.errors import BrokerError, bad_argument, not_allowed, too_large
from dev.broker.intake import Intake
from dev.broker.message import LARGEST_MESSAGE, read_message
from dev.broker.namespace import Entity
from dev.broker.requests import Request
from dev.broker.store import DESCRIPTION, REASON, Outcome, Store

Body = Mapping[str, Any]

_VENDOR = "com.microsoft:"
_LONGS, _TIMESTAMPS = 0x81, 0x83  # constructors of arrays
_RECEIVE_AND_DELETE = 0
_NO_CONTENT = 204


def manage(entity: Entity, request: Request, now: float) -> tuple[dict[str, Any], Any]:
    """Carries out one request; gives the properties and the body of the answer, of a refusal too."""
    try:
        result = _operation(str(request.properties.get("operation")))(entity, _map(request.body), now)
    except BrokerError as error:
        return refusal(error), None
    if result is None:
        return {"statusCode": Int(_NO_CONTENT), "statusDescription": "NoContent"}, None
    return {"statusCode": Int(200), "statusDescription": "OK"}, result


def refusal(error: BrokerError) -> dict[str, Any]:
    """The properties of an answer that refuses."""
    condition = Symbol(error.condition)
    return {"statusCode": Int(error.status), "statusDescription": error.text, "errorCondition": condition}


def _renew(entity: Entity, body: Body, now: float) -> Body:
    ends = _store(entity).renew(_items(body, "lock-tokens", UUID), now)
    return {"expirations": Array(_TIMESTAMPS, tuple(Timestamp(end * 1000) for end in ends))}


def _schedule(entity: Entity, body: Body, now: float) -> Body:
    raws = [_value(entry, "message", bytes) for entry in _items(body, "messages", dict)]
    for raw in raws:
        if len(raw) > LARGEST_MESSAGE:
            raise too_large(len(raw), LARGEST_MESSAGE)
    intake = _intake(entity)
    numbers = [intake.send(message, now) for message in map(read_message, raws)]
    return {"sequence-numbers": Array(_LONGS, tuple(numbers))}


def _cancel(entity: Entity, body: Body, _now: float) -> Body:
    _intake(entity).cancel(_items(body, "sequence-numbers", int))
    return {}


def _peek(entity: Entity, body: Body, _now: float) -> Body | None:
    first, most = _value(body, "from-sequence-number", int), _value(body, "message-count", int)
    found = [message for message in entity.peek() if message.sequence >= first][: max(most, 0)]
    return {"messages": [{"message": message.encoded()} for message in found]} if found else None


def _receive_deferred(entity: Entity, body: Body, now: float) -> Body:
    locked = body.get("receiver-settle-mode") != _RECEIVE_AND_DELETE
    deliveries = _store(entity).take_deferred(_items(body, "sequence-numbers", int), now, locked=locked)
    return {"messages": [{"lock-token": each.token, "message": each.encoded()} for each in deliveries]}


def _settle(entity: Entity, body: Body, _now: float) -> Body:
    try:
        outcome = Outcome(body.get("disposition-status"))
    except ValueError as error:
        raise bad_argument(str(error)) from error
    given = {REASON: body.get("deadletter-reason"), DESCRIPTION: body.get("deadletter-description")}
    info = {name: text for name, text in given.items() if isinstance(text, str)}
    for token in _items(body, "lock-tokens", UUID):
        _store(entity).settle(token, outcome, info)
    return {}


_OPERATIONS: dict[str, Callable[[Entity, Body, float], Body | None]] = {
    "renew-lock": _renew,
    "schedule-message": _schedule,
    "cancel-scheduled-message": _cancel,
    "peek-message": _peek,
    "receive-by-sequence-number": _receive_deferred,
    "update-disposition": _settle,
}


def _operation(name: str) -> Callable[[Entity, Body, float], Body | None]:
    try:
        return _OPERATIONS[name.removeprefix(_VENDOR)]
    except KeyError:
        raise BrokerError("amqp:not-implemented", f"The operation {name!r} is not supported.", 501) from None


def _map(body: Any) -> Body:
    if not isinstance(body, dict):
        raise bad_argument("The request has no map as its body.")
    return body


def _store(entity: Entity) -> Store:
    if entity.store is None:
        raise not_allowed(f"Nothing can be received from {entity.path}.")
    return entity.store


def _intake(entity: Entity) -> Intake:
    if entity.intake is None:
        raise not_allowed(f"Nothing can be sent to {entity.path}.")
    return entity.intake


def _value(body: Body, name: str, kind: type) -> Any:
    value = body.get(name)
    if not isinstance(value, kind):
        raise bad_argument(f"The request lacks {name}.")
    return value


def _items(body: Body, name: str, kind: type) -> Sequence[Any]:
    value = body.get(name)
    items = value.items if isinstance(value, Array) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, kind) for item in items):
        raise bad_argument(f"The request lacks {name}.")
    return items
