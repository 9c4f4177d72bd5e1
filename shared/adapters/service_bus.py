"""The job queue on Azure Service Bus: one link kept per event loop, every call bounded, a broken link made anew.

The asynchronous client is used because the synchronous one waits for a silent peer without a bound. It receives
nothing: the Functions host does.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

from shared.clock import Clock
from shared.errors import QueueUnavailable
from shared.ports import DeadMessage

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential
    from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
    from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender

_LIMIT_SECONDS = 3.0  # a request waits no longer for the queue; the row is the outbox
_CLOSE_SECONDS = 0.5
_DEAD_WAIT_SECONDS = 1.0
_TRACE = "traceparent"
T = TypeVar("T")


class ServiceBusQueue:
    """One queue of a namespace, given by connection string (a local broker) or by host name (managed identity)."""

    def __init__(self, queue_name: str, clock: Clock, *, connection_string: str = "", namespace: str = "") -> None:
        """Takes one of the two; opens nothing."""
        self._queue_name, self._clock = queue_name, clock
        self._connection_string, self._namespace = connection_string, namespace
        self._links: WeakKeyDictionary[asyncio.AbstractEventLoop, _Link] = WeakKeyDictionary()

    async def send(self, job_id: str, delay: timedelta = timedelta(0), trace: str = "") -> None:
        """Sends `{"jobId": …}` under a new message id.

        Never the job's id: duplicate detection would swallow a later ring for the same job.
        """
        message = _message(job_id, trace)

        async def work(sender: "ServiceBusSender") -> None:
            if delay > timedelta(0):
                await sender.schedule_messages(message, self._clock.now() + delay)
            else:
                await sender.send_messages(message)

        await self._bounded(lambda link: link.use(work))

    async def ping(self) -> None:
        """Returns when the broker answers a question about this queue."""
        await self._bounded(lambda link: link.peek())

    async def bury(self, handle: Callable[[DeadMessage], Awaitable[None]], limit: int) -> int:
        """Hands dead letters over and completes each once it is handled; how many.

        The handling is not bounded, only what is asked of the broker; a letter whose lock it outlives comes again.
        """
        return await self._link().bury(handle, limit)

    async def close(self) -> None:
        """Closes the link of the running event loop."""
        link = self._links.pop(asyncio.get_running_loop(), None)
        if link is not None:
            await link.close()

    async def _bounded(self, work: Callable[["_Link"], Awaitable[T]]) -> T:
        with _translated():
            return await asyncio.wait_for(work(self._link()), _LIMIT_SECONDS)

    def _link(self) -> "_Link":
        loop = asyncio.get_running_loop()
        if loop not in self._links:
            self._links[loop] = _Link(self._connect, self._queue_name)
        return self._links[loop]

    def _connect(self) -> "tuple[ServiceBusClient, DefaultAzureCredential | None]":
        from azure.servicebus.aio import ServiceBusClient

        options: dict[str, Any] = {"retry_total": 1, "retry_backoff_factor": 0.2, "try_timeout": _LIMIT_SECONDS}
        options["ssl_context"] = _ssl_context()
        if self._connection_string:
            return ServiceBusClient.from_connection_string(self._connection_string, **options), None
        from azure.identity.aio import DefaultAzureCredential

        credential = DefaultAzureCredential()
        return ServiceBusClient(self._namespace, credential, **options), credential


@cache
def _ssl_context() -> ssl.SSLContext:
    """One for all links: the SDK would read the authorities' file anew for each, even for one without TLS."""
    return ssl.create_default_context()


