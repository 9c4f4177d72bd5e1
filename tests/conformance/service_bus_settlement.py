"""Flows of the Service Bus SDK in which a receiver says what became of a message; each has a queue of its own."""

import time

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusMessageState
from azure.servicebus.exceptions import MessageLockLostError, MessageNotFoundError

from tests.broker import SOON, Bus, nothing_in, number_of, property_of, seconds_left, soon, take


def abandon(bus: Bus) -> None:
    """An abandoned message comes again at once, counted, and is a dead letter after the last allowed delivery."""
    with bus.sender() as sender, bus.receiver() as receiver, bus.dead_letters() as dead_letters:
        sender.send_messages(ServiceBusMessage("poison", message_id="p", application_properties={"kept": "yes"}))
        for count in range(3):
            got = take(receiver)
            assert (got.message_id, got.delivery_count) == ("p", count)
            receiver.abandon_message(got)
        assert nothing_in(receiver)
        dead = take(dead_letters)
        assert (str(dead), dead.message_id, dead.delivery_count) == ("poison", "p", 3)
        assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
        assert property_of(dead, b"kept") == b"yes"
        dead_letters.complete_message(dead)


def dead_letter(bus: Bus) -> None:
    """A message that is given up is found among the dead letters, with the reason given, until it is settled there."""
    with bus.sender() as sender, bus.receiver() as receiver, bus.dead_letters() as dead_letters:
        sender.send_messages(ServiceBusMessage("bad", application_properties={"kept": 7}))
        receiver.dead_letter_message(take(receiver), reason="Malformed", error_description="no JSON: ü")
        dead = take(dead_letters)
        assert (str(dead), dead.dead_letter_reason, dead.dead_letter_error_description) == (
            "bad",
            "Malformed",
            "no JSON: ü",
        )
        assert property_of(dead, b"kept") == 7
        dead_letters.abandon_message(dead)
        dead_letters.complete_message(take(dead_letters))
        assert nothing_in(dead_letters)


def defer(bus: Bus) -> None:
    """A deferred message comes by its number only, and is settled like any other."""
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages([ServiceBusMessage("1"), ServiceBusMessage("2")])
        first = take(receiver)
        number = number_of(first)
        receiver.defer_message(first)
        second = take(receiver)
        assert str(second) == "2"
        receiver.complete_message(second)
        (back,) = receiver.receive_deferred_messages(number)
        assert (str(back), back.state) == ("1", ServiceBusMessageState.DEFERRED)
        receiver.abandon_message(back)
        (back,) = receiver.receive_deferred_messages(number)
        receiver.complete_message(back)
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages(number)


def lock_lost(bus: Bus) -> None:
    """A message that is held too long comes again, counted; its first receiver can settle it no more."""
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages(ServiceBusMessage("x"))
        first = take(receiver)
        assert seconds_left(first) > 0
        again = take(receiver)
        assert -SOON < seconds_left(first) <= 0
        assert (again.delivery_count, again.sequence_number) == (1, first.sequence_number)
        first._expiry = soon(60)  # else the SDK does not ask the service
        with pytest.raises(MessageLockLostError):
            receiver.complete_message(first)
        receiver.complete_message(again)


def renew(bus: Bus) -> None:
    """A lock that is renewed in time outlives itself; one that has run out cannot be renewed."""
    with bus.sender() as sender, bus.receiver() as receiver:
        sender.send_messages(ServiceBusMessage("x"))
        got = take(receiver)
        lock = seconds_left(got)
        time.sleep(lock * 0.6)
        receiver.renew_message_lock(got)
        assert seconds_left(got) > lock * 0.6
        time.sleep(lock * 0.6)
        receiver.abandon_message(got)
        got = take(receiver)
        assert got.delivery_count == 1
        time.sleep(seconds_left(got) + 0.2)
        with pytest.raises(MessageLockLostError):
            receiver.renew_message_lock(got)
        receiver.complete_message(take(receiver))


def auto_renew(bus: Bus) -> None:
    """A renewer keeps a message as long as the work on it takes."""
    with bus.renewer() as renewer, bus.sender() as sender, bus.receiver(auto_lock_renewer=renewer) as receiver:
        sender.send_messages(ServiceBusMessage("slow"))
        got = take(receiver)
        time.sleep(seconds_left(got) * 1.6)
        receiver.complete_message(got)
        assert nothing_in(receiver)


FLOWS = (abandon, dead_letter, defer, lock_lost, renew, auto_renew)
