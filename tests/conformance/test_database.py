"""What a database promises, on every kind of it: transactions that hold, reads that see, failures with a name."""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, insert, literal, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ops.migrate import migrate
from shared.adapters.database import SqlDatabase
from shared.errors import DatabaseUnavailable, QueryTimeout
from shared.settings import DatabaseSettings
from shared.tables import banks

SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
LIMIT = timedelta(seconds=30)
_CODES = count(1)


@pytest.fixture
def database(migrated_url: str) -> Iterator[SqlDatabase]:
    """A database with every table and no row."""
    with closing(SqlDatabase(migrated_url, SCHEMAS, LIMIT)) as opened:
        yield opened


@pytest.fixture
def other(migrated_url: str) -> Iterator[SqlDatabase]:
    """The same database as another process would open it."""
    with closing(SqlDatabase(migrated_url, SCHEMAS, LIMIT)) as opened:
        yield opened


def _add_bank(connection: Connection, identity: str = "") -> None:
    row = {"id": identity or str(uuid4()), "name": "Bank", "code": f"B{next(_CODES)}", "active": True}
    connection.execute(insert(banks).values(row))


def _banks(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(banks)).scalar_one())


def test_transaction_commits(database: SqlDatabase, other: SqlDatabase) -> None:
    """What a transaction wrote is there for everybody once its block has ended, and not before."""
    with database.transaction() as connection, other.read() as reader:
        _add_bank(connection)
        assert _banks(connection) == 1
        assert _banks(reader) == 0
    with other.read() as reader:
        assert _banks(reader) == 1


def _fail_after_writing(database: SqlDatabase) -> None:
    with database.transaction() as connection:
        _add_bank(connection)
        raise LookupError("mine")


def test_transaction_rolls_back(database: SqlDatabase) -> None:
    """Nothing of a block that failed is kept, and the exception is the caller's own."""
    with pytest.raises(LookupError, match="mine"):
        _fail_after_writing(database)
    with database.read() as reader:
        assert _banks(reader) == 0


def test_read_sees_what_is_committed(database: SqlDatabase, other: SqlDatabase) -> None:
    """Two statements of one read may see different things: each sees what is committed when it runs."""
    with database.read() as reader:
        assert _banks(reader) == 0
        with other.transaction() as connection:
            _add_bank(connection)
        assert _banks(reader) == 1


def test_read_and_write_take_turns_on_one_connection(database: SqlDatabase) -> None:
    """A pooled connection that was read from writes in transactions again, and rolls back again."""
    for _ in range(3):
        with database.read() as reader:
            before = _banks(reader)
        with pytest.raises(LookupError):
            _fail_after_writing(database)
        with database.transaction() as connection:
            assert _banks(connection) == before
            _add_bank(connection)


def test_broken_key_is_a_fault(database: SqlDatabase) -> None:
    """A row that breaks a key raises SQLAlchemy's own error: it is not told as a database out of reach."""
    identity = "00000000-0000-0000-0000-000000000233"  # 233 is a transient code of Azure SQL
    with database.transaction() as connection:
        _add_bank(connection, identity)
    with pytest.raises(IntegrityError), database.transaction() as connection:
        _add_bank(connection, identity)


def test_wrong_statement_is_a_fault(database: SqlDatabase) -> None:
    """A statement that the database does not understand is our fault, and never told as "try again shortly"."""
    with pytest.raises(SQLAlchemyError), database.read() as reader:
        reader.execute(select(func.no_such_function()))
    with pytest.raises(SQLAlchemyError), database.snapshot() as snapshot:
        snapshot.all(select(func.no_such_function()))


def test_ping_returns(database: SqlDatabase) -> None:
    """A database that answers passes the ping."""
    database.ping()


def test_schema_names_are_settings(postgres_url: str) -> None:
    """On PostgreSQL the tables lie in the schemas that the settings name."""
    names = {"reporting_schema": "report_data", "costar_schema": "field", "qbr_schema": "ben002"}
    settings = DatabaseSettings(database_url=postgres_url, **names)
    migrate(settings, with_business_tables=True)
    with closing(SqlDatabase(postgres_url, settings.schemas, LIMIT)) as database:
        with database.transaction() as connection:
            _add_bank(connection)
            assert _regclass(connection, "field.banks") == "field.banks"
            assert _regclass(connection, "costar.banks") is None
        with database.snapshot() as snapshot:
            assert len(snapshot.all(select(banks))) == 1


def _regclass(connection: Connection, name: str) -> str | None:
    found = connection.execute(select(func.to_regclass(literal(name)))).scalar_one()
    return None if found is None else str(found)


# --- Out of reach


def _every_use(database: SqlDatabase) -> list[Callable[[], object]]:
    def transaction() -> None:
        with database.transaction() as connection:
            _banks(connection)

    def read() -> None:
        with database.read() as connection:
            _banks(connection)

    def snapshot() -> None:
        with database.snapshot() as view:
            view.all(select(banks))

    return [transaction, read, snapshot, database.ping]


