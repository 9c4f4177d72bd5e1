"""The queues under test: the job queue's port, and the receiving side that the Functions host has in production."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender

from dev.broker import BrokerConfig, BrokerThread, Queue
from shared.adapters.in_process_queue import DeadLetter, Delivery, InProcessQueue
from shared.adapters.service_bus import ServiceBusQueue
from shared.clock import SystemClock
from shared.ports import DeadMessage

T = TypeVar("T")

JOBS = "report-jobs"
ENTITIES = BrokerConfig([Queue(JOBS, max_delivery_count=5, duplicate_window=timedelta(minutes=10))])
_SHORTEST_WAIT = 0.05  # the SDK refuses 0
_MANY = 100


class QueueBench(Protocol):
    """What the conformance tests need of a queue, both ends of it."""

    def play(self, scenario: Coroutine[Any, Any, T]) -> T:
        """Runs the scenario in an event loop."""
        ...

    async def send(self, job_id: str, delay: timedelta = timedelta(0), trace: str = "") -> None:
        """As the port."""
        ...

    async def ping(self) -> None:
        """As the port."""
        ...

    async def bury(self, handle: Callable[[DeadMessage], Awaitable[None]], limit: int) -> int:
        """As the port."""
        ...

    async def send_raw(self, body: bytes) -> None:
        """Sends bytes as a foreign sender could."""
        ...

    async def receive(self, wait: float) -> Delivery | None:
        """The next message, or None after `wait` seconds."""
        ...

    async def complete(self, delivery: Delivery) -> None:
        """Ends a message."""
        ...

    async def abandon(self, delivery: Delivery) -> None:
        """Gives a message back."""
        ...

    async def dead_letter(self, delivery: Delivery, reason: str, description: str) -> None:
        """Gives a message up."""
        ...

    async def dead_letters_now(self) -> Sequence[DeadLetter]:
        """The messages given up so far."""
        ...

    def cut_off(self) -> None:
        """Makes the queue unreachable."""
        ...


class InProcessBench(InProcessQueue):
    """The in-process queue."""

    def __init__(self) -> None:
        """Starts empty."""
        super().__init__(SystemClock())

    def play(self, scenario: Coroutine[Any, Any, T]) -> T:
        """Runs it; nothing is opened."""
        return asyncio.run(scenario)

    async def send_raw(self, body: bytes) -> None:
        """Puts the bytes."""
        self.put(body)

    async def dead_letters_now(self) -> Sequence[DeadLetter]:
        """A copy of the list."""
        return tuple(self.dead_letters)

    def cut_off(self) -> None:
        """Plays an outage."""
        self.reachable = False


class ServiceBusBench(ServiceBusQueue):
    """The Service Bus adapter sends; the SDK receives, with nothing of ours in between. A context manager.

    Links take their time to open, so one event loop and its links serve many tests.
    """

    def __init__(self, broker: BrokerThread) -> None:
        """Takes the broker that both ends talk to."""
        super().__init__(JOBS, SystemClock(), connection_string=broker.connection_string)
        self._broker = broker
        self._loop = asyncio.Runner()
        self._opened = AsyncExitStack()
        self._foreign: ServiceBusClient | None = None
        self._sender: ServiceBusSender | None = None
        self._receiver: ServiceBusReceiver | None = None
        self._letters: ServiceBusReceiver | None = None
        self._held: dict[str, ServiceBusReceivedMessage] = {}

    def __enter__(self) -> Self:
        """Opens nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes both ends."""
        self._close_links()
        self._loop.close()

    def empty(self) -> Self:
        """The bench without any message."""
        self._broker.faults.unreachable(on=False)
        self._broker.faults.lose_messages()
        self._held.clear()
        return self

    def play(self, scenario: Coroutine[Any, Any, T]) -> T:
        """Runs it in the event loop that all have in common."""
        return self._loop.run(scenario)

    async def send_raw(self, body: bytes) -> None:
        """Sends by the SDK."""
        if self._sender is None:
            self._sender = await self._opened.enter_async_context((await self._client()).get_queue_sender(JOBS))
        await self._sender.send_messages(ServiceBusMessage(body))

    async def receive(self, wait: float) -> Delivery | None:
        """Receives by the SDK."""
        receiver = await self._receiving()
        for message in await receiver.receive_messages(1, max_wait_time=max(wait, _SHORTEST_WAIT)):
            delivery = _delivery(message)
            self._held[delivery.lock_token] = message
            return delivery
        return None

    async def complete(self, delivery: Delivery) -> None:
        """Completes by the SDK."""
        await (await self._receiving()).complete_message(self._held.pop(delivery.lock_token))

    async def abandon(self, delivery: Delivery) -> None:
        """Abandons by the SDK."""
        await (await self._receiving()).abandon_message(self._held.pop(delivery.lock_token))

    async def dead_letter(self, delivery: Delivery, reason: str, description: str) -> None:
        """Dead-letters by the SDK."""
        message = self._held.pop(delivery.lock_token)
        await (await self._receiving()).dead_letter_message(message, reason=reason, error_description=description)

    async def dead_letters_now(self) -> Sequence[DeadLetter]:
        """What the SDK sees in the queue's own queue of dead letters."""
        if self._letters is None:
            dead = (await self._client()).get_queue_receiver(JOBS, sub_queue=ServiceBusSubQueue.DEAD_LETTER)
            self._letters = await self._opened.enter_async_context(dead)
        return [_dead_letter(message) for message in await self._letters.peek_messages(_MANY, sequence_number=0)]

    def cut_off(self) -> None:
        """Nobody listens any more."""
        self._close_links()  # the SDK leaves the sockets of links that were cut to the garbage collector
        self._broker.faults.unreachable()

    def _close_links(self) -> None:
        self._loop.run(self.close())
        self._loop.run(self._opened.aclose())
        self._foreign = self._sender = self._receiver = self._letters = None

    async def _client(self) -> ServiceBusClient:
        if self._foreign is None:
            made = ServiceBusClient.from_connection_string(self._broker.connection_string)
            self._foreign = await self._opened.enter_async_context(made)
        return self._foreign

    async def _receiving(self) -> ServiceBusReceiver:
        if self._receiver is None:
            receiver = (await self._client()).get_queue_receiver(JOBS, prefetch_count=0)
            self._receiver = await self._opened.enter_async_context(receiver)
        return self._receiver


def _delivery(message: ServiceBusReceivedMessage) -> Delivery:
    trace = (message.application_properties or {}).get(b"traceparent", b"")
    assert isinstance(trace, bytes)
    return Delivery(
        message_id=str(message.message_id),
        body=b"".join(message.body),
        delivery_count=(message.delivery_count or 0) + 1,  # AMQP counts the deliveries before this one
        enqueued_at=message.enqueued_time_utc or datetime.max.replace(tzinfo=UTC),
        lock_token=str(message.lock_token),
        trace=trace.decode(),
    )


def _dead_letter(message: ServiceBusReceivedMessage) -> DeadLetter:
    return DeadLetter(
        message_id=str(message.message_id),
        body=b"".join(message.body),
        delivery_count=message.delivery_count or 0,
        enqueued_at=message.enqueued_time_utc or datetime.max.replace(tzinfo=UTC),
        reason=message.dead_letter_reason or "",
        description=message.dead_letter_error_description or "",
    )
