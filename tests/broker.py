"""The Service Bus that conformance tests talk to: the development broker, or the namespace that a variable names.

Another namespace (Azure's, or Microsoft's emulator) must have the entities of `service_bus_entities.json`; the
development broker has the same ones, with times that do not keep a test run waiting.
"""

import asyncio
import os
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import isawaitable
from pathlib import Path
from typing import Any, Self, cast

import pytest
from azure.servicebus import (
    AutoLockRenewer,
    ServiceBusClient,
    ServiceBusReceivedMessage,
    ServiceBusReceiver,
    ServiceBusSender,
)
from azure.servicebus import aio as azure_aio

from dev.broker import BrokerConfig, BrokerThread, Queue, read_config

ENTITIES = Path(__file__).parent / "conformance" / "service_bus_entities.json"
VARIABLE = "SERVICEBUS_CONFORMANCE_CONNECTION"
_LOCKS = {  # in the file, where Azure allows no less than 5 s, and of the development broker
    timedelta(seconds=5): timedelta(seconds=2),
    timedelta(seconds=6): timedelta(seconds=3),  # the aio SDK's renewer looks at a lock once in a second
}
_WINDOW, _SHORTEST_WINDOW = timedelta(seconds=1.5), timedelta(seconds=20)  # of the development broker, and of Azure
SOON = 20.0  # seconds: far more than any message needs
_LONGEST = 120.0  # seconds


@dataclass(frozen=True)
class Target:
    """A namespace, and the seconds that its memory of message ids lasts."""

    connection_string: str
    window: float


def _shortened(config: BrokerConfig) -> BrokerConfig:
    return replace(config, queues=[_shortened_queue(queue) for queue in config.queues])


def _shortened_queue(queue: Queue) -> Queue:
    lock = _LOCKS.get(queue.lock_duration, queue.lock_duration)
    return replace(queue, lock_duration=lock, duplicate_window=queue.duplicate_window and _WINDOW)


@contextmanager
def target() -> Iterator[Target]:
    """The namespace to test, served while it is used."""
    if connection_string := os.environ.get(VARIABLE):
        yield Target(connection_string, _SHORTEST_WINDOW.total_seconds())
        return
    with BrokerThread(_shortened(read_config(ENTITIES))) as broker:
        yield Target(broker.connection_string, _WINDOW.total_seconds())


class LoopThread:
    """An event loop in a thread, for the SDK's aio client; a context manager."""

    def __init__(self) -> None:
        """Starts with `__enter__`."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="aio client", daemon=True)

    def __enter__(self) -> Self:
        """Runs the loop."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Calls the function in the loop, and awaits what it gives where that can be awaited."""

        async def call() -> Any:
            result = function(*arguments, **named)
            return await result if isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()


class Blocking:
    """An object of the aio SDK that blocks as its sync twin does, so that one flow serves both."""

    def __init__(self, real: Any, loop: LoopThread) -> None:
        """Takes the object and the loop it lives in."""
        self._real, self._loop = real, loop

    def __getattr__(self, name: str) -> Any:
        """A method that blocks, or a value."""
        value = getattr(self._real, name)
        return self._blocking(value) if callable(value) else value

    def __enter__(self) -> Self:
        """As `async with`."""
        self._loop.run(self._real.__aenter__)
        return self

    def __exit__(self, *error: object) -> None:
        """As `async with`."""
        self._loop.run(self._real.__aexit__, *error)

    def __iter__(self) -> Iterator[Any]:
        """As `async for`."""
        items = aiter(self._real)
        while (item := self._loop.run(anext, items, None)) is not None:
            yield item

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            real = {name: each._real if isinstance(each, Blocking) else each for name, each in named.items()}
            result = self._loop.run(method, *arguments, **real)
            return Blocking(result, self._loop) if hasattr(result, "__aenter__") else result

        return call


