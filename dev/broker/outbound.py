"""Links on which the peer receives: messages of an entity, or answers of a node; keeps to the peer's credit."""

from collections import deque
from typing import Protocol
from uuid import UUID, uuid4

from dev.broker.amqp.performatives import Attach, Flow, Transfer
from dev.broker.amqp.states import address
from dev.broker.amqp.types import UInt
from dev.broker.dispatcher import Dispatcher
from dev.broker.errors import ConnectionRefused
from dev.broker.namespace import path_of
from dev.broker.store import Delivery, Store

_PRESETTLED = 1  # the settle mode of a sender that awaits no settlement
_SERIAL = 1 << 32  # delivery counts wrap around here


class OutboundSession(Protocol):
    """What the links need of their session."""

    @property
    def takes_messages(self) -> bool:
        """Whether a message would leave now."""
        ...

    def send_flow(self, handle: UInt, delivery_count: int, credit: int, *, drain: bool = False) -> None:
        """Sends the state of a link, with that of the session."""
        ...

    def send_message(self, handle: UInt, tag: bytes, message: bytes, *, settled: bool) -> int:
        """Sends a message, in as many frames as it needs; gives its delivery id."""
        ...

    def await_settlement(self, delivery_id: int, store: Store, token: UUID) -> None:
        """Notes what a disposition of the peer will be about."""
        ...


class _Credit:
    """How many messages the peer will still take on a link."""

    def __init__(self, session: OutboundSession, handle: UInt) -> None:
        self._session, self._handle = session, handle
        self._count, self.left = 0, 0

    def grant(self, flow: Flow) -> None:
        """Takes what the peer gives; it may not have seen the latest messages yet."""
        if flow.link_credit is not None:
            under_way = (self._count - (flow.delivery_count or 0)) % _SERIAL
            self.left = max(0, flow.link_credit - under_way)

    def send(self, tag: bytes, message: bytes, *, settled: bool) -> int:
        """Sends a message; gives its delivery id."""
        self._count, self.left = (self._count + 1) % _SERIAL, self.left - 1
        return self._session.send_message(self._handle, tag, message, settled=settled)

    def answer(self, flow: Flow) -> None:
        """Gives back what the peer drains, and tells the state of the link where it is asked for."""
        if flow.drain:
            self._count, self.left = (self._count + self.left) % _SERIAL, 0
        if flow.drain or flow.echo:
            self._session.send_flow(self._handle, self._count, self.left, drain=flow.drain)


class MessageLink:
    """Carries messages of an entity; with peek-lock they stay locked until the peer settles them."""

    def __init__(self, session: OutboundSession, attach: Attach, dispatcher: Dispatcher) -> None:
        """Takes the entity's dispatcher, which it joins."""
        self.node = path_of(address(attach.source))
        self.takes_locked = attach.snd_settle_mode != _PRESETTLED
        self._session, self._credit, self._dispatcher = session, _Credit(session, attach.handle), dispatcher
        dispatcher.add(self)

    def start(self) -> None:
        """The peer begins, by giving credit."""

    def close(self) -> None:
        """Receives no more; what the peer holds stays locked."""
        self._dispatcher.remove(self)

    def flow(self, flow: Flow) -> None:
        """The peer gives credit, or wants back what is not used."""
        self._credit.grant(flow)
        (self._dispatcher.work if flow.drain else self._dispatcher.wake)()
        self._credit.answer(flow)

    def transfer(self, _transfer: Transfer, _payload: bytes) -> None:
        """Refuses: the peer has this link to receive on."""
        raise _wrong_way()

    @property
    def is_ready(self) -> bool:
        """Whether a message would be sent now."""
        return self._credit.left > 0 and self._session.takes_messages

    def deliver(self, delivery: Delivery, store: Store) -> None:
        """Sends a message; its tag is the lock token in the service's order of bytes."""
        settled = delivery.locked_until is None
        delivery_id = self._credit.send(delivery.token.bytes_le, delivery.encoded(), settled=settled)
        if not settled:
            self._session.await_settlement(delivery_id, store, delivery.token)


class AnswerLink:
    """Carries the answers of a $cbs or $management node."""

    def __init__(self, session: OutboundSession, attach: Attach) -> None:
        """Begins without credit."""
        self.node = path_of(address(attach.source))
        self._credit = _Credit(session, attach.handle)
        self._waiting: deque[bytes] = deque()

    def start(self) -> None:
        """The peer begins, by giving credit."""

    def close(self) -> None:
        """Drops what has not been sent."""
        self._waiting.clear()

    def flow(self, flow: Flow) -> None:
        """The peer gives credit, or wants back what is not used."""
        self._credit.grant(flow)
        self._send_waiting()
        self._credit.answer(flow)

    def transfer(self, _transfer: Transfer, _payload: bytes) -> None:
        """Refuses: the peer has this link to receive on."""
        raise _wrong_way()

    def answer(self, message: bytes) -> None:
        """Sends an answer as soon as there is credit."""
        self._waiting.append(message)
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting and self._credit.left > 0:
            self._credit.send(uuid4().bytes, self._waiting.popleft(), settled=True)


def _wrong_way() -> ConnectionRefused:
    return ConnectionRefused("amqp:not-allowed", "A transfer came in on a link that receives.")
