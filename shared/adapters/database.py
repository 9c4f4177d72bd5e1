"""The database adapter: short transactions, short reads and long snapshots over Azure SQL, PostgreSQL or SQLite.

It holds connections and nothing else; statements come from the use cases.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.adapters.database_errors import RETRY_AFTER, translated
from shared.adapters.snapshot import SqlSnapshot
from shared.errors import DatabaseUnavailable, QueryTimeout
from shared.settings import RenderSettings
from shared.tables import COSTAR, QBR, REPORTING, banks, customers, report_jobs

_MODE = "reporting_mode"  # execution option that tells the SQLite listener how to begin
_BEGIN = {"write": "BEGIN IMMEDIATE", "snapshot": "BEGIN", "read": ""}
_CONNECT_SECONDS = 5
_STATEMENT_LIMIT = timedelta(seconds=15)
_CLIENT_CHECK_MS = 2_000  # without it PostgreSQL runs a statement on after its client died
_SQLITE_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"),
    "temp_store=FILE",  # sorted in memory, a million calls take 200 MiB; a file has what the page cache does not hold
    "cache_size=-32768",  # KiB: the upper pages of all indexes
    f"mmap_size={64 << 20}",  # bytes read without being copied: most of what a developer's sample has
)
_SNAPSHOT_LEVEL = {"mssql": "SNAPSHOT", "postgresql": "REPEATABLE READ"}


class SqlDatabase:
    """One database by URL; engines are made on first use, so that the app indexes without a network."""

    def __init__(
        self,
        url: str,
        schemas: Mapping[str, str],
        query_limit: timedelta,
        anchor: Table = banks,
        statement_limit: timedelta = _STATEMENT_LIMIT,
    ) -> None:
        """Takes the URL, schemas by logical name, the limit of a snapshot's batch, and the table snapshots begin with.

        `statement_limit` is for everything else: a server that is silent or locked must not hold a thread for ever.
        """
        self._url, self._schemas, self._anchor = make_url(url), dict(schemas), anchor
        self._query_limit, self._statement_limit = query_limit, statement_limit

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end of the block, rolled back on any exception."""
        with _translating(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short read: every statement sees what is committed."""
        with _translating(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[SqlSnapshot]:
        """One consistent read-only view on a connection of its own, which is closed with it."""
        with _translating(connecting=True):
            connection = self._unpooled.connect()
        with connection:
            try:
                with _translating():
                    connection.execution_options(**self._snapshot_options()).begin()
                snapshot = SqlSnapshot(connection, self._query_limit, self._anchor)
                try:
                    yield snapshot
                finally:
                    snapshot.end()
            finally:
                connection.invalidate()  # hangs up: a late cancel or a lost server could only spoil a farewell

    def ping(self) -> None:
        """Returns when the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Gives the pooled connections back."""
        self._pooled.dispose()

    def _snapshot_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {_MODE: "snapshot"}
        if level := _SNAPSHOT_LEVEL.get(self._url.get_backend_name()):
            options["isolation_level"] = level
        if self._url.get_backend_name() == "postgresql":
            options["postgresql_readonly"] = True
        return options

    @cached_property
    def _pooled(self) -> Engine:
        limit = self._statement_limit
        engine = create_engine(self._url, pool_pre_ping=True, pool_recycle=1_800, **self._options(limit))
        if engine.dialect.name == "mssql":
            event.listen(engine, "connect", partial(_limit_statements, limit))
        return self._prepared(engine)

    @cached_property
    def _writer(self) -> Engine:
        return self._pooled.execution_options(**{_MODE: "write"})

    @cached_property
    def _reader(self) -> Engine:
        return self._pooled.execution_options(**{_MODE: "read", "isolation_level": "AUTOCOMMIT"})

    @cached_property
    def _unpooled(self) -> Engine:
        """Report connections are not pooled: a read-only SESSION_CONTEXT cannot be taken back."""
        engine = self._prepared(create_engine(self._url, poolclass=NullPool, **self._options(None)))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _refuse_writes)
        return engine

    def _options(self, statement_limit: timedelta | None) -> dict[str, Any]:
        backend = self._url.get_backend_name()
        many = {"fast_executemany": True} if backend == "mssql" else {}  # else one round trip for every row
        return {"hide_parameters": True, "connect_args": _connect_arguments(backend, statement_limit), **many}

    def _prepared(self, engine: Engine) -> Engine:
        if engine.dialect.name == "sqlite":
            from shared.adapters.sqlite_names import install_schema_prefix

            install_schema_prefix(engine)
            event.listen(engine, "connect", _open_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return engine.execution_options(schema_translate_map=self._schemas)


def databases(settings: RenderSettings) -> tuple[SqlDatabase, SqlDatabase, SqlDatabase]:
    """The databases of reporting, costar and qbr; names that mean the same URL share one object and its connections."""
    schemas = {REPORTING: settings.reporting_schema, COSTAR: settings.costar_schema, QBR: settings.qbr_schema}
    anchors = {settings.database_url: report_jobs, settings.qbr_url: customers, settings.costar_url: banks}
    made = {url: SqlDatabase(url, schemas, settings.query_limit, anchor) for url, anchor in anchors.items()}
    return made[settings.database_url], made[settings.costar_url], made[settings.qbr_url]


def _connect_arguments(backend: str, statement_limit: timedelta | None) -> dict[str, Any]:
    if backend == "postgresql":
        options = f"-c timezone=UTC -c client_connection_check_interval={_CLIENT_CHECK_MS}"
        if statement_limit is not None:
            options += f" -c statement_timeout={int(statement_limit.total_seconds() * 1000)}"
        alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
        return {"connect_timeout": _CONNECT_SECONDS, "options": options, **alive}
    if backend == "sqlite":
        return {"timeout": 30, "check_same_thread": False}  # seconds a writer waits for another
    import pyodbc

    pyodbc.pooling = False  # pooled ODBC sessions are not reset
    pyodbc.native_uuid = False  # SQLAlchemy reads ids as text
    return {"timeout": _CONNECT_SECONDS}


def _limit_statements(limit: timedelta, connection: Any, _record: object) -> None:
    connection.timeout = int(limit.total_seconds())  # pyodbc's bound of one statement


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _refuse_writes(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once, or two that read first would refuse each other at their first write."""
    if begin := _BEGIN[connection.get_execution_options().get(_MODE, "write")]:
        connection.exec_driver_sql(begin)


@contextmanager
def _translating(*, connecting: bool = False) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        known = translated(error, connecting=connecting)
        if known is None:
            raise
        if isinstance(known, QueryTimeout):  # no report's query: a database too busy, or locked
            raise DatabaseUnavailable(retry_after=RETRY_AFTER) from error
        raise known from error
