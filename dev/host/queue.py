"""Service Bus queue triggers in peek-lock: completed on return, abandoned at once on an exception, never retried here.

After its last delivery the queue itself makes a message a dead letter. A message is held as long as its function runs,
as by `maxAutoLockRenewalDuration` in Azure.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from azure.functions.decorators.servicebus import ServiceBusQueueTrigger
from azure.functions.servicebus import ServiceBusMessage

from dev.host.errors import HostError
from dev.host.functions import HostedFunction, resolved
from dev.host.invocation import Invoker
from shared.errors import QueueUnavailable

_LONGEST_WAIT = 60.0  # seconds of one receive
_PAUSE = 1.0  # seconds before an unreachable queue is asked again
_LOCK = timedelta(minutes=5)


class Delivered(Protocol):
    """One delivery of a message."""

    @property
    def message_id(self) -> str:
        """The message's id."""
        ...

    @property
    def body(self) -> bytes:
        """What was sent."""
        ...

    @property
    def delivery_count(self) -> int:
        """Deliveries, this one counted."""
        ...

    @property
    def enqueued_at(self) -> datetime:
        """When it was sent."""
        ...

    @property
    def trace(self) -> str:
        """The W3C trace context it came with, or nothing."""
        ...

    @property
    def lock_token(self) -> str:
        """What settles this delivery."""
        ...


D = TypeVar("D", bound=Delivered)


class MessageSource(Protocol[D]):
    """A queue to receive from."""

    async def receive(self, wait: float) -> D | None:
        """The next message, or None when none comes within `wait` seconds; raises `QueueUnavailable`."""
        ...

    async def complete(self, delivery: D) -> None:
        """Ends the message; raises `LookupError` where the delivery was settled before."""
        ...

    async def abandon(self, delivery: D) -> None:
        """Gives the message back; raises `LookupError` where the delivery was settled before."""
        ...


async def listen(function: HostedFunction, source: MessageSource[D], invoker: Invoker) -> None:
    """Runs the function on one message after another until it is cancelled; run several for concurrent calls."""
    while True:
        try:
            delivery = await source.receive(_LONGEST_WAIT)
        except QueueUnavailable:
            await asyncio.sleep(_PAUSE)
            continue
        if delivery is None:
            continue
        outcome = await invoker.run(function, _message(delivery))
        with suppress(LookupError):  # the function settled it itself
            await (source.abandon if outcome.error else source.complete)(delivery)


def check_queue(function: HostedFunction, trigger: ServiceBusQueueTrigger, app_settings: Mapping[str, str]) -> None:
    """Checks that the settings the trigger names are there; raises `HostError`."""
    resolved(str(trigger.queue_name), app_settings)
    if not app_settings.get(str(trigger.connection)):
        raise HostError(f"Function {function.name}: the setting {trigger.connection} is missing.")


def _message(delivery: Delivered) -> ServiceBusMessage:
    return ServiceBusMessage(
        body=delivery.body,
        message_id=delivery.message_id,
        delivery_count=delivery.delivery_count,
        enqueued_time_utc=delivery.enqueued_at,
        locked_until=delivery.enqueued_at + _LOCK,
        lock_token=delivery.lock_token,
        content_type="application/json",
        application_properties={"traceparent": delivery.trace},
        user_properties={},
    )
