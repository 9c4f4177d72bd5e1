"""Listens to SQLAlchemy while the product works: every statement as Azure SQL would get it, and every line of code run.

It changes no statement, and takes each before the database at hand has compiled it.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.dialects import mssql
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import SelectBase

ROOT = Path(__file__).resolve().parents[2]
_AZURE_SQL = (16, 0)  # a dialect that has met no server would write the types of SQL Server 2000
_OURS = ("shared/", "ops/", "dev/", "functions/")
_CARRIERS = {"shared/adapters/snapshot.py:all", "shared/adapters/snapshot.py:rows", "shared/access/scope.py:all"}
_CARRIERS |= {"shared/access/scope.py:rows", "dev/bulk_load.py:insert_rows"}  # they run what others have made


@dataclass(frozen=True)
class Statement:
    """A statement, who ran it (`shared/jobs/store.py:claim`), its T-SQL with `?`, or why it cannot be compiled."""

    name: str
    element: ClauseElement
    sql: str
    parameters: int
    problem: str = ""


class Recorder:
    """The distinct statements of one run, and the lines of the code under `shared/` that it went through."""

    def __init__(self) -> None:
        """Starts with nothing; the T-SQL alone tells two statements apart."""
        self._by_sql: dict[str, Statement] = {}
        self._lines: dict[str, set[int]] = {}
        self._dialect = azure_sql()
        self._files: dict[str, str] = {}

    @property
    def statements(self) -> list[Statement]:
        """In order of their names; the second and later ones of a function are numbered."""
        found = sorted(self._by_sql.values(), key=lambda each: (each.name, each.sql))
        seen: dict[str, int] = {}
        named = []
        for each in found:
            seen[each.name] = number = seen.get(each.name, 0) + 1
            named.append(each if number == 1 else _renamed(each, f"{each.name} {number}"))
        return named

    @property
    def lines(self) -> Mapping[str, set[int]]:
        """The line numbers that ran, by path within the repository."""
        return self._lines

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Takes the statements of every engine of the process."""
        event.listen(Engine, "before_execute", self._executed)
        try:
            yield
        finally:
            event.remove(Engine, "before_execute", self._executed)

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Takes the lines that run, in this thread and in those that start meanwhile; slow."""
        before, of_threads = sys.gettrace(), threading.gettrace()
        threading.settrace(self._called)
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)
            threading.settrace(of_threads)

    def add(self, name: str, element: ClauseElement, keys: Iterable[str] | None = None) -> None:
        """Takes a statement that runs on Azure SQL alone."""
        statement = compiled(self._dialect, name, element, keys)
        self._by_sql.setdefault(statement.sql or f"{name}: {statement.problem}", statement)

    def _executed(
        self, _connection: object, element: Any, many: list[Mapping[str, Any]], one: Mapping[str, Any], _options: object
    ) -> None:
        if isinstance(element, SelectBase | UpdateBase):  # no savepoint, and no DDL, which the scripts hold
            first = many[0] if many else one
            self.add(_caller(sys._getframe(1)), element, list(first) or None)  # noqa: SLF001 Python's only name for it

    def _called(self, frame: FrameType, what: str, _argument: object) -> Callable[..., Any] | None:
        del what
        name = frame.f_code.co_filename
        path = self._files.get(name)
        if path is None:
            path = self._files[name] = self._place(name)
        if not path:
            return None
        ran = self._lines.setdefault(path, set())

        def line(current: FrameType, _what: str, _argument: object) -> Callable[..., Any]:
            ran.add(current.f_lineno)
            return line

        return line

    def _place(self, name: str) -> str:
        """The path within the repository; empty for code that is not the product's."""
        path = Path(name)
        return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT / "shared") else ""


def azure_sql() -> Dialect:
    """SQL Server's dialect as it is once it has met Azure SQL through pyodbc."""
    dialect: Any = mssql.dialect(paramstyle="qmark", deprecate_large_types=True)
    dialect.server_version_info = _AZURE_SQL
    dialect._setup_version_attributes()  # noqa: SLF001 what its first connection does
    made: Dialect = dialect
    return made


def compiled(dialect: Dialect, name: str, element: ClauseElement, keys: Iterable[str] | None = None) -> Statement:
    """The statement in T-SQL; `keys` are the columns that come as parameters of an INSERT."""
    try:
        made: Any = element.compile(
            dialect=dialect,
            column_keys=None if keys is None else list(keys),
            compile_kwargs={"render_postcompile": True},
        )
    except CompileError as error:
        return Statement(name, element, "", 0, str(error).splitlines()[0])
    sql = "\n".join(line.rstrip() for line in str(made).splitlines())
    return Statement(name, element, sql, len(made.positiontup or ()))


def _renamed(statement: Statement, name: str) -> Statement:
    return Statement(name, statement.element, statement.sql, statement.parameters, statement.problem)


def _caller(frame: FrameType | None) -> str:
    """The innermost function of ours that is no carrier of others' statements."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            place, function = path.relative_to(ROOT).as_posix(), frame.f_code.co_name
            name = f"{place}:{function}"
            if place.startswith(_OURS) and not function.startswith("<") and name not in _CARRIERS:
                return name
        frame = frame.f_back
    return "unknown"
