"""What only the development broker can show: its faults, and how the unmodified SDK bears them."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import (
    MessageLockLostError,
    OperationTimeoutError,
    ServiceBusAuthenticationError,
    ServiceBusError,
    ServiceBusServerBusyError,
)

from dev.broker import BrokerConfig, BrokerThread, Queue, QueueState, Topic
from tests.broker import LoopThread, await_ending, open_client, side_by_side, take

CONFIG = BrokerConfig([Queue("jobs", max_delivery_count=3, duplicate_window=timedelta(minutes=1))], [Topic("events")])


# The SDK leaves the sockets of connections that were cut to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

Flow = Callable[[BrokerThread, ServiceBusClient], None]


def _message(message_id: str = "m") -> ServiceBusMessage:
    return ServiceBusMessage(message_id, message_id=message_id)


def sdk_attaches_again(broker: BrokerThread, client: ServiceBusClient) -> None:
    """Links that the broker detaches are attached again by the SDK, and no message is lost."""
    with client.get_queue_sender("jobs") as sender, client.get_queue_receiver("jobs") as receiver:
        sender.send_messages(_message("1"))
        receiver.complete_message(take(receiver))
        assert broker.faults.detach_links() >= 2
        sender.send_messages(_message("2"))
        assert str(take(receiver)) == "2"


def sdk_connects_again(broker: BrokerThread, client: ServiceBusClient) -> None:
    """Connections that are cut are made again by the SDK, and no message is lost."""
    with client.get_queue_sender("jobs") as sender, client.get_queue_receiver("jobs") as receiver:
        sender.send_messages(_message("1"))
        assert str(take(receiver)) == "1"
        assert broker.faults.drop_connections() == 2
        sender.send_messages(_message("2"))
        assert str(take(receiver)) == "2"


def lost_lock_is_told(broker: BrokerThread, client: ServiceBusClient) -> None:
    """Whoever settles a message whose lock was lost is told so, and it comes again, counted."""
    with client.get_queue_sender("jobs") as sender, client.get_queue_receiver("jobs") as receiver:
        sender.send_messages(_message())
        first = take(receiver)
        assert broker.faults.lose_locks() == 1
        with pytest.raises(MessageLockLostError):
            receiver.complete_message(first)
        with pytest.raises(MessageLockLostError):
            receiver.renew_message_lock(first)
        again = take(receiver)
        assert again.delivery_count == 1
        receiver.complete_message(again)
    assert broker.queue("jobs") == QueueState()


def busy_broker_refuses(broker: BrokerThread, client: ServiceBusClient) -> None:
    """A throttled namespace takes no message and no request, says so, and is the same as before afterwards."""
    with client.get_queue_sender("jobs") as sender:
        sender.send_messages(_message("1"))
        broker.faults.server_busy()
        with pytest.raises(ServiceBusServerBusyError):
            sender.send_messages(_message("2"))
        with pytest.raises(ServiceBusServerBusyError):
            sender.cancel_scheduled_messages(1)
        broker.faults.server_busy(on=False)
        sender.send_messages(_message("2"))
    assert broker.queue("jobs").active == 2


def unreachable_broker_refuses_and_returns(broker: BrokerThread, client: ServiceBusClient) -> None:
    """While nobody listens, sending fails; afterwards the same sender works, and what was there still is."""
    with client.get_queue_sender("jobs") as sender:
        sender.send_messages(_message("1"))
        broker.faults.unreachable()
        with pytest.raises(ServiceBusError):
            sender.send_messages(_message("2"))
        broker.faults.unreachable(on=False)
        sender.send_messages(_message("2"))
    assert broker.queue("jobs").active == 2


def lost_messages_are_gone(broker: BrokerThread, client: ServiceBusClient) -> None:
    """A broker that forgets has neither messages nor their ids any more, and goes on."""
    with client.get_queue_sender("jobs") as sender, client.get_queue_receiver("jobs") as receiver:
        sender.send_messages([_message("1"), _message("2")])
        broker.faults.lose_messages()
        assert broker.queue("jobs") == QueueState()
        sender.send_messages(_message("1"))
        assert str(take(receiver)) == "1"


def silence_is_bounded(broker: BrokerThread, client: ServiceBusClient) -> None:
    """A broker that answers nothing costs an aio sender the time it gave, and afterwards takes what was sent."""
    with client.get_queue_sender("jobs") as sender:
        sender.send_messages(_message("1"))
        broker.faults.silence()
        begun = time.monotonic()
        with pytest.raises(OperationTimeoutError):
            sender.send_messages(_message("2"), timeout=1)
        assert 0.9 <= time.monotonic() - begun < 4
        assert broker.queue("jobs").active == 1
        broker.faults.silence(on=False)
        sender.send_messages(_message("3"), timeout=5)
    assert broker.queue("jobs").active == 3


def silence_lets_nobody_in(broker: BrokerThread, client: ServiceBusClient) -> None:
    """A broker that was silent before an aio client came costs it the time it gave, too."""
    broker.faults.silence()
    sender, begun = client.get_queue_sender("jobs"), time.monotonic()
    with pytest.raises(OperationTimeoutError):
        sender.send_messages(_message(), timeout=1)
    assert time.monotonic() - begun < 4
    broker.faults.silence(on=False)


def answer_is_lost(broker: BrokerThread, client: ServiceBusClient) -> None:
    """A message whose answer is lost is stored though its sender fails; sent again, it is a known duplicate."""
    with client.get_queue_sender("jobs") as sender:
        broker.faults.lost_answers()
        with pytest.raises(OperationTimeoutError):
            sender.send_messages(_message("1"), timeout=1)
        assert broker.queue("jobs").active == 1
        broker.faults.lost_answers(on=False)
        sender.send_messages(_message("1"), timeout=5)
        assert broker.queue("jobs").active == 1


def unknown_queue_is_refused(_broker: BrokerThread, client: ServiceBusClient) -> None:
    """A queue that the configuration does not name is refused while signing in, as the service does."""
    with pytest.raises(ServiceBusAuthenticationError):
        client.get_queue_sender("nowhere").send_messages(_message())


def topic_gives_nothing(_broker: BrokerThread, client: ServiceBusClient) -> None:
    """A topic has no messages of its own."""
    with pytest.raises(ServiceBusError, match="Nothing can be received"):
        client.get_queue_receiver("events").receive_messages(max_wait_time=5)


def sessions_are_refused(_broker: BrokerThread, client: ServiceBusClient) -> None:
    """A receiver that asks for a session is told that there are none."""
    with pytest.raises(ServiceBusError, match="has no sessions"):
        client.get_queue_receiver("jobs", session_id="s").receive_messages(max_wait_time=5)


BOTH: tuple[Flow, ...] = (
    sdk_attaches_again,
    sdk_connects_again,
    lost_lock_is_told,
    busy_broker_refuses,
    unreachable_broker_refuses_and_returns,
    lost_messages_are_gone,
    unknown_queue_is_refused,
    topic_gives_nothing,
    sessions_are_refused,
)
AIO: tuple[Flow, ...] = (silence_is_bounded, silence_lets_nobody_in, answer_is_lost)  # the sync client waits on
CASES = [(flow, "sync") for flow in BOTH] + [(flow, "aio") for flow in (*BOTH, *AIO)]


@pytest.fixture(scope="module")
def endings(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[None]]]:
    """How every flow that was asked for ends, each with a broker of its own; all of them have begun."""

    def run(flow: Flow, flavour: str) -> None:
        with (
            BrokerThread(CONFIG) as broker,
            LoopThread() as loop,
            open_client(broker.connection_string, flavour, loop, retry_total=2) as client,
        ):
            flow(broker, client)

    yield from side_by_side(request, run)
    gc.collect()


@pytest.mark.parametrize(("flow", "flavour"), CASES, ids=lambda case: getattr(case, "__name__", case))
@pytest.mark.usefixtures("flow", "flavour")
def test_flow(request: pytest.FixtureRequest, endings: Mapping[str, Future[None]]) -> None:
    """The flow does what its first sentence promises."""
    await_ending(request, endings)


@pytest.mark.parametrize("wrong", ["SharedAccessKey=other", "SharedAccessKeyName=Listen"])
def test_wrong_key_is_refused(wrong: str) -> None:
    """Whoever has another key, or names another policy, is refused."""
    with BrokerThread(CONFIG) as broker:
        parts = broker.connection_string.split(";")
        changed = ";".join(wrong if each.startswith(wrong.partition("=")[0] + "=") else each for each in parts)
        made = ServiceBusClient.from_connection_string(changed, retry_total=0)
        with made as client, pytest.raises(ServiceBusAuthenticationError):
            client.get_queue_receiver("jobs").receive_messages(max_wait_time=5)
