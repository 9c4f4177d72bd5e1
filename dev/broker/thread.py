"""The broker in a thread with an event loop of its own, for tests that have none; serves like `BrokerServer`."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from dev.broker.config import BrokerConfig
from dev.broker.faults import Faults
from dev.broker.server import KEY, POLICY, BrokerServer, QueueState

T = TypeVar("T")


class BrokerThread:
    """A broker that any thread may use; a context manager."""

    def __init__(self, config: Path | BrokerConfig, *, port: int = 0, policy: str = POLICY, key: str = KEY) -> None:
        """Takes what `BrokerServer` takes, and raises what it raises."""
        self._server = BrokerServer(config, port=port, policy=policy, key=key)
        self.faults = Faults(self._server, self._in_loop)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="broker", daemon=True)
        self._started = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def connection_string(self) -> str:
        """What a client needs."""
        return self._server.connection_string

    def queue(self, name: str) -> QueueState:
        """The messages of a queue (`name`) or subscription (`topic/subscriptions/name`); raises `BrokerError`."""
        return self._in_loop(lambda: self._server.queue(name))

    def __enter__(self) -> Self:
        """Returns when it listens; raises `HostError` where the port is taken."""
        self._server.bind()
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Returns when it has ended."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        async with self._server:
            self._started.set()
            await self._ending.wait()

    def _in_loop(self, work: Callable[[], T], /) -> T:
        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()
