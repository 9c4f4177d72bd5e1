"""The development broker frame by frame: credit, windows, tokens, heartbeats, and clients that break the rules."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.broker import BrokerConfig, BrokerThread, Queue
from dev.broker.amqp import sections
from dev.broker.amqp.frames import AMQP_HEADER, LARGEST_FRAME, SASL_HEADER
from dev.broker.amqp.performatives import Attach, Begin, Close, Detach, Disposition, End, Flow, Open, Transfer
from dev.broker.amqp.states import ACCEPTED, state
from dev.broker.amqp.types import UInt
from dev.broker.server import KEY
from tests.amqp_peer import Peer, condition_of, token

CONFIG = BrokerConfig([Queue("jobs"), Queue("other")])
BODY = sections.encoded(sections.DATA, b"body")


@pytest.fixture(scope="module")
def served() -> Iterator[BrokerThread]:
    """One broker for the module."""
    with BrokerThread(CONFIG) as server:
        yield server


@pytest.fixture
def broker(served: BrokerThread) -> BrokerThread:
    """The broker, without messages."""
    served.faults.lose_messages()
    return served


@pytest.fixture
def peer(broker: BrokerThread) -> Iterator[Peer]:
    """A client that may use the queue."""
    with Peer(broker.port) as made:
        assert made.authorize("sb://localhost/jobs") == 202
        yield made


def _send(peer: Peer, count: int, body: bytes = BODY) -> None:
    handle = peer.attach("jobs", receives=False)
    for number in range(1, count + 1):
        peer.send(Transfer(handle, UInt(number), b"tag", UInt(0)), body)
        disposition = peer.expect(Disposition)
        while disposition.first != number:  # that of the token's request
            disposition = peer.expect(Disposition)
        assert disposition.state == state(ACCEPTED)


def _receiver(peer: Peer) -> UInt:
    handle = peer.attach("jobs", receives=True)
    attach = peer.expect(Attach)
    while attach.handle != handle:
        attach = peer.expect(Attach)
    return handle


def _transfers(peer: Peer) -> int:
    """The transfers that come until nothing more does."""
    count = 0
    while (got := peer.receive(0.3)) is not None:
        count += isinstance(got.performative, Transfer)
    return count


def test_credit_is_honoured(peer: Peer) -> None:
    """A receiver gets as many messages as it asked for, and the rest when it asks again."""
    _send(peer, 5)
    handle = _receiver(peer)
    peer.flow(handle, 3)
    assert _transfers(peer) == 3
    peer.flow(handle, 9, count=3)
    assert _transfers(peer) == 2


def test_drained_link_gives_its_credit_back(peer: Peer) -> None:
    """A receiver that drains gets what is there, and is told that the rest of its credit is used up."""
    _send(peer, 2)
    handle = _receiver(peer)
    peer.flow(handle, 10, drain=True)
    for _ in range(2):
        peer.expect(Transfer)
    flow = peer.expect(Flow)
    assert (flow.handle, flow.delivery_count, flow.link_credit, flow.drain) == (handle, 10, 0, True)


def test_window_is_honoured(broker: BrokerThread) -> None:
    """A message of many frames waits where the session's window closes, and goes on when it opens."""
    with Peer(broker.port, max_frame_size=UInt(512)) as peer:
        assert peer.authorize("jobs") == 202
        _send(peer, 1, sections.encoded(sections.DATA, bytes(2_000)))
        handle = _receiver(peer)
        peer.flow(handle, 1, window=3)
        first = _transfers(peer)
        assert 1 <= first <= 3
        peer.flow(handle, 0, count=1, window=1000)
        assert first + _transfers(peer) == 6


def test_aborted_transfer_leaves_nothing(broker: BrokerThread, peer: Peer) -> None:
    """A message that its sender breaks off is forgotten; the next one is whole."""
    handle = peer.attach("jobs", receives=False)
    peer.send(Transfer(handle, UInt(1), b"tag", UInt(0), more=True), BODY[:3])
    peer.send(Transfer(handle, UInt(1), b"tag", UInt(0), aborted=True))
    peer.send(Transfer(handle, UInt(2), b"tag", UInt(0)), BODY)
    while peer.expect(Disposition).first != 2:
        pass
    assert broker.queue("jobs").active == 1