def test_closed_port_is_unavailable(backend: str, tmp_path: Path) -> None:
    """A server that is not there, or a file that cannot be opened, is DATABASE_UNAVAILABLE with a time to retry."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        server = f"postgresql+psycopg://nobody@127.0.0.1:{port}/none"
        url = server if backend == "postgresql" else f"sqlite:///{tmp_path}/missing/folder.db"
        with closing(SqlDatabase(url, SCHEMAS, LIMIT)) as database:
            for use in _every_use(database):
                with pytest.raises(DatabaseUnavailable) as caught:
                    use()
                assert caught.value.retry_after
                assert str(port) not in str(caught.value)


def test_locked_file_is_unavailable(migrated_sqlite_url: str) -> None:
    """On SQLite a writer who cannot have his turn in time is told to come again; readers are not disturbed."""
    with (
        closing(SqlDatabase(migrated_sqlite_url, SCHEMAS, LIMIT)) as database,
        closing(sqlite3.connect(str(make_url(migrated_sqlite_url).database), isolation_level=None)) as greedy,
    ):
        with database.read() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=100")  # of the pooled connection; 30 s are for production
        greedy.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable), database.transaction():
            pytest.fail("the lock was had")
        with database.read() as connection:
            assert _banks(connection) == 0
        greedy.execute("ROLLBACK")
        with database.transaction() as connection:
            _add_bank(connection)


@pytest.fixture(params=["ended by the server", "cut off"])
def lose(request: pytest.FixtureRequest, migrated_postgresql_url: str) -> Iterator[Callable[[Connection], None]]:
    """Takes the server away from a connection: with its last words, or without a word."""
    with closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, LIMIT)) as killer:

        def end(connection: Connection) -> None:
            driver = connection.connection.driver_connection
            assert driver is not None
            if request.param == "cut off":
                with socket.socket(fileno=os.dup(driver.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)
                return
            with killer.read() as reader:
                reader.execute(select(func.pg_terminate_backend(driver.info.backend_pid, 5_000)))

        yield end


Lose = Callable[[Connection], None]


def _lost_before_a_statement(database: SqlDatabase, lose: Lose) -> None:
    with database.transaction() as connection:
        _add_bank(connection)
        lose(connection)
        _add_bank(connection)


def _lost_before_the_commit(database: SqlDatabase, lose: Lose) -> None:
    with database.transaction() as connection:
        _add_bank(connection)
        lose(connection)


def _lost_in_a_read(database: SqlDatabase, lose: Lose) -> None:
    with database.read() as connection:
        lose(connection)
        _banks(connection)


def _lost_under_a_stream(database: SqlDatabase, lose: Lose) -> None:
    with database.snapshot() as snapshot:
        stream = snapshot.rows(select(func.generate_series(1, 10_000)))
        next(stream)
        lose(snapshot._connection)
        list(stream)


def _lost_between_statements(database: SqlDatabase, lose: Lose) -> None:
    with database.snapshot() as snapshot:
        lose(snapshot._connection)
        snapshot.all(select(banks))


def test_server_lost(lose: Lose, migrated_postgresql_url: str) -> None:
    """A server that goes away at any point is UNAVAILABLE; nothing is kept, and the next use connects again."""
    losses = (
        *(_lost_before_a_statement, _lost_before_the_commit, _lost_in_a_read),
        *(_lost_under_a_stream, _lost_between_statements),
    )
    with closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, LIMIT)) as database:
        for loss in losses:
            with pytest.raises(DatabaseUnavailable):
                loss(database, lose)
            with database.snapshot() as snapshot:
                assert snapshot.all(select(banks)) == []
            with database.read() as connection:
                assert _banks(connection) == 0


def test_server_lost_after_the_last_row(lose: Lose, migrated_postgresql_url: str) -> None:
    """A server that goes away when everything is read spoils nothing any more."""
    with closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, LIMIT)) as database:
        for read in (1, 10_000):
            with database.snapshot() as snapshot:
                stream = snapshot.rows(select(func.generate_series(1, 10_000)))
                assert len([next(stream) for _ in range(read)]) == read
                lose(snapshot._connection)


@pytest.mark.parametrize(("view", "expected"), [("read", DatabaseUnavailable), ("snapshot", QueryTimeout)])
def test_statement_that_the_server_stops(migrated_postgresql_url: str, view: str, expected: type[Exception]) -> None:
    """A report's statement that the server stops for its length is QUERY_TIMEOUT; another's means a busy database."""
    with closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, LIMIT)) as database, pytest.raises(expected):
        _stopped_by_the_server(database, view)


def _stopped_by_the_server(database: SqlDatabase, view: str) -> None:
    with getattr(database, view)() as opened:
        run = opened.all if view == "snapshot" else opened.execute
        run(select(func.set_config("statement_timeout", "50", False)))  # noqa: FBT003 the function's own argument
        run(select(func.pg_sleep(5)))
