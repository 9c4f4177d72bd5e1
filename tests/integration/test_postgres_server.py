"""The test server itself: no database outlives its test, and the server never outlives the process that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from tests.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import sys
from tests.postgres import PostgresServer
with PostgresServer() as server:
    print(server.url("postgres"), flush=True)
    sys.stdin.read()
"""


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of the driver's own."""
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=2)


def connects(url: str) -> bool:
    """Whether a server answers at a URL."""
    try:
        connected(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_database_is_dropped_with_its_last_user_still_connected(postgres: PostgresServer) -> None:
    """A test that forgets a connection does not keep its database alive."""
    with postgres.database() as url:
        forgotten = connected(url)
    assert not connects(url)
    forgotten.close()


def test_a_template_is_filled_once(postgres: PostgresServer) -> None:
    """What `fill` wrote is in every copy, and `fill` runs once."""
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        with connected(url) as connection:
            connection.execute("CREATE TABLE made (id int)")

    for _ in range(2):
        with postgres.database(postgres.template("filled_once", fill)) as url, connected(url) as connection:
            assert connection.execute("SELECT count(*) FROM made").fetchone() == (0,)
    assert len(filled) == 1


def test_the_server_is_unlike_a_developers_habits(postgres: PostgresServer) -> None:
    """Its zone is not UTC, its text is UTF-8, and it sorts as people do: what relies upon others shows itself."""
    with connected(postgres.url("postgres")) as connection:
        asked = "SELECT current_setting('timezone'), current_setting('server_encoding'), 'a' < 'B'"
        assert connection.execute(asked).fetchone() == ("Asia/Kolkata", "UTF8", True)


def test_a_killed_test_run_leaves_no_server() -> None:
    """After SIGKILL of the process that started it, the server is gone within seconds, with its folder."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert connects(url)
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while connects(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not connects(url)