def test_link_without_token_is_refused(broker: BrokerThread) -> None:
    """Nobody attaches to a queue without a token for it; the connection goes on."""
    with Peer(broker.port) as peer:
        assert peer.authorize("other") == 202
        handle = peer.attach("jobs", receives=True)
        detach = peer.expect(Detach)
        assert (detach.handle, detach.closed) == (handle, True)
        assert condition_of(detach.error) == "amqp:unauthorized-access"
        assert peer.authorize("jobs") == 202


@pytest.mark.parametrize(("key", "policy"), [("other", "RootManageSharedAccessKey"), (KEY, "Other")])
def test_wrongly_signed_token_is_refused(broker: BrokerThread, key: str, policy: str) -> None:
    """A token of another key, or in another policy's name, opens nothing."""
    with Peer(broker.port) as peer:
        assert peer.authorize("jobs", token("jobs", key, policy)) == 401


def test_tokens_are_for_one_path_and_time(broker: BrokerThread) -> None:
    """A token is good for its queue and what lies below, until it ends; what is no token is none."""
    with Peer(broker.port) as peer:
        answered = [
            peer.authorize("jobs", signed)
            for signed in (
                token("jobs", seconds=-1),
                token("other"),
                token("job"),
                "SharedAccessSignature ",
                token("jobs").removeprefix("SharedAccessSignature "),
                "",
            )
        ]
        assert answered == [401] * 6
        assert peer.authorize("jobs/$deadletterqueue", token("sb://somewhere/jobs")) == 202
        assert peer.authorize("nowhere") == 404


def test_heartbeats_come_as_asked(broker: BrokerThread) -> None:
    """A client that wants to hear from the broker does, though nothing happens."""
    with Peer(broker.port, idle_time_out=UInt(400)) as peer:
        beats = [peer.receive(0.4) for _ in range(4)]
    assert all(beat is not None and beat.performative is None for beat in beats)


def test_silent_client_is_cut() -> None:
    """A client that is not heard of for the announced time is told so, and cut."""
    config = BrokerConfig([Queue("jobs")], idle_timeout=timedelta(seconds=0.3))
    with BrokerThread(config) as broker, Peer(broker.port) as peer:
        assert condition_of(peer.expect(Close, 2).error) == "amqp:connection:forced"
        assert peer.is_cut()


BREACHES: dict[str, Callable[[Peer], None]] = {
    "garbage": lambda peer: peer.send_raw(b"\xff" * 64),
    "huge frame": lambda peer: peer.send_raw((LARGEST_FRAME + 1).to_bytes(4) + b"\x02\x00\x00\x00"),
    "frame without a performative": lambda peer: peer.send_raw(b"\x00\x00\x00\x09\x02\x00\x00\x00\x40"),
    "another protocol": lambda peer: peer.send_raw(b"AMQP\x00\x00\x09\x01"),
    "opened twice": lambda peer: peer.send(Open("again")),
    "session begun twice": lambda peer: peer.send(Begin(None, UInt(0), UInt(1), UInt(1))),
    "handle in use": lambda peer: peer.send(Attach("again", peer.attach("$cbs", receives=True), role=True)),
    "transfer on a link that receives": lambda peer: peer.send(Transfer(peer.attach("$cbs", receives=True))),
    "transfer without an id": lambda peer: peer.send(Transfer(peer.attach("$cbs", receives=False)), BODY),
    "closed": lambda peer: peer.send(Close()),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_breach_ends_that_connection_only(peer: Peer, broker: BrokerThread, breach: str) -> None:
    """Whoever breaks the protocol is cut; another client notices nothing."""
    with Peer(broker.port) as breaker:
        BREACHES[breach](breaker)
        assert breaker.is_cut()
    _send(peer, 1)


@given(st.binary(min_size=1, max_size=200), st.sampled_from([b"", AMQP_HEADER, SASL_HEADER]))
@settings(max_examples=60)
def test_any_bytes_harm_nobody(served: BrokerThread, raw: bytes, before: bytes) -> None:
    """Whatever a client sends, at whatever point, the broker still serves the next one."""
    with Peer(served.port) as breaker:
        breaker.send_raw(before + raw)
    with Peer(served.port) as peer:
        peer.send(End())
        peer.expect(End)


def test_many_connections_at_once(broker: BrokerThread) -> None:
    """Two hundred clients send at the same time, and every message is there."""
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer(broker.port)) for _ in range(200)]
        for each in peers:
            assert each.authorize("jobs") == 202
        for each in peers:
            each.send(Transfer(each.attach("jobs", receives=False), UInt(1), b"tag", UInt(0)), BODY)
        for each in peers:
            while each.expect(Disposition).first != 1:
                pass
    assert broker.queue("jobs").active == 200
