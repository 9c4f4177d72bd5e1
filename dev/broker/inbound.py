"""A link on which the peer sends: puts transfers together, has them handled, answers; knows no queue."""

from collections.abc import Callable
from typing import Protocol

from dev.broker.amqp.performatives import Attach, Disposition, Flow, Performative, Transfer
from dev.broker.amqp.states import ACCEPTED, REJECTED, address, error, state
from dev.broker.amqp.types import Described, UInt
from dev.broker.errors import BrokerError, ConnectionRefused, too_large
from dev.broker.message import LARGEST_MESSAGE
from dev.broker.namespace import path_of

Handle = Callable[[bytes, int], None]  # takes a message and its format; raises BrokerError to reject it

_CREDIT = 1000
_LINK_ERROR = "amqp:link:"


class InboundSession(Protocol):
    """What the link needs of its session."""

    @property
    def answers(self) -> bool:
        """False while a fault keeps answers back."""
        ...

    def send(self, performative: Performative) -> None:
        """Sends a performative."""
        ...

    def send_flow(self, handle: UInt, delivery_count: int, credit: int) -> None:
        """Sends the state of a link, with that of the session."""
        ...

    def detach(self, handle: UInt, refusal: BrokerError) -> None:
        """Ends the link from this side."""
        ...


class InboundLink:
    """Gives the peer credit, and settles what it sends."""

    def __init__(self, session: InboundSession, attach: Attach, handle: Handle) -> None:
        """Takes what handles a whole message."""
        self.node = path_of(address(attach.target))
        self._session, self._attach, self._handle = session, attach, handle
        self._count, self._credit = int(attach.initial_delivery_count or 0), 0
        self._first: Transfer | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def start(self) -> None:
        """Lets the peer send."""
        self._credit = _CREDIT
        self._session.send_flow(self._attach.handle, self._count, self._credit)

    def close(self) -> None:
        """Nothing is left behind."""

    def flow(self, flow: Flow) -> None:
        """The peer tells its view of the link, and may ask for ours."""
        if flow.echo:
            self._session.send_flow(self._attach.handle, self._count, self._credit)

    def transfer(self, transfer: Transfer, payload: bytes) -> None:
        """A message, or a part of one."""
        if transfer.aborted:
            self._begin()
            return
        self._first = self._first or transfer
        self._size += len(payload)
        if self._size <= LARGEST_MESSAGE:
            self._parts.append(payload)
        if not transfer.more:
            first, message, size = self._first, b"".join(self._parts), self._size
            self._begin()
            self._finish(first, message, size)

    def _begin(self) -> None:
        self._first, self._parts, self._size = None, [], 0

    def _finish(self, first: Transfer, message: bytes, size: int) -> None:
        refusal = self._refusal(message, first.message_format or 0, size)
        if not first.settled and self._session.answers:
            self._session.send(_settled(first.delivery_id, refusal))
        self._count, self._credit = (self._count + 1) & 0xFFFFFFFF, self._credit - 1
        if refusal is not None and refusal.condition.startswith(_LINK_ERROR):
            self._session.detach(self._attach.handle, refusal)  # as the service does
        elif self._credit < _CREDIT // 2:
            self.start()

    def _refusal(self, message: bytes, message_format: int, size: int) -> BrokerError | None:
        if size > LARGEST_MESSAGE:
            return too_large(size, LARGEST_MESSAGE)
        try:
            self._handle(message, message_format)
        except BrokerError as refusal:
            return refusal
        return None


def _settled(delivery_id: UInt | None, refusal: BrokerError | None) -> Disposition:
    if delivery_id is None:
        raise ConnectionRefused("amqp:not-allowed", "A transfer begins a message without a delivery id.")
    return Disposition(role=True, first=delivery_id, last=delivery_id, settled=True, state=_state(refusal))


def _state(refusal: BrokerError | None) -> Described:
    return state(ACCEPTED) if refusal is None else state(REJECTED, error(refusal.condition, refusal.text))
