"""Microsoft's driver through pyodbc, without a server: it loads, fails in time, and is handed what it can take."""

import platform
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyodbc
import pytest
from sqlalchemy import URL, insert, make_url, select

from dev.tsql.recorder import azure_sql, compiled
from shared.adapters.database import SqlDatabase
from shared.errors import DatabaseUnavailable
from shared.tables import Guid, InJsonList, Instant, Json, banks

SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
SQL_SERVER = "[Microsoft][ODBC Driver 18 for SQL Server]"
IDENTITY = "0abcdef0-1234-4abc-8def-0123456789ab"
PLUS_530 = timezone(timedelta(hours=5, minutes=30))
DATETIMEOFFSET = -155  # its number in Microsoft's driver; pyodbc has no converter of its own for it


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def library() -> Path:
    """The driver that `mssql-python` brings along."""
    spec = find_spec("mssql_python_odbc")
    assert spec is not None
    assert spec.origin is not None
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = Path(spec.origin).parent / "libs/linux/debian_ubuntu" / machine / "lib"
    return next(folder.glob("libmsodbcsql-18*.so*"))


@pytest.fixture
def url(library: Path) -> str:
    """An address where nobody listens."""
    query = {"driver": str(library), "TrustServerCertificate": "yes"}
    made = URL.create("mssql+pyodbc", "someone", "secret-word", "127.0.0.1", _closed_port(), "nowhere", query)
    return made.render_as_string(hide_password=False)


@pytest.fixture
def database(url: str) -> Iterator[SqlDatabase]:
    """The product's adapter over that address."""
    with closing(SqlDatabase(url, SCHEMAS, timedelta(seconds=30))) as opened:
        yield opened


def test_the_driver_loads(library: Path) -> None:
    """The library is loaded by its path; a port where nobody listens ends in the driver's own HYT00."""
    text = f"Driver={library};Server=tcp:127.0.0.1,{_closed_port()};UID=x;PWD=x"
    with pytest.raises(pyodbc.OperationalError) as caught:
        pyodbc.connect(text, timeout=1)
    state, said = caught.value.args
    assert state == "HYT00"
    assert said.startswith(f"[HYT00] {SQL_SERVER}")


def test_out_of_reach_is_unavailable(database: SqlDatabase) -> None:
    """Every use of a server that is away is DATABASE_UNAVAILABLE within the limit, and tells no address and no name."""

    def transaction() -> None:
        with database.transaction():
            pytest.fail("there is no server")

    def snapshot() -> None:
        with database.snapshot():
            pytest.fail("there is no server")

    with ThreadPoolExecutor(3) as pool:
        for error, seconds in pool.map(_failure, (transaction, snapshot, database.ping)):
            assert isinstance(error, DatabaseUnavailable)
            assert error.retry_after
            assert SQL_SERVER in str(error.__cause__)
            assert seconds < 8
            assert "127.0.0.1" not in str(error)


def _failure(use: Callable[[], None]) -> tuple[BaseException, float]:
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as caught:
        use()
    return caught.value, time.monotonic() - began


def test_engines_are_set_up_for_the_driver(database: SqlDatabase) -> None:
    """No pooling below ours, since ODBC resets nothing; many rows go in few round trips; snapshots can be asked for."""
    for engine in (database._pooled, database._unpooled):
        assert not pyodbc.pooling
        assert not pyodbc.native_uuid
        assert getattr(engine.dialect, "fast_executemany", None) is True
        assert engine.hide_parameters
    levels = database._unpooled.dialect.get_isolation_level_values(None)  # type: ignore[arg-type] # it asks no connection
    assert database._snapshot_options()["isolation_level"] in levels


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", "Authentication=ActiveDirectoryMsi"),
        ("9f1c", "UID=9f1c;authentication=ActiveDirectoryMsi"),
    ],
)
def test_a_managed_identity_is_part_of_the_url(user: str, expected: str) -> None:
    """As the how-to says it: neither a password nor Windows' own sign-in is sent along."""
    url = make_url(
        f"mssql+pyodbc://{user}@x.example/db?driver=ODBC+Driver+18+for+SQL+Server&authentication=ActiveDirectoryMsi"
    )
    [text], _ = azure_sql().create_connect_args(url)
    assert text == f"DRIVER={{ODBC Driver 18 for SQL Server}};Server=x.example;Database=db;{expected}"


