"""An AMQP session: its links and the deliveries that await settlement; knows no socket."""

from typing import Protocol
from uuid import UUID

from dev.broker.access import Access
from dev.broker.amqp.performatives import Attach, Begin, Detach, Disposition, Flow, Performative, Transfer
from dev.broker.amqp.states import REJECTED, error, state
from dev.broker.amqp.types import Described, UInt, ULong
from dev.broker.broker import Broker
from dev.broker.errors import BrokerError, ConnectionRefused
from dev.broker.inbound import InboundLink
from dev.broker.message import LARGEST_MESSAGE
from dev.broker.nodes import CBS, handler, outbound_link
from dev.broker.outbound import AnswerLink, MessageLink
from dev.broker.outgoing import Outgoing
from dev.broker.settlement import Settlement, settlement
from dev.broker.store import Store

WINDOW = UInt(0x7FFFFFFF)  # transfers that this side takes: memory is the limit

_SERIAL = 1 << 32  # ids wrap around here


class SessionConnection(Protocol):
    """What the session needs of its connection."""

    @property
    def broker(self) -> Broker:
        """What all connections share."""
        ...

    @property
    def access(self) -> Access:
        """What the connection may use."""
        ...

    @property
    def is_writable(self) -> bool:
        """Whether the peer reads what is sent."""
        ...

    @property
    def largest_frame(self) -> int:
        """Bytes of a frame that the peer takes."""
        ...

    def send(self, channel: int, performative: Performative, payload: bytes = b"") -> None:
        """Sends a frame."""
        ...


