"""Turns what a database driver raises into the product's errors: passing, too slow, or a fault of ours.

The texts of drivers hold SQL and addresses, so none of it is carried over.
"""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.errors import DatabaseUnavailable, QueryTimeout, ReportingError

RETRY_AFTER = 5  # seconds; Azure SQL's fail-over takes a few

# Azure SQL: fail-over, throttling, connection limits, deadlock victim (Microsoft's list of transient errors).
_AZURE_CODES = ("40197", "40501", "40613", "49918", "49919", "49920", "4060", "4221", "10928", "10929", "1205", "233")
_SQLSTATES = ("08", "57P", "40001", "40P01", "53", "55P03", "HYT01")
_TIMED_OUT = ("57014", "HYT00")


def translated(error: Exception, *, connecting: bool = False) -> ReportingError | None:
    """The product's error for a driver's, or None where the fault is ours (a wrong statement, a broken key)."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(retry_after=RETRY_AFTER)
    if not isinstance(error, DBAPIError):
        return None
    state = sqlstate(error)
    if state.startswith(_TIMED_OUT) and not connecting:
        return QueryTimeout()
    if connecting or error.connection_invalidated or state.startswith(_SQLSTATES) or _is_azure_transient(error):
        return DatabaseUnavailable(retry_after=RETRY_AFTER)
    if isinstance(error, OperationalError | InterfaceError) and (not state or state.startswith("HY")):
        return DatabaseUnavailable(retry_after=RETRY_AFTER)  # SQLite: locked, or the file is gone
    return None


def sqlstate(error: DBAPIError) -> str:
    """The five-character state of the driver's error, or an empty text."""
    original = error.orig
    state = getattr(original, "sqlstate", None)
    if state is None and original is not None and original.args and isinstance(original.args[0], str):
        state = original.args[0] if len(original.args[0]) == 5 else ""  # noqa: PLR2004 pyodbc puts the state first
    return state or ""


def _is_azure_transient(error: DBAPIError) -> bool:
    text = str(error.orig)
    return any(f"({code})" in text for code in _AZURE_CODES)
