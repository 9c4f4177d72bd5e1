"""A TCP proxy for tests that can lose an answer: the server has done the work and the caller never hears of it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

_AT_A_TIME = 65_536


class LossyProxy:
    """Passes bytes on to a port of this machine, but for the one answer that it is told to lose."""

    def __init__(self, port: int) -> None:
        """Takes the port of the server; the proxy runs inside a `with` block."""
        self.lost, self._until_loss = 0, 0
        self._target, self._threads = ("127.0.0.1", port), list[threading.Thread]()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()

    @property
    def port(self) -> int:
        """The port to connect to instead of the server's."""
        port: int = self._listening.getsockname()[1]
        return port

    def lose_answer(self, number: int) -> None:
        """Lets `number` - 1 answers pass and drops the one after them."""
        self._until_loss = number

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in tuple(self._open):
            _cut(connection)
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # the proxy ends
            while True:
                caller, _ = self._listening.accept()
                server = socket.create_connection(self._target)
                self._open |= {caller, server}
                self._start(_pass_on, caller, server, lambda: False)
                self._start(_pass_on, server, caller, self._is_lost)

    def _is_lost(self) -> bool:
        self._until_loss -= 1
        self.lost += self._until_loss == 0
        return self._until_loss == 0


def _pass_on(source: socket.socket, sink: socket.socket, is_lost: Callable[[], bool]) -> None:
    with source, suppress(OSError):
        while (piece := source.recv(_AT_A_TIME)) and not is_lost():
            sink.sendall(piece)
    _cut(sink)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