class _Link:
    """A client and its sender, opened on first use, and anew after a failure."""

    def __init__(
        self, connect: "Callable[[], tuple[ServiceBusClient, DefaultAzureCredential | None]]", queue_name: str
    ) -> None:
        self._connect, self._queue_name = connect, queue_name
        self._client: ServiceBusClient | None = None
        self._credential: DefaultAzureCredential | None = None
        self._sender: ServiceBusSender | None = None
        self._peeker: ServiceBusReceiver | None = None
        self._turn = asyncio.Lock()  # a sender carries one message at a time
        self._peek_turn = asyncio.Lock()

    async def use(self, work: Callable[["ServiceBusSender"], Awaitable[None]]) -> None:
        """Runs `work` with the sender; one that failed, or was given up at work, is thrown away."""
        async with self._turn:
            is_sound = False
            try:
                if self._sender is None:
                    self._sender = self._opened().get_queue_sender(self._queue_name)
                await work(self._sender)
                is_sound = True
            finally:
                if not is_sound:
                    await self.close()

    async def bury(self, handle: Callable[[DeadMessage], Awaitable[None]], limit: int) -> int:
        """Receives from the dead-letter queue; a failure of `handle` is the caller's."""
        from azure.servicebus import ServiceBusSubQueue

        async with self._receiver(sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
            received = receiver.receive_messages(max_message_count=limit, max_wait_time=_DEAD_WAIT_SECONDS)
            with _translated():
                letters = await asyncio.wait_for(received, _LIMIT_SECONDS + _DEAD_WAIT_SECONDS)
            for letter in letters:
                await handle(_dead(letter))
                with _translated():
                    await asyncio.wait_for(receiver.complete_message(letter), _LIMIT_SECONDS)
        return len(letters)

    async def peek(self) -> None:
        """Looks at the first message, with a receiver that is kept: making one takes longer than all the rest."""
        async with self._peek_turn:
            is_sound = False
            try:
                if self._peeker is None:
                    self._peeker = self._opened().get_queue_receiver(self._queue_name)
                await self._peeker.peek_messages(1, timeout=_LIMIT_SECONDS)
                is_sound = True
            finally:
                if not is_sound:
                    await self._forget_peeker()

    async def close(self) -> None:
        """Says goodbye, but does not wait for a peer that is gone."""
        await self._forget_peeker()
        parts = (self._sender, self._client, self._credential)  # a client forgets a sender that nobody else holds
        self._sender = self._client = self._credential = None
        for part in parts:
            if part is not None:
                await _close(part)

    async def _forget_peeker(self) -> None:
        peeker, self._peeker = self._peeker, None
        if peeker is not None:
            await _close(peeker)

    @asynccontextmanager
    async def _receiver(self, **options: Any) -> "AsyncIterator[ServiceBusReceiver]":
        """One for a moment, linked already: a receiver that is not counts the time it needs for that as waiting."""
        receiver = self._opened().get_queue_receiver(self._queue_name, **options)
        try:
            with _translated():
                await asyncio.wait_for(receiver.__aenter__(), _LIMIT_SECONDS)  # `async with` would close unbounded
            yield receiver
        finally:
            await _close(receiver)

    def _opened(self) -> "ServiceBusClient":
        if self._client is None:
            self._client, self._credential = self._connect()
        return self._client


async def _close(part: "ServiceBusSender | ServiceBusReceiver | ServiceBusClient | DefaultAzureCredential") -> None:
    from azure.core.exceptions import AzureError

    with suppress(AzureError, TimeoutError, OSError, ValueError):  # it is being thrown away
        await asyncio.wait_for(part.close(), _CLOSE_SECONDS)


@contextmanager
def _translated() -> Iterator[None]:
    from azure.core.exceptions import AzureError

    try:
        yield
    except (AzureError, TimeoutError, OSError, ValueError) as error:
        # ValueError: the SDK's word for a sender that is closed already.
        raise QueueUnavailable(type(error).__name__) from None


def _message(job_id: str, trace: str) -> "ServiceBusMessage":
    from azure.servicebus import ServiceBusMessage

    return ServiceBusMessage(
        json.dumps({"jobId": job_id}).encode(),
        content_type="application/json",
        message_id=uuid4().hex,
        application_properties={_TRACE: trace} if trace else None,
    )


def _dead(letter: "ServiceBusReceivedMessage") -> DeadMessage:
    return DeadMessage(
        str(letter.message_id),
        b"".join(letter.body),
        letter.dead_letter_reason or "",
        letter.dead_letter_error_description or "",
    )
