"""The broker as a server in the event loop that starts it: listens, tells its address, can be looked into."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from dev.broker.broker import Broker
from dev.broker.config import BrokerConfig, read_config
from dev.broker.connection import Connection
from dev.broker.faults import Faults
from dev.host.listening import listening_socket

POLICY, KEY = "RootManageSharedAccessKey", "SAS_KEY_VALUE"  # as Microsoft's emulator has them

_HOST = "127.0.0.1"

T = TypeVar("T")


class QueueState(NamedTuple):
    """How many messages a queue or subscription has, by where they stand."""

    active: int = 0
    locked: int = 0
    scheduled: int = 0
    deferred: int = 0
    dead: int = 0


class BrokerServer:
    """A broker on a loopback port, with its state in memory; an async context manager, used in its event loop only."""

    def __init__(self, config: Path | BrokerConfig, *, port: int = 0, policy: str = POLICY, key: str = KEY) -> None:
        """Takes the entities, or the file that names them, a port (0: a free one) and the key that is asked for.

        Raises:
            ConfigError: where the file is none that this broker can serve.

        """
        self._config = read_config(config) if isinstance(config, Path) else config
        self._policy, self._key = policy, key
        self.port = port
        self.broker = Broker(self._config, policy, key)
        self.connections: set[Connection] = set()
        self.faults = Faults(self, _at_once)
        self._server: asyncio.Server | None = None
        self._listener: socket.socket | None = None  # while nobody is served

    @property
    def connection_string(self) -> str:
        """What a client needs; the last word keeps the SDK off TLS and on this port."""
        return (
            f"Endpoint=sb://{_HOST}:{self.port};SharedAccessKeyName={self._policy};"
            f"SharedAccessKey={self._key};UseDevelopmentEmulator=true"
        )

    def queue(self, name: str) -> QueueState:
        """The messages of a queue (`name`) or subscription (`topic/subscriptions/name`); raises `BrokerError`."""
        entity = self.broker.find(name).entity
        scheduled = len(entity.intake.scheduled) if entity.intake else 0
        if entity.store is None:
            return QueueState(scheduled=scheduled)
        dead = entity.store.dead_letters
        active, locked, deferred = entity.store.counts()
        return QueueState(active, locked, scheduled, deferred, sum(dead.counts()) if dead else 0)

    def set_reachable(self, *, reachable: bool) -> None:
        """Listens; or refuses connections, cuts those there are, and keeps the port for later."""
        if reachable and self._listener is not None:
            self._listener.listen()
            self._opening = asyncio.get_running_loop().create_task(self._serve(self._listener))
        elif not reachable and self._server is not None:
            self._server.close()
            self._server = None
            self.faults.drop_connections()
            self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((_HOST, self.port))

    def bind(self) -> socket.socket:
        """Takes the port, from when on clients may connect though they are not served yet; raises `HostError`."""
        self._listener = listening_socket(_HOST, self.port)
        self.port = self._listener.getsockname()[1]
        return self._listener

    async def __aenter__(self) -> Self:
        """Serves; raises `HostError` where the port is taken."""
        await self._serve(self._listener or self.bind())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cuts every connection and forgets every message."""
        self.broker.stop()
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            self._listener.close()
        self.faults.drop_connections()
        await asyncio.sleep(0)  # in which the connections end

    async def _serve(self, listener: socket.socket) -> None:
        self._listener = None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self.broker, self.connections), sock=listener)


def _at_once(work: Callable[[], T], /) -> T:
    return work()
