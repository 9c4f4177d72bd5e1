"""Turns what a database driver raises into the product's errors: passing, too slow, or a fault of ours.

The texts of drivers hold SQL and addresses, so none of it is carried over.
"""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.errors import DatabaseUnavailable, QueryTimeout, ReportingError

RETRY_AFTER = 5  # seconds; Azure SQL's fail-over takes a few

# Azure SQL: fail-over, throttling, connection limits (Microsoft's list of transient errors); then what a second try
# gets past: deadlock victim, lock time-out, and a snapshot lost to a change of a table or to a full version store.
_AZURE_CODES = frozenset(
    {
        *("40197", "40501", "40540", "40613", "40143", "49918", "49919", "49920", "42108", "42109"),
        *("615", "926", "4060", "4221", "10928", "10929", "233"),
        *("1205", "1222", "3961", "3966", "3967"),
    }
)
_AZURE_CODE = re.compile(
    r"\((\d+)\)(?= \(SQL|; \[|$)"
)  # after the driver's sentence; in it, data may stand in brackets
_SQLSTATES = ("08", "57P", "40001", "40P01", "53", "55P03", "HYT01")
_TIMED_OUT = ("57014", "HYT00")
_SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def translated(error: Exception, *, connecting: bool = False) -> ReportingError | None:
    """The product's error for a driver's, or None where the fault is ours (a wrong statement, a broken key)."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(retry_after=RETRY_AFTER)
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    state, is_transient = sqlstate(error), _is_azure_transient(error)
    if state.startswith(_TIMED_OUT) and not connecting and not is_transient:
        return QueryTimeout()
    if connecting or error.connection_invalidated or state.startswith(_SQLSTATES) or is_transient:
        return DatabaseUnavailable(retry_after=RETRY_AFTER)
    if isinstance(error, OperationalError | InterfaceError) and _is_out_of_reach(error, state):
        return DatabaseUnavailable(retry_after=RETRY_AFTER)
    return None


def sqlstate(error: DBAPIError) -> str:
    """The five-character state of the driver's error, or an empty text."""
    original = error.orig
    state = getattr(original, "sqlstate", None)
    if state is None and original is not None and original.args and isinstance(original.args[0], str):
        state = original.args[0] if len(original.args[0]) == 5 else ""  # noqa: PLR2004 pyodbc puts the state first
    return state or ""


def _is_out_of_reach(error: DBAPIError, state: str) -> bool:
    """Whether an error without a telling state is the server's; SQLite says "no such table" in the same class."""
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_CODES  # the higher bytes tell the reason
    return not state or state.startswith("HY")


def _is_azure_transient(error: DBAPIError) -> bool:
    said = str(error.orig.args[-1]) if error.orig is not None and error.orig.args else ""
    return not _AZURE_CODES.isdisjoint(_AZURE_CODE.findall(said))
