"""A real PostgreSQL server for a test run, and a database of its own for each test that asks for one.

Nothing is kept: the server's folder goes with it, and the server goes with the test process, however that ends.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

_INSTALL = "PostgreSQL is not installed: apt-get install postgresql (packages.txt), or run scripts/setup test"
_START_SECONDS, _STARTS = 30.0, 3
_READY, _REFUSED = "ready to accept connections", "FATAL"
_TIME_ZONE = "Asia/Kolkata"  # not UTC, and text sorted as people do, not by bytes: what relies upon either shows itself
_SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": _TIME_ZONE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
}
# Standard input is a pipe whose other end is ours, and the kernel closes that end however we die, SIGKILL included.
# The signal is sent until it is heard: a server that has only just begun ignores it.
_LIVE_WITH_PARENT = """
"$0/initdb" -D data -U postgres -A trust -E UTF8 --no-sync --locale=C --locale-provider=icu --icu-locale=en-US && {
    "$0/postgres" -D data "$@" &
    cat
    while kill -QUIT $! 2> /dev/null; do sleep 0.05; done
}
cd / && rm -rf "$OLDPWD"
"""


class PostgresError(Exception):
    """PostgreSQL is not installed or did not start; the message says what to do."""


class PostgresServer:
    """A server in a temporary folder on a free loopback port; use it as a context manager."""

    def __init__(self, **settings: str) -> None:
        """Takes settings beside the usual ones, and finds the programs; raises `PostgresError` where there are none."""
        self._settings = _SETTINGS | settings
        self._programs, self._user = _programs(), _user()
        self._names = count(1)
        self._templates: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._port, self._said = 0, ""

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A database made from a template, by its URL; dropped at the end, whoever is still connected."""
        name = f"test_{next(self._names)}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self.url(name)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def template(self, name: str, fill: Callable[[str], object]) -> str:
        """A database to copy from, which `fill` (given its URL) filled once; it has to leave no connection open."""
        if name not in self._templates:
            self._execute("DROP DATABASE IF EXISTS {}", name)  # left by a `fill` that failed
            self._execute("CREATE DATABASE {} TEMPLATE {}", name, "template0")
            fill(self.url(name))
            self._templates.add(name)
        return name

    def start(self) -> None:
        """Makes the server and returns when it answers; raises `PostgresError`."""
        for _ in range(_STARTS):
            if self._came_up():
                return
            self.stop()
        raise PostgresError(f"PostgreSQL did not start:\n{self._said}")

    def stop(self) -> None:
        """Ends the server at once, and removes its folder."""
        if self._process is not None:
            self._process.communicate()  # closes the pipe that the server lives by
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _came_up(self) -> bool:
        """Whether a new server answers; another program may have taken its port meanwhile."""
        self._port = _free_port()
        with tempfile.TemporaryFile() as log:
            self._process = self._run(log)
            deadline = time.monotonic() + _START_SECONDS
            while time.monotonic() < deadline and self._process.poll() is None and _REFUSED not in self._said:
                time.sleep(0.02)
                self._said = os.pread(log.fileno(), 1_000_000, 0).decode(errors="replace")
                if _READY in self._said:
                    return True
        return False

    def _run(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        folder = tempfile.mkdtemp(prefix="postgres-")
        if self._user:
            shutil.chown(folder, self._user, self._user)
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            ["/bin/sh", "-c", _LIVE_WITH_PARENT, self._programs, "-p", str(self._port), *settings],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt at the terminal is for pytest alone
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
        )

    def _execute(self, statement: str, *names: str) -> None:
        address = f"host=127.0.0.1 port={self._port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))


def _programs() -> Path:
    """The folder of the newest server; Debian keeps its programs out of PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = folders[-1] if folders else shutil.which("initdb")
    if found is None:
        raise PostgresError(_INSTALL)
    return Path(found).resolve().parent


def _user() -> str | None:
    """The server refuses to run as root; Debian's package makes this user."""
    return "postgres" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for a run (with xdist: for each worker)."""
    try:
        server = PostgresServer()
    except PostgresError as error:
        pytest.fail(str(error), pytrace=False)
    with server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A new empty database."""
    with postgres.database() as url:
        yield url
