"""The faults that a test can have a broker commit: they last until they are taken back, or befall it once."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from dev.broker.broker import Broker
from dev.broker.connection import Connection
from dev.broker.errors import BrokerError

T = TypeVar("T")


class InLoop(Protocol):
    """Runs a function in the thread of the broker's event loop, and gives its result."""

    def __call__(self, work: Callable[[], T], /) -> T:
        """Runs it."""
        ...


class Faulty(Protocol):
    """What the faults befall."""

    broker: Broker
    connections: set[Connection]

    def set_reachable(self, *, reachable: bool) -> None:
        """Listens; or refuses connections, and cuts those there are."""
        ...


class Faults:
    """The faults of one broker; to be called from wherever its owner may be called from."""

    def __init__(self, server: Faulty, in_loop: InLoop) -> None:
        """Takes the server, and the way into its thread."""
        self._server, self._in_loop = server, in_loop

    # -- once
    def detach_links(self) -> int:
        """Detaches every link to an entity, as the service does when it moves one; gives their number."""
        moved = BrokerError("amqp:link:detach-forced", "The link was detached by the broker. Reconnect and try again.")
        return self._in_loop(lambda: sum(each.detach_links(moved) for each in list(self._server.connections)))

    def drop_connections(self) -> int:
        """Cuts every connection without a word; gives their number."""
        return self._in_loop(self._drop_connections)

    def lose_locks(self) -> int:
        """Takes every held message back, which counts as a failed delivery; gives their number."""
        return self._in_loop(lambda: sum(store.lose_locks() for store in self._server.broker.stores))

    def lose_messages(self) -> None:
        """Forgets every message, and every id that duplicates are known by."""
        self._in_loop(self._server.broker.clear)

    # -- until it is taken back
    def server_busy(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 a switch
        """Rejects messages and requests as throttled."""
        self._in_loop(lambda: setattr(self._server.broker.switches, "server_busy", on))

    def lost_answers(self, on: bool = True) -> None:  # noqa: FBT001, FBT002
        """Carries out what is asked, messages, settlements and requests, and answers none of it."""
        self._in_loop(lambda: setattr(self._server.broker.switches, "lost_answers", on))

    def silence(self, on: bool = True) -> None:  # noqa: FBT001, FBT002
        """Accepts connections and bytes, reads none and answers nothing; afterwards it goes on where it stopped."""
        self._in_loop(lambda: self._set_silent(silent=on))

    def unreachable(self, on: bool = True) -> None:  # noqa: FBT001, FBT002
        """Cuts every connection and refuses new ones; messages stay."""
        self._in_loop(lambda: self._server.set_reachable(reachable=not on))

    def _drop_connections(self) -> int:
        connections = list(self._server.connections)
        for connection in connections:
            connection.abort()
        return len(connections)

    def _set_silent(self, *, silent: bool) -> None:
        self._server.broker.switches.silent = silent
        for connection in list(self._server.connections):
            connection.set_silent(silent=silent)
        self._server.broker.wake()