def test_the_driver_takes_a_managed_identity(library: Path) -> None:
    """The keyword is the driver's own: an unknown one is refused before anything is connected to."""
    address = f"Driver={library};Server=tcp:127.0.0.1,{_closed_port()}"
    for method, state in (("ActiveDirectoryMsi", "HYT00"), ("NoSuchMethod", "08001")):
        with pytest.raises(pyodbc.Error) as caught:
            pyodbc.connect(f"{address};UID=9f1c;authentication={method}", timeout=1)
        assert caught.value.args[0] == state


# --- Values on their way to the driver and back


def _sent(kind: Any, value: Any) -> Any:
    process = kind.dialect_impl(azure_sql()).bind_processor(azure_sql())
    return process(value) if process else value


def _received(kind: Any, value: Any) -> Any:
    process = kind.dialect_impl(azure_sql()).result_processor(azure_sql(), None)
    return process(value) if process else value


def test_instants_are_sent_in_utc_without_a_zone() -> None:
    """The driver would drop an offset without a word, so none is given to it; what comes back is aware."""
    at = datetime(2026, 3, 10, 10, 30, 0, 123_456, PLUS_530)
    assert _sent(Instant(), at) == datetime(2026, 3, 10, 5, 0, 0, 123_456)  # noqa: DTZ001 that is the point
    assert _sent(Instant(), at).tzinfo is None
    received = _received(Instant(), datetime(2026, 3, 10, 5, 0, 0, 123_456))  # noqa: DTZ001 as the driver gives it
    assert received == at
    assert received.utcoffset() == timedelta(0)


def test_an_owners_datetimeoffset_is_an_instant() -> None:
    """A view of the owner's may have one: the connection gets a converter, and the instant is the same in UTC."""
    converters: dict[int, Callable[[bytes], datetime]] = {}

    class Connection:
        """As much of pyodbc's as is asked for."""

        def add_output_converter(self, number: int, convert: Callable[[bytes], datetime]) -> None:
            converters[number] = convert

    prepare: Any = azure_sql().on_connect()
    prepare(Connection())
    raw = struct.pack("<6hI2h", 2026, 3, 10, 10, 30, 0, 123_456_000, 5, 30)
    received = _received(Instant(), converters[DATETIMEOFFSET](raw))
    assert received == datetime(2026, 3, 10, 5, 0, 0, 123_456, UTC)
    assert received.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", [IDENTITY.upper(), IDENTITY])
def test_ids_come_back_in_lower_case(value: str) -> None:
    """The driver gives upper-case text; an id is lower-case text everywhere else."""
    assert _received(Guid(), value) == IDENTITY
    assert _sent(Guid(), IDENTITY.upper()) == IDENTITY


def test_json_is_sent_as_text() -> None:
    """There is no JSON type below: text goes, and a value comes back."""
    text = _sent(Json(), {"name": "नाम", "list": [1, None]})
    assert text == '{"list":[1,null],"name":"नाम"}'
    assert _received(Json(), text) == {"name": "नाम", "list": [1, None]}


def test_a_list_of_any_length_is_one_parameter() -> None:
    """5,000 values stay under the 2,100 parameters of a statement; a row of an INSERT has as many as its columns."""
    ids = [str(uuid4()) for _ in range(5_000)]
    assert compiled(azure_sql(), "list", select(banks.c.id).where(InJsonList(banks.c.id, ids))).parameters == 1
    assert compiled(azure_sql(), "rows", insert(banks), banks.c.keys()).parameters == len(banks.c)
