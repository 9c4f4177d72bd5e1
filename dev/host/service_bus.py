"""A Service Bus queue as the Functions host receives from it: one link, peek-lock, the lock renewed while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core.exceptions import AzureError
from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import AutoLockRenewer, ServiceBusClient, ServiceBusReceiver

from shared.errors import QueueUnavailable

_RENEWAL = timedelta(minutes=35)  # as maxAutoLockRenewalDuration of host.json
_TRACE = b"traceparent"


@dataclass(frozen=True)
class BusDelivery:
    """One delivery, by what the trigger passes on."""

    received: ServiceBusReceivedMessage

    @property
    def message_id(self) -> str:
        """The message's id."""
        return str(self.received.message_id)

    @property
    def body(self) -> bytes:
        """What was sent."""
        return b"".join(self.received.body)

    @property
    def delivery_count(self) -> int:
        """Deliveries, this one counted."""
        return int(self.received.delivery_count or 0) + 1

    @property
    def enqueued_at(self) -> datetime:
        """When it was sent."""
        return self.received.enqueued_time_utc or datetime.now(UTC)

    @property
    def lock_token(self) -> str:
        """What settles this delivery."""
        return str(self.received.lock_token)

    @property
    def trace(self) -> str:
        """The W3C trace context it came with."""
        value = (self.received.application_properties or {}).get(_TRACE, b"")
        return value.decode() if isinstance(value, bytes) else str(value)


class ServiceBusSource:
    """A queue of a namespace; every call opens the link again where it is broken."""

    def __init__(self, connection_string: str, queue_name: str) -> None:
        """Opens nothing."""
        self._connection_string, self._queue_name = connection_string, queue_name
        self._client: ServiceBusClient | None = None
        self._receiver: ServiceBusReceiver | None = None
        self._renewer: AutoLockRenewer | None = None

    async def receive(self, wait: float) -> BusDelivery | None:
        """The next message, or None when none comes within `wait` seconds; raises `QueueUnavailable`."""
        async with self._translated():
            receiver, renewer = self._opened()
            messages = await receiver.receive_messages(max_message_count=1, max_wait_time=wait)
            if not messages:
                return None
            renewer.register(receiver, messages[0], max_lock_renewal_duration=_RENEWAL.total_seconds())
            return BusDelivery(messages[0])

    async def complete(self, delivery: BusDelivery) -> None:
        """Ends the message; raises `LookupError` where its lock is lost."""
        await self._settle("complete_message", delivery)

    async def abandon(self, delivery: BusDelivery) -> None:
        """Gives the message back at once; raises `LookupError` where its lock is lost."""
        await self._settle("abandon_message", delivery)

    async def close(self) -> None:
        """Gives the link back; what is locked is free when its lock runs out."""
        renewer, receiver, client = self._renewer, self._receiver, self._client
        self._renewer = self._receiver = self._client = None
        for each in (renewer, receiver, client):
            if each is not None:
                await each.close()

    async def _settle(self, how: str, delivery: BusDelivery) -> None:
        receiver, _ = self._opened()
        settle: Any = getattr(receiver, how)
        try:
            await settle(delivery.received)
        except (AzureError, ValueError) as error:
            raise LookupError("the lock of this delivery is lost") from error

    def _opened(self) -> tuple[ServiceBusReceiver, AutoLockRenewer]:
        if self._client is None or self._receiver is None or self._renewer is None:
            self._client = ServiceBusClient.from_connection_string(self._connection_string, retry_total=1)
            self._receiver = self._client.get_queue_receiver(self._queue_name, prefetch_count=0)
            self._renewer = AutoLockRenewer()
        return self._receiver, self._renewer

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (AzureError, OSError, ValueError) as error:
            await self.close()
            raise QueueUnavailable(type(error).__name__) from error
