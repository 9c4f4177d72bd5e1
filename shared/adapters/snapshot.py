"""A streaming, read-only snapshot: one open statement, a deadline per batch, and a cancel that reaches the driver.

It runs the statements it is given and writes nothing.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, Table, event, func, select
from sqlalchemy.exc import DBAPIError

from shared.adapters.database_errors import translated
from shared.errors import JobCancelled, QueryTimeout
from shared.ports import Query
from shared.tables import utc_now

BATCH = 1_000  # rows fetched at a time
_CANCEL_SECONDS = 2.0  # for PostgreSQL to take the message

# Of the statement and not of the connection, which would keep them: PostgreSQL reads nothing in parallel for a cursor.
_STREAMED = {"stream_results": True, "max_row_buffer": BATCH}


class SqlSnapshot:
    """The view a report reads. Made by `SqlDatabase.snapshot`, in which it lives and ends."""

    def __init__(self, connection: Connection, limit: timedelta, anchor: Table) -> None:
        """Takes a connection in a transaction of the right isolation, the limit per batch, the table to read first."""
        self._connection, self._limit = connection, limit
        self._driver: Any = connection.connection.driver_connection
        self._driver_error: type[Exception] = connection.dialect.loaded_dbapi.Error
        self._open: CursorResult[Any] | None = None
        self._cursor: Any = None
        self._expired = self._cancelled = False
        event.listen(connection, "before_cursor_execute", self._remember_cursor)
        # The first statement that reads a table fixes the view, so that one tells the instant.
        first = self.all(select(utc_now(), select(func.count()).select_from(anchor).scalar_subquery()))[0]
        self._as_of: datetime = first[0]

    @property
    def as_of(self) -> datetime:
        """The database's own instant at which the view was fixed."""
        return self._as_of

    def rows(self, statement: Query) -> Iterator[Any]:
        """Streams the rows; the statement has run when this returns."""
        self._refuse_second()
        with self._watched():
            self._open = self._connection.execute(statement, execution_options=_STREAMED)
        stream = self._drain(self._open)
        next(stream)  # a generator that has begun is one that ends when it is closed
        return stream

    def all(self, statement: Query) -> Sequence[Any]:
        """All rows of a statement that has few."""
        self._refuse_second()
        with self._watched():
            return self._connection.execute(statement).all()

    def cancel(self) -> None:
        """Stops what runs now, and refuses what would run next."""
        self._cancelled = True
        self._interrupt()

    def end(self) -> None:
        """Closes a stream that nobody read to its end."""
        if self._open is not None:
            self._open.close()
            self._open = None
        with suppress(self._driver_error):
            self._cursor.close()  # again: psycopg leaves one open whose server went away

    def _drain(self, result: CursorResult[Any]) -> Iterator[Any]:
        try:
            yield None
            while True:
                with self._watched():
                    batch = result.fetchmany(BATCH)
                if not batch:
                    return
                yield from batch
        finally:
            result.close()
            if self._open is result:
                self._open = None

    def _refuse_second(self) -> None:
        """SQL Server answers "Connection is busy" here, so no other database may forgive it."""
        if self._open is not None:
            message = "a second statement while a stream is open: drain it first, or read this before it"
            raise RuntimeError(message)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self._refuse_after_the_end()
        timer = threading.Timer(self._limit.total_seconds(), self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except DBAPIError as error:
            raise self._reason(error) from error
        finally:
            timer.cancel()
        self._refuse_after_the_end()

    def _refuse_after_the_end(self) -> None:
        if self._cancelled:
            raise JobCancelled
        if self._expired:
            raise QueryTimeout

    def _reason(self, error: DBAPIError) -> Exception:
        if self._cancelled:
            return JobCancelled()
        if self._expired:
            return QueryTimeout()
        return translated(error) or error

    def _expire(self) -> None:
        self._expired = True
        self._interrupt()

    def _interrupt(self) -> None:
        """Ends the statement from another thread, in the way each driver offers; one that has ended is no matter."""
        name = self._connection.dialect.name
        with suppress(self._driver_error):
            if name == "sqlite":
                self._driver.interrupt()
            elif name == "postgresql":
                self._driver.cancel_safe(timeout=_CANCEL_SECONDS)
            elif self._cursor is not None:
                self._cursor.cancel()

    def _remember_cursor(self, _connection: Connection, cursor: Any, *_statement: object) -> None:
        self._cursor = cursor