class Session:
    """One session, on one channel of a connection."""

    def __init__(self, connection: SessionConnection, channel: int, begin: Begin) -> None:
        """Takes how the peer began it."""
        self._connection, self._channel = connection, channel
        self.broker, self.access = connection.broker, connection.access
        self._links: dict[int, InboundLink | MessageLink | AnswerLink] = {}
        self._unsettled: dict[int, tuple[Store, UUID]] = {}
        self._incoming_id = int(begin.next_outgoing_id)
        self._outgoing = Outgoing(begin, connection.largest_frame, self.send)

    # -- what the peer sends
    def handle(self, performative: Performative, payload: bytes) -> None:
        """Takes a performative of this session; raises `ConnectionRefused` and `DecodeError`."""
        match performative:
            case Transfer():
                self._transfer(performative, payload)
            case Flow():
                self._flow(performative)
            case Disposition():
                self._disposition(performative)
            case Attach():
                self._attach(performative)
            case Detach():
                self._detached(performative)
            case _:
                raise ConnectionRefused("amqp:not-allowed", f"{type(performative).__name__} does not belong here.")

    def _attach(self, attach: Attach) -> None:
        if attach.handle in self._links:
            raise ConnectionRefused("amqp:session:handle-in-use", f"The handle {attach.handle} is in use.")
        try:
            link = outbound_link(self, attach) if attach.role else InboundLink(self, attach, handler(self, attach))
        except BrokerError as refusal:
            mirror = _mirror(attach)
            self.send(mirror._replace(source=None) if attach.role else mirror._replace(target=None))
            self.send(_detach(attach.handle, refusal))
            return
        self._links[attach.handle] = link
        self.send(_mirror(attach))
        link.start()

    def _detached(self, detach: Detach) -> None:
        link = self._links.pop(detach.handle, None)
        if link is not None:  # otherwise it answers ours
            link.close()
            self.send(Detach(detach.handle, detach.closed))

    def _transfer(self, transfer: Transfer, payload: bytes) -> None:
        self._incoming_id = (self._incoming_id + 1) % _SERIAL
        link = self._links.get(transfer.handle)
        if link is not None:
            link.transfer(transfer, payload)

    def _flow(self, flow: Flow) -> None:
        self._outgoing.adjust(flow)
        link = None if flow.handle is None else self._links.get(flow.handle)
        if link is not None:
            link.flow(flow)
        elif flow.handle is None:
            self.broker.wake()  # the window may have opened for any link
            if flow.echo:
                self.send(self._state())

    def _disposition(self, disposition: Disposition) -> None:
        """A receiver settles; what is settled already, or was never sent, it settles in vain."""
        asked = settlement(disposition.state) if disposition.role and disposition.state is not None else None
        if asked is None:
            return
        for delivery_id in self._unsettled_in(disposition.first, disposition.last):
            echo = self._settle(delivery_id, asked)
            if not disposition.settled and self.answers:
                self.send(
                    Disposition(role=False, first=UInt(delivery_id), last=UInt(delivery_id), settled=True, state=echo)
                )

    def _unsettled_in(self, first: int, last: int | None) -> list[int]:
        """A peer may name four billion ids: what is looked through is what there is."""
        if last is None or last == first:
            return [first] if first in self._unsettled else []
        return [each for each in self._unsettled if first <= each <= last]

    def _settle(self, delivery_id: int, asked: Settlement) -> Described:
        store, token = self._unsettled.pop(delivery_id)
        try:
            store.settle(token, asked.outcome, asked.info)
        except BrokerError as refusal:
            return state(REJECTED, error(refusal.condition, refusal.text))
        return asked.echo

    # -- what the links send
    @property
    def answers(self) -> bool:
        """False while a fault keeps answers back."""
        return not self.broker.switches.lost_answers

    @property
    def takes_messages(self) -> bool:
        """Whether a message would leave now."""
        return self._outgoing.is_open and self._connection.is_writable

    def send(self, performative: Performative, payload: bytes = b"") -> None:
        """Sends a performative."""
        self._connection.send(self._channel, performative, payload)

    def send_flow(self, handle: UInt, delivery_count: int, credit: int, *, drain: bool = False) -> None:
        """Sends the state of a link, with that of the session."""
        count, left = UInt(delivery_count), UInt(credit)
        self.send(self._state()._replace(handle=handle, delivery_count=count, link_credit=left, drain=drain))

    def send_message(self, handle: UInt, tag: bytes, message: bytes, *, settled: bool) -> int:
        """Sends a message, in as many frames as it needs; gives its delivery id."""
        return self._outgoing.send_message(handle, tag, message, settled=settled)

    def await_settlement(self, delivery_id: int, store: Store, token: UUID) -> None:
        """Notes what a disposition of the peer will be about."""
        self._unsettled[delivery_id] = store, token

    def reply(self, node: str, message: bytes) -> None:
        """Sends the answer of a node on the link that the peer has for it; without one nobody wants it."""
        links = [each for each in self._links.values() if isinstance(each, AnswerLink) and each.node == node]
        if links:
            links[-1].answer(message)

    def _state(self) -> Flow:
        return Flow(UInt(self._incoming_id), WINDOW, UInt(self._outgoing.next_id), WINDOW)

    # -- what this side ends
    def detach(self, handle: int, refusal: BrokerError) -> None:
        """Ends a link."""
        self._links.pop(handle).close()
        self.send(_detach(UInt(handle), refusal))

    def detach_entities(self, refusal: BrokerError) -> int:
        """Ends every link to an entity, as the service does; those for tokens stay. Gives their number."""
        handles = [handle for handle, link in self._links.items() if link.node != CBS]
        for handle in handles:
            self.detach(handle, refusal)
        return len(handles)

    def close(self) -> None:
        """Ends every link without a word: the peer is gone, or will be."""
        for link in self._links.values():
            link.close()
        self._links.clear()


def _mirror(attach: Attach) -> Attach:
    """The attach as this end of the link answers it."""
    count, size = UInt(0) if attach.role else None, ULong(LARGEST_MESSAGE)
    return attach._replace(
        role=not attach.role, unsettled=None, initial_delivery_count=count, max_message_size=size, properties=None
    )


def _detach(handle: UInt, refusal: BrokerError) -> Detach:
    return Detach(handle, closed=True, error=error(refusal.condition, refusal.text))
