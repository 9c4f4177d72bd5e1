"""What a snapshot promises on every kind of database: one view, one open statement, limits that hold, and a cancel."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Select, column, func, insert, literal, or_, select, table
from sqlalchemy.exc import DBAPIError

from shared.adapters.database import SqlDatabase
from shared.errors import JobCancelled, QueryTimeout
from shared.tables import banks

SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
ENDLESS = 10**9
COUNT_BANKS = select(func.count()).select_from(banks)
Opener = Callable[..., SqlDatabase]


@pytest.fixture
def opened(module_url: str) -> Iterator[Opener]:
    """Opens the same database with the query limit given, in seconds."""
    databases: list[SqlDatabase] = []

    def open_one(limit: float = 30) -> SqlDatabase:
        databases.append(SqlDatabase(module_url, SCHEMAS, timedelta(seconds=limit)))
        return databases[-1]

    yield open_one
    for each in databases:
        each.close()


def _numbers(until: int, *shown: Any) -> Select[Any]:
    """The numbers 1 to `until`, one row each, counted up by the database."""
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < until))
    return select(numbers.c.n, *shown)


def _long_count() -> Select[Any]:
    return select(func.count()).select_from(_numbers(ENDLESS).subquery())


def _slow_after(rows: int) -> Select[Any]:
    """So many rows at once, and then none for a very long time."""
    numbers = _numbers(ENDLESS)
    n = numbers.selected_columns.n
    return numbers.where(or_(n <= rows, n == ENDLESS))


def _add_bank(database: SqlDatabase) -> None:
    with database.transaction() as connection:
        connection.execute(insert(banks).values(id=str(uuid4()), name="Bank", code="B", active=True))


def _committed_banks(database: SqlDatabase) -> int:
    with database.read() as connection:
        return int(connection.execute(COUNT_BANKS).scalar_one())


def test_snapshot_is_one_view(opened: Opener) -> None:
    """What others commit meanwhile is not seen: neither before the first statement nor between two of them."""
    database, other = opened(), opened()
    before = _committed_banks(other)
    with database.snapshot() as snapshot:
        _add_bank(other)
        assert snapshot.all(COUNT_BANKS)[0][0] == before
        _add_bank(other)
        assert len(list(snapshot.rows(select(banks)))) == before
        assert snapshot.all(COUNT_BANKS)[0][0] == before
    with database.snapshot() as snapshot:
        assert snapshot.all(COUNT_BANKS)[0][0] == before + 2


def test_instant_of_the_view(opened: Opener) -> None:
    """`as_of` is aware, in UTC, near the wall clock, and stands still."""
    with opened().snapshot() as snapshot:
        seen = snapshot.as_of
        assert seen.utcoffset() == timedelta(0)
        assert abs(seen - datetime.now(UTC)) < timedelta(seconds=1)
        time.sleep(0.01)
        assert snapshot.as_of == seen


def test_instant_is_that_of_the_view(opened: Opener) -> None:
    """Asked for late, `as_of` still tells when the view was fixed."""
    with opened().snapshot() as snapshot:
        before = datetime.now(UTC)
        time.sleep(0.02)
        snapshot.all(COUNT_BANKS)
        assert snapshot.as_of <= before + timedelta(milliseconds=10)


def test_snapshot_cannot_write(opened: Opener) -> None:
    """A statement that would write is refused by the database."""
    database = opened()
    before = _committed_banks(database)
    with pytest.raises(DBAPIError), database.snapshot() as snapshot:
        snapshot.all(insert(banks).values(id=str(uuid4()), name="B", code="B", active=True))  # type: ignore[arg-type] # no query: that is the point
    assert _committed_banks(database) == before


def test_second_statement_is_refused(opened: Opener) -> None:
    """While a stream is open nothing else may run, on every database; once it has ended everything may."""
    with opened().snapshot() as snapshot:
        stream = snapshot.rows(_numbers(5_000))
        next(stream)
        with pytest.raises(RuntimeError, match="open"):
            snapshot.all(COUNT_BANKS)
        with pytest.raises(RuntimeError, match="open"):
            snapshot.rows(COUNT_BANKS)
        assert len(list(stream)) == 4_999
        assert snapshot.all(select(literal(7)))[0][0] == 7


@pytest.mark.parametrize("read", [0, 1, 1_000, 1_001])
def test_closed_stream_makes_room(opened: Opener, read: int) -> None:
    """A stream that is closed early, even before its first row, or is let go of, no longer stands in the way."""
    with opened().snapshot() as snapshot:
        stream: Any = snapshot.rows(_numbers(5_000))
        for _ in range(read):
            next(stream)
        stream.close()
        assert snapshot.all(select(literal(7)))[0][0] == 7
        stream = snapshot.rows(_numbers(5_000))
        del stream
        assert snapshot.all(select(literal(7)))[0][0] == 7


def test_rows_stream_lazily(opened: Opener) -> None:
    """The first rows are there before the last ones are made: of endlessly many, the first batches come at once."""
    with opened(5).snapshot() as snapshot:
        stream = snapshot.rows(_numbers(ENDLESS))
        assert [next(stream)[0] for _ in range(3_000)] == list(range(1, 3_001))


def test_rows_stream_flat(opened: Opener) -> None:
    """Memory does not grow with the number of rows: 100,000 rows of 300 characters stay far below their 30 MB."""
    with opened().snapshot() as snapshot:
        tracemalloc.start()
        count = sum(1 for _ in snapshot.rows(_numbers(100_000, literal("x" * 300))))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 4 * 1024 * 1024


# --- Limits and cancelling


def test_long_statement_times_out(opened: Opener) -> None:
    """A statement that passes the query limit is stopped then, and the caller learns QUERY_TIMEOUT."""
    began = time.monotonic()
    with pytest.raises(QueryTimeout), opened(0.5).snapshot() as snapshot:
        snapshot.all(_long_count())
    assert 0.4 < time.monotonic() - began < 3


def test_sleeping_statement_times_out(migrated_postgresql_url: str) -> None:
    """The limit holds for a statement that waits as for one that computes."""
    database = SqlDatabase(migrated_postgresql_url, SCHEMAS, timedelta(seconds=0.5))
    with closing(database), pytest.raises(QueryTimeout), database.snapshot() as snapshot:
        snapshot.all(select(func.pg_sleep(20)))


def test_late_batch_times_out(opened: Opener) -> None:
    """The limit holds for every batch: a stream that stalls after 2,500 rows is stopped, those rows having come."""
    seen: list[Any] = []
    with opened(0.7).snapshot() as snapshot:
        stream = snapshot.rows(_slow_after(2_500))
        with pytest.raises(QueryTimeout):
            seen.extend(stream)
    assert len(seen) >= 2_000


def test_slow_reader_does_not_time_out(opened: Opener) -> None:
    """The time that the caller takes between two batches does not count."""
    with opened(0.4).snapshot() as snapshot:
        stream = snapshot.rows(_numbers(2_500))
        next(stream)
        time.sleep(0.6)
        assert len(list(stream)) == 2_499


def test_timed_out_snapshot_stays_so(opened: Opener) -> None:
    """After a time-out further statements fail in the same way: the view is gone."""
    with opened(0.3).snapshot() as snapshot:
        for _ in range(2):
            with pytest.raises(QueryTimeout):
                snapshot.all(_long_count())


@pytest.mark.parametrize("stream", [False, True])
def test_cancel_stops_within_a_second(opened: Opener, *, stream: bool) -> None:
    """`cancel` from another thread ends a running statement or fetch within a second, as JobCancelled."""
    cancelled_at: list[float] = []
    with opened().snapshot() as snapshot:

        def cancel() -> None:
            cancelled_at.append(time.monotonic())
            snapshot.cancel()

        timer = threading.Timer(0.3, cancel)
        timer.start()
        with pytest.raises(JobCancelled):
            list(snapshot.rows(_slow_after(1_500))) if stream else snapshot.all(_long_count())
        assert time.monotonic() - cancelled_at[0] < 1
        timer.join()
        with pytest.raises(JobCancelled):
            snapshot.all(COUNT_BANKS)


def test_cancelled_statement_leaves_the_server(migrated_postgresql_url: str) -> None:
    """The server does not go on with a cancelled statement: no other backend of the database is active."""
    activity = table("pg_stat_activity", *map(column, ("datname", "state", "pid")))
    a = activity.c
    others = select(func.count()).where(
        a.datname == func.current_database(), a.state == "active", a.pid != func.pg_backend_pid()
    )
    with (
        closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, timedelta(seconds=30))) as database,
        database.snapshot() as snapshot,
        database.read() as reader,
    ):
        timer = threading.Timer(0.3, snapshot.cancel)
        timer.start()
        with pytest.raises(JobCancelled):
            snapshot.all(_long_count())
        timer.join()
        assert reader.execute(others).scalar_one() == 0


def test_cancel_before_a_statement(opened: Opener) -> None:
    """A snapshot that was cancelled while nothing ran begins nothing more."""
    with opened().snapshot() as snapshot:
        snapshot.cancel()
        with pytest.raises(JobCancelled):
            snapshot.all(COUNT_BANKS)


def test_cancel_between_two_batches(opened: Opener) -> None:
    """A stream that is cancelled between two fetches gives no further batch."""
    with opened().snapshot() as snapshot:
        stream = snapshot.rows(_numbers(5_000))
        next(stream)
        snapshot.cancel()
        with pytest.raises(JobCancelled):
            list(stream)


def test_cancel_comes_too_late(opened: Opener) -> None:
    """`cancel` after the end of a snapshot does nothing, whatever became of its connection."""
    with opened().snapshot() as snapshot:
        snapshot.all(COUNT_BANKS)
    snapshot.cancel()


def test_cancel_storm(opened: Opener) -> None:
    """Cancels from many threads at any moment end in JobCancelled and nothing else."""
    database = opened()
    for _ in range(20):
        with database.snapshot() as snapshot:
            threads = [threading.Thread(target=snapshot.cancel) for _ in range(4)]
            with suppress(JobCancelled):
                for thread in threads:
                    thread.start()
                list(snapshot.rows(_numbers(3_000)))
        for thread in threads:
            thread.join()


def test_a_stream_leaves_other_statements_as_they_were(migrated_postgresql_url: str) -> None:
    """Only what is streamed has a cursor on the server, for which PostgreSQL would read nothing in parallel."""
    cursors: Select[Any] = select(column("name")).select_from(table("pg_cursors"))
    with (
        closing(SqlDatabase(migrated_postgresql_url, SCHEMAS, timedelta(seconds=30))) as database,
        database.snapshot() as snapshot,
    ):
        assert len(list(snapshot.rows(cursors))) == 1
        assert snapshot.all(cursors) == []
