"""Flows of the Service Bus SDK in which messages are sent and arrive; each has a queue or topic of its own."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusMessageState, ServiceBusReceiveMode, ServiceBusReceiver
from azure.servicebus.exceptions import MessageAlreadySettled, MessageNotFoundError, MessageSizeExceededError

from tests.broker import SOON, Bus, bodies, nothing_in, number_of, property_of, seconds_left, soon, take, take_all


def round_trip(bus: Bus) -> None:
    """A message arrives with its body, properties and application properties, once, and is gone when completed."""
    sent = ServiceBusMessage(
        b"\x00body",
        message_id="id-1",
        correlation_id="c-1",
        subject="render",
        content_type="application/json",
        reply_to="answers",
        to="worker",
        time_to_live=timedelta(minutes=10),
        application_properties={"text": "x", "number": 5, "big": 2**30, "yes": True, "share": 1.5},
    )
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages(sent)
        got = take(receiver)
        assert b"".join(got.body) == b"\x00body"
        assert (got.message_id, got.correlation_id, got.subject) == ("id-1", "c-1", "render")
        assert (got.content_type, got.reply_to, got.to) == ("application/json", "answers", "worker")
        expected = {b"text": b"x", b"number": 5, b"big": 2**30, b"yes": True, b"share": 1.5}
        assert got.application_properties == expected
        assert (got.delivery_count, got.time_to_live) == (0, timedelta(minutes=10))
        assert got.enqueued_time_utc is not None
        assert abs(got.enqueued_time_utc - soon(0)) < timedelta(seconds=SOON)
        assert seconds_left(got) > 0
        receiver.complete_message(got)
        with pytest.raises(MessageAlreadySettled):
            receiver.complete_message(got)
        assert nothing_in(receiver)


def batch(bus: Bus) -> None:
    """The messages of a batch, and of a list, arrive whole and in order."""
    with bus.sender() as sender, bus.receiver() as receiver:
        messages = sender.create_message_batch()
        for number in range(25):
            messages.add_message(ServiceBusMessage(f"{number}", application_properties={"number": number}))
        sender.send_messages(messages)
        sender.send_messages([ServiceBusMessage(f"{number}") for number in range(25, 30)])
        got = take_all(receiver, 30)
        assert bodies(got) == [f"{number}" for number in range(30)]
        assert [property_of(message, b"number") for message in got[:25]] == list(range(25))
        for message in got:
            receiver.complete_message(message)


def scheduled(bus: Bus) -> None:
    """A scheduled message can be browsed at once, comes when it is due, and not at all when cancelled."""
    with bus.sender() as sender, bus.receiver() as receiver:
        due = soon(3)
        numbers = sender.schedule_messages([ServiceBusMessage("later"), ServiceBusMessage("never")], due)
        sender.send_messages(ServiceBusMessage("again", scheduled_enqueue_time_utc=due))
        sender.cancel_scheduled_messages(numbers[1])
        waiting = receiver.peek_messages(10)
        assert sorted(bodies(waiting)) == ["again", "later"]
        assert {message.state for message in waiting} == {ServiceBusMessageState.SCHEDULED}
        assert nothing_in(receiver)
        got = take_all(receiver, 2)
        assert due - timedelta(seconds=0.1) <= soon(0) < due + timedelta(seconds=SOON)
        assert sorted(bodies(got)) == ["again", "later"]
        for message in got:
            receiver.complete_message(message)
        with pytest.raises(MessageNotFoundError):
            sender.cancel_scheduled_messages(numbers[0])


def peek(bus: Bus) -> None:
    """Browsing shows messages from a number on, without locking or counting them."""
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages([ServiceBusMessage(f"{number}") for number in range(5)])
        seen = receiver.peek_messages(10, sequence_number=1)
        assert bodies(seen) == ["0", "1", "2", "3", "4"]
        assert bodies(receiver.peek_messages(2, sequence_number=number_of(seen[2]))) == ["2", "3"]
        got = take_all(receiver, 5)
        assert {message.delivery_count for message in got} == {0}
        for message in got:
            receiver.complete_message(message)
        assert receiver.peek_messages(10, sequence_number=1) == []


def duplicates(bus: Bus) -> None:
    """A message id is accepted and dropped while it is remembered, though its message is gone; then it is new."""
    with bus.sender() as sender, bus.receiver() as receiver:
        for message_id in ("a", "a", "b", "a"):
            sender.send_messages(ServiceBusMessage(message_id, message_id=message_id))
        got = take_all(receiver, 2)
        assert bodies(got) == ["a", "b"]
        for message in got:
            receiver.complete_message(message)
        sender.send_messages(ServiceBusMessage("a", message_id="a"))
        assert nothing_in(receiver)
        time.sleep(bus.target.window)
        sender.send_messages(ServiceBusMessage("new", message_id="a"))
        receiver.complete_message(take(receiver))


def expired(bus: Bus) -> None:
    """A message that nobody receives in its time becomes a dead letter where the queue says so."""
    with bus.sender() as sender, bus.receiver() as receiver, bus.dead_letters() as dead_letters:
        sender.send_messages(ServiceBusMessage("old", time_to_live=timedelta(seconds=1)))
        dead = take(dead_letters)
        assert (str(dead), dead.dead_letter_reason) == ("old", "TTLExpiredException")
        dead_letters.complete_message(dead)
        assert nothing_in(receiver)


def receive_and_delete(bus: Bus) -> None:
    """A message that is received to be deleted is gone at once."""
    with bus.sender() as sender:
        sender.send_messages([ServiceBusMessage("1"), ServiceBusMessage("2")])
    with bus.receiver(receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
        assert bodies(take_all(receiver, 2)) == ["1", "2"]
    with bus.receiver() as receiver:
        assert nothing_in(receiver)


def empty(bus: Bus) -> None:
    """An empty queue gives nothing, after the time the receiver was ready to wait; iterating ends then, too."""
    with bus.sender() as sender, bus.receiver(max_wait_time=1) as receiver:
        begun = time.monotonic()
        assert receiver.receive_messages(max_wait_time=1) == []
        assert 0.9 <= time.monotonic() - begun < SOON
        sender.send_messages([ServiceBusMessage("1"), ServiceBusMessage("2")])
        seen = []
        for message in receiver:
            seen.append(str(message))
            receiver.complete_message(message)
        assert seen == ["1", "2"]


def prefetch(bus: Bus) -> None:
    """What a receiver has fetched ahead, it gives back uncounted when it closes."""
    with bus.sender() as sender:
        sender.send_messages([ServiceBusMessage(f"{number}") for number in range(6)])
    with bus.receiver(prefetch_count=5) as receiver:
        receiver.complete_message(take(receiver))
    with bus.receiver() as receiver:
        got = take_all(receiver, 5)
        assert {message.delivery_count for message in got} == {0}
        for message in got:
            receiver.complete_message(message)


def sizes(bus: Bus) -> None:
    """A message of several frames arrives whole; one above the limit is refused, and the sender goes on."""
    big = os.urandom(250_000)
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages(ServiceBusMessage(big))
        got = take(receiver)
        assert b"".join(got.body) == big
        receiver.complete_message(got)
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages(ServiceBusMessage(os.urandom(300_000)))
        sender.send_messages(ServiceBusMessage("after"))
        receiver.complete_message(take(receiver))


def competing(bus: Bus) -> None:
    """Four receivers of one queue get every message once between them."""
    with bus.sender() as sender:
        sender.send_messages([ServiceBusMessage(f"{number}") for number in range(60)])
    with ThreadPoolExecutor(4) as pool:
        seen = [each for part in pool.map(_drain, [bus.receiver() for _ in range(4)]) for each in part]
    assert sorted(seen) == sorted(f"{number}" for number in range(60))


def _drain(receiver: ServiceBusReceiver) -> list[str]:
    seen = []
    with receiver:
        while messages := receiver.receive_messages(max_message_count=5, max_wait_time=1):
            for message in messages:
                receiver.complete_message(message)
                seen.append(str(message))
    return seen


def topic(bus: Bus) -> None:
    """Each subscription of a topic gets every message, scheduled ones too, and settles and buries for itself."""
    with (
        bus.client.get_topic_sender(bus.queue) as sender,
        bus.client.get_subscription_receiver(bus.queue, "all") as receiver,
        bus.client.get_subscription_receiver(bus.queue, "audit") as other,
        bus.client.get_subscription_receiver(bus.queue, "all", sub_queue="deadletter") as dead_letters,
    ):
        sender.send_messages(ServiceBusMessage("now", subject="done", application_properties={"job": "j"}))
        sender.schedule_messages(ServiceBusMessage("later"), soon(1))
        first = take(receiver)
        assert (str(first), first.subject, first.application_properties) == ("now", "done", {b"job": b"j"})
        receiver.dead_letter_message(first, reason="Unwanted")
        assert take(dead_letters).dead_letter_reason == "Unwanted"
        receiver.complete_message(take(receiver))
        assert bodies(take_all(other, 2)) == ["now", "later"]


FLOWS = (
    round_trip,
    batch,
    scheduled,
    peek,
    duplicates,
    expired,
    receive_and_delete,
    empty,
    prefetch,
    sizes,
    competing,
    topic,
)
