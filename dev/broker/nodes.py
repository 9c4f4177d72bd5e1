"""What a link is attached to: an entity, the $management of one, or $cbs; counts no credit."""

from typing import Protocol

from dev.broker.access import Access
from dev.broker.amqp.performatives import Attach
from dev.broker.amqp.states import address, filters
from dev.broker.broker import Broker
from dev.broker.dispatcher import Dispatcher
from dev.broker.errors import not_allowed, server_busy
from dev.broker.inbound import Handle
from dev.broker.management import manage, refusal
from dev.broker.message import read_batch, read_message
from dev.broker.namespace import path_of
from dev.broker.outbound import AnswerLink, MessageLink, OutboundSession
from dev.broker.requests import answer, read_request

CBS = "$cbs"

_MANAGEMENT = "/$management"
_BATCH = 0x80013700  # the message format of a batch
_SESSION_FILTER = "com.microsoft:session-filter"


class NodeSession(OutboundSession, Protocol):
    """What the nodes need of a session."""

    @property
    def broker(self) -> Broker:
        """What all connections share."""
        ...

    @property
    def access(self) -> Access:
        """What the connection may use."""
        ...

    @property
    def answers(self) -> bool:
        """False while a fault keeps answers back."""
        ...

    def reply(self, node: str, message: bytes) -> None:
        """Sends the answer of a node."""
        ...


def handler(session: NodeSession, attach: Attach) -> Handle:
    """What becomes of the messages that the peer sends on a link; raises `BrokerError` where it may not send."""
    node = path_of(address(attach.target))
    if node == CBS:
        return _token_handler(session)
    if node.endswith(_MANAGEMENT):
        return _request_handler(session, node)
    return _message_handler(session, _dispatcher(session, node))


def outbound_link(session: NodeSession, attach: Attach) -> MessageLink | AnswerLink:
    """A link on which the peer receives; raises `BrokerError` where it may not."""
    node = path_of(address(attach.source))
    if node == CBS:
        return AnswerLink(session, attach)
    dispatcher = _dispatcher(session, node.removesuffix(_MANAGEMENT))
    if node.endswith(_MANAGEMENT):
        return AnswerLink(session, attach)
    if dispatcher.entity.store is None:
        raise not_allowed(f"Nothing can be received from {node}.")
    if _SESSION_FILTER in filters(attach.source):
        raise not_allowed(f"{node} has no sessions.")
    return MessageLink(session, attach, dispatcher)


def _dispatcher(session: NodeSession, path: str) -> Dispatcher:
    dispatcher = session.broker.find(path)
    session.access.check(path)
    return dispatcher


def _token_handler(session: NodeSession) -> Handle:
    def handle(raw: bytes, _format: int) -> None:
        request = read_request(raw)
        session.reply(CBS, answer(request, session.access.put_token(request)))

    return handle


def _request_handler(session: NodeSession, node: str) -> Handle:
    entity = _dispatcher(session, node.removesuffix(_MANAGEMENT)).entity

    def handle(raw: bytes, _format: int) -> None:
        request = read_request(raw)
        if session.broker.switches.server_busy:
            answered = answer(request, refusal(server_busy()))
        else:
            answered = answer(request, *manage(entity, request, session.broker.clock()))
        if session.answers:
            session.reply(node, answered)

    return handle


def _message_handler(session: NodeSession, dispatcher: Dispatcher) -> Handle:
    intake = dispatcher.entity.intake
    if intake is None:
        raise not_allowed(f"Nothing can be sent to {dispatcher.entity.path}.")

    def handle(raw: bytes, message_format: int) -> None:
        if session.broker.switches.server_busy:
            raise server_busy()
        messages = [read_message(each) for each in (read_batch(raw) if message_format == _BATCH else (raw,))]
        now = session.broker.clock()
        for message in messages:
            intake.send(message, now)

    return handle
