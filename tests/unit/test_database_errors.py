"""What the texts and codes of database drivers mean: passing, too slow, or a fault of ours."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pyodbc
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.adapters.database_errors import translated
from shared.errors import DatabaseUnavailable, QueryTimeout, ReportingError

_DRIVER = "[Microsoft][ODBC Driver 18 for SQL Server]"


def _wrapped(error: BaseException, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("SELECT secret", {"name": "secret"}, error)


def _odbc(state: str, text: str, code: int) -> pyodbc.Error:
    return pyodbc.Error(state, f"[{state}] {_DRIVER}{text} ({code}) (SQLExecDirectW)")


@pytest.mark.parametrize(
    ("state", "text", "code"),
    [
        ("40001", "[SQL Server]Transaction (Process ID 52) was deadlocked", 1205),
        ("42000", "[SQL Server]Database 'x' on server 'y' is not currently available", 40613),
        ("HY000", "[SQL Server]The service is currently busy", 40501),
        ("42000", "[SQL Server]Cannot open database", 4060),
        ("HY000", "[SQL Server]Cannot process request. Not enough resources", 49918),
        ("HYT00", "[SQL Server]Lock request time out period exceeded.", 1222),
        ("42000", "[SQL Server]Snapshot isolation transaction failed, the object has been modified", 3961),
        ("08S01", "TCP Provider: Error code 0x68", 104),
        ("08001", "Login timeout expired", 0),
        ("HYT01", "Connection timeout expired", 0),
    ],
)
def test_passing_failures_of_sql_server(state: str, text: str, code: int) -> None:
    """Fail-over, throttling, deadlocks and lost connections of Azure SQL are DATABASE_UNAVAILABLE, to be retried."""
    for kind in (OperationalError, ProgrammingError, DBAPIError):
        assert isinstance(translated(_wrapped(_odbc(state, text, code), kind)), DatabaseUnavailable)


def test_second_sentence_of_the_driver_counts() -> None:
    """A transient code after the first of several sentences is seen too."""
    text = f"[42000] {_DRIVER}[SQL Server]Login failed (18456) (SQLDriverConnect); [42000] {_DRIVER}Busy (40501)"
    assert isinstance(translated(_wrapped(pyodbc.Error("42000", text), ProgrammingError)), DatabaseUnavailable)


def test_time_out_of_sql_server() -> None:
    """HYT00 is a time limit while a statement runs, and a server out of reach while connecting."""
    error = _wrapped(_odbc("HYT00", "Query timeout expired", 0))
    assert isinstance(translated(error), QueryTimeout)
    assert isinstance(translated(error, connecting=True), DatabaseUnavailable)


@pytest.mark.parametrize(
    "error",
    [
        _wrapped(_odbc("42S02", "[SQL Server]Invalid object name 'x'.", 208), ProgrammingError),
        _wrapped(_odbc("42000", "[SQL Server]Incorrect syntax near '(1205)'.", 102), ProgrammingError),
        _wrapped(_odbc("23000", "[SQL Server]The duplicate key value is (233).", 2627), IntegrityError),
        _wrapped(_odbc("23000", "[SQL Server]Violation of x", 233), IntegrityError),
        _wrapped(psycopg.errors.UndefinedTable("relation x"), ProgrammingError),
        _wrapped(psycopg.errors.UniqueViolation("Key (id)=(4060) already exists."), IntegrityError),
        _wrapped(psycopg.errors.ReadOnlySqlTransaction("x"), OperationalError),
    ],
    ids=lambda error: str(error.orig)[-40:],
)
def test_faults_are_not_told_as_passing(error: DBAPIError) -> None:
    """Wrong statements and broken keys are ours, whatever numbers stand in their texts."""
    assert translated(error) is None


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.AdminShutdown("x"),
        psycopg.errors.SerializationFailure("x"),
        psycopg.errors.DeadlockDetected("x"),
        psycopg.errors.TooManyConnections("x"),
        psycopg.errors.LockNotAvailable("x"),
        psycopg.errors.ConnectionFailure("x"),
        psycopg.OperationalError("connection refused"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_passing_failures_of_postgresql(error: psycopg.Error) -> None:
    """Shutdown, deadlock, full servers and lost connections pass; the caller is told when to come again."""
    known = translated(_wrapped(error))
    assert isinstance(known, DatabaseUnavailable)
    assert known.retry_after == 5


def test_other_drivers_and_pools() -> None:
    """A cancelled statement is a time limit; a full pool and a closed connection pass; other errors are not judged."""
    assert isinstance(translated(_wrapped(psycopg.errors.QueryCanceled("x"))), QueryTimeout)
    assert isinstance(translated(PoolTimeout("x")), DatabaseUnavailable)
    assert isinstance(translated(_wrapped(psycopg.InterfaceError("closed"), InterfaceError)), DatabaseUnavailable)
    assert translated(ValueError("x")) is None


def _sqlite_error(path: Path, statement: str) -> sqlite3.Error:
    with closing(sqlite3.connect(path, timeout=0)) as connection, pytest.raises(sqlite3.Error) as caught:
        connection.execute(statement)
    return caught.value


def test_failures_of_sqlite(tmp_path: Path) -> None:
    """A locked file passes; a missing table, a wrong statement and a file that may not be written are ours."""
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        locked = _sqlite_error(file, "BEGIN IMMEDIATE")
    assert isinstance(translated(_wrapped(locked)), DatabaseUnavailable)
    for statement in ("SELECT * FROM missing", "SELEC 1"):
        assert translated(_wrapped(_sqlite_error(file, statement))) is None
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reader, pytest.raises(sqlite3.Error) as caught:
        reader.execute("INSERT INTO t VALUES (1)")
    assert translated(_wrapped(caught.value)) is None


def test_nothing_of_the_drivers_text_is_told() -> None:
    """The sentence for the caller holds neither SQL nor values nor addresses."""
    for error in (psycopg.OperationalError("connection to 10.0.0.1 failed: secret"), psycopg.errors.QueryCanceled("x")):
        known = translated(_wrapped(error))
        assert isinstance(known, ReportingError)
        assert "secret" not in str(known)
        assert "10.0.0.1" not in str(known)