@dataclass(frozen=True)
class Bus:
    """What a flow works with: a client, sync or aio, and a queue that is its own."""

    target: Target
    client: ServiceBusClient
    loop: LoopThread
    flavour: str
    queue: str

    def sender(self) -> ServiceBusSender:
        """A sender to the queue."""
        return self.client.get_queue_sender(self.queue)

    def receiver(self, **options: Any) -> ServiceBusReceiver:
        """A receiver of the queue."""
        return self.client.get_queue_receiver(self.queue, **options)

    def dead_letters(self) -> ServiceBusReceiver:
        """A receiver of the queue's dead letters."""
        return self.receiver(sub_queue="deadletter")

    def renewer(self) -> AutoLockRenewer:
        """A renewer of locks."""
        if self.flavour == "sync":
            return AutoLockRenewer()
        return cast("AutoLockRenewer", Blocking(self.loop.run(azure_aio.AutoLockRenewer), self.loop))


@cache
def _ssl_context() -> ssl.SSLContext:
    """One for all: the aio SDK reads the authorities' file anew for each connection, even for one without TLS."""
    return ssl.create_default_context()


def open_client(connection_string: str, flavour: str, loop: LoopThread, **given: Any) -> ServiceBusClient:
    """A client of the flavour, `sync` or `aio`; both block, and retry without long waits."""
    options: dict[str, Any] = {"retry_backoff_factor": 0.1, "ssl_context": _ssl_context()} | given
    if flavour == "sync":
        return ServiceBusClient.from_connection_string(connection_string, **options)
    made = loop.run(azure_aio.ServiceBusClient.from_connection_string, connection_string, **options)
    return cast("ServiceBusClient", Blocking(made, loop))


def side_by_side(request: pytest.FixtureRequest, run: Callable[..., None]) -> Iterator[Mapping[str, Future[None]]]:
    """Runs, all at once, what the chosen tests that use a fixture are about; gives how each ends, by its parameters.

    The fixture is the one that asks; `run` takes the parameters of a test.
    """
    tests: list[Any] = request.session.items
    mine = [
        each
        for each in tests
        if getattr(each, "module", None) is request.module and request.fixturename in each.fixturenames
    ]
    with ThreadPoolExecutor(len(mine)) as pool:
        yield {each.callspec.id: pool.submit(run, **each.callspec.params) for each in mine}


def await_ending(request: pytest.FixtureRequest, endings: Mapping[str, Future[None]]) -> None:
    """Passes or fails as what was run for a test does."""
    test: Any = request.node
    endings[test.callspec.id].result(_LONGEST)


def take(receiver: ServiceBusReceiver, wait: float = SOON) -> ServiceBusReceivedMessage:
    """The next message."""
    (message,) = receiver.receive_messages(max_wait_time=wait)
    return message


def take_all(receiver: ServiceBusReceiver, count: int) -> list[ServiceBusReceivedMessage]:
    """The next messages, as many as asked for."""
    messages: list[ServiceBusReceivedMessage] = []
    while len(messages) < count:
        got = receiver.receive_messages(max_message_count=count - len(messages), max_wait_time=SOON)
        assert got, f"{len(messages)} of {count} messages came"
        messages += got
    return messages


def nothing_in(receiver: ServiceBusReceiver) -> bool:
    """Whether no message comes within half a second."""
    return not receiver.receive_messages(max_wait_time=0.5)


def soon(seconds: float) -> datetime:
    """The time in so many seconds."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


def seconds_left(message: ServiceBusReceivedMessage) -> float:
    """Seconds until the lock runs out."""
    assert message.locked_until_utc is not None
    return (message.locked_until_utc - soon(0)).total_seconds()


def number_of(message: ServiceBusReceivedMessage) -> int:
    """Its sequence number."""
    assert message.sequence_number is not None
    return message.sequence_number


def property_of(message: ServiceBusReceivedMessage, name: bytes) -> Any:
    """One of its application properties."""
    return (message.application_properties or {}).get(name)


def bodies(messages: list[ServiceBusReceivedMessage]) -> list[str]:
    """What they carry, as text."""
    return [str(message) for message in messages]
