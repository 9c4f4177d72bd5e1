"""The statements of a report with their times and plans, taken between the report and its snapshot; changes neither."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ClauseElement, Executable
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles

from bench._server_clock import ServerClock
from shared.access.scope import BankScope
from shared.document import Facts
from shared.jobs.output import OutputParameters
from shared.jobs.render import Workshop, report_data
from shared.ports import Query, Services, Snapshot
from shared.reports import catalogue

_ENOUGH = 1_000  # rows of a table that is read only for its first ones
_INDEX = re.compile(r"(?:Index (?:Only )?Scan (?:Backward )?using|Bitmap Index Scan on) (\w+)")
_WHOLE_TABLE = re.compile(r"Seq Scan on (?:\w+\.)?calls\b")
_SORTS = re.compile(r"(?:Result .*\n\s*->\s+)?Sort ")
_NOTHING = object()
_DIALECT = postgresql.dialect()


@dataclass(frozen=True)
class Statement:
    """A statement that ran: seconds to all its rows, or to the first one where they are streamed.

    `cpu` are those of the server's processors, all processes together.
    """

    query: Query
    wall: float
    cpu: float
    is_stream: bool

    @property
    def seconds(self) -> float:
        """What it takes at most where no other program has the processors: all that is read is in memory."""
        return min(self.wall, self.cpu)


@dataclass(frozen=True)
class Plan:
    """How the database reads the tables: indexes used, whether it reads every call, whether it sorts at the end."""

    indexes: tuple[str, ...]
    reads_all_calls: bool
    sorts: bool


@dataclass
class _Timed:
    """A snapshot that notes how long each statement takes."""

    inner: Snapshot
    clock: ServerClock
    statements: list[Statement] = field(default_factory=list)

    @property
    def as_of(self) -> datetime:
        return self.inner.as_of

    def all(self, statement: Query) -> Sequence[Any]:
        began = self._now()
        rows = self.inner.all(statement)
        self._note(statement, began, is_stream=False)
        return rows

    def rows(self, statement: Query) -> Iterator[Any]:
        began = self._now()
        source = self.inner.rows(statement)
        first = next(source, _NOTHING)
        self._note(statement, began, is_stream=True)
        stream = _joined(first, source)
        next(stream)  # a generator that has begun is one that ends when it is closed
        return stream

    def cancel(self) -> None:
        self.inner.cancel()

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), self.clock.seconds()

    def _note(self, statement: Query, began: tuple[float, float], *, is_stream: bool) -> None:
        wall, cpu = (now - then for now, then in zip(self._now(), began, strict=True))
        self.statements.append(Statement(statement, wall, cpu, is_stream))


class _Explained(Executable, ClauseElement):
    """EXPLAIN of a statement; of a streamed one through a cursor, as it runs: PostgreSQL plans that otherwise."""

    inherit_cache = False

    def __init__(self, statement: Statement) -> None:
        self.statement = statement


@compiles(_Explained)
def _explained(element: _Explained, compiler: Any, **more: Any) -> str:
    cursor = "DECLARE explained CURSOR FOR " if element.statement.is_stream else ""
    return f"EXPLAIN {cursor}{compiler.process(element.statement.query, **more)}"


def statements_of(services: Services, report_id: str, params: Mapping[str, Any]) -> list[Statement]:
    """What a report runs for its figures, for the first thousand rows of each of its tables, and for Export Info."""
    report, scope = catalogue()[report_id], BankScope.everything()
    parameters = report.parameters.model_validate(dict(params))
    own_data = report.own_data(parameters, scope, services.reporting)
    with services.costar.snapshot() as snapshot:
        timed = _Timed(snapshot, ServerClock.of(services.costar))
        data = report_data(Workshop.of(services), timed, scope, "Bench", OutputParameters(is_preview=True))
        document = report.build(parameters, replace(data, own_data=own_data))
        for table in document.tables:
            _read_some(iter(table.rows()))
        document.closing(Facts("xlsx", {}))
    return timed.statements


def slowest(statements: Sequence[Statement]) -> list[tuple[Statement, int]]:
    """Of statements that differ only in parameters, the slowest, and how many there are; in order of the first."""
    found: dict[str, list[Statement]] = {}
    for each in statements:
        found.setdefault(str(each.query.compile(dialect=_DIALECT)), []).append(each)
    return [(max(alike, key=lambda each: each.seconds), len(alike)) for alike in found.values()]


def plan_of(services: Services, statement: Statement) -> Plan:
    """How PostgreSQL would run the statement."""
    with services.costar.read() as connection:
        lines = "\n".join(row[0] for row in connection.execute(_Explained(statement)))
    whole = _WHOLE_TABLE.search(lines) is not None
    return Plan(tuple(dict.fromkeys(_INDEX.findall(lines))), whole, _SORTS.match(lines) is not None)


def _joined(first: Any, source: Any) -> Iterator[Any]:
    try:
        yield None
        if first is not _NOTHING:
            yield first
            yield from source
    finally:
        source.close()


def _read_some(rows: Any) -> None:
    for _ in islice(rows, _ENOUGH):
        pass
    if hasattr(rows, "close"):
        rows.close()
