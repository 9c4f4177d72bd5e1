"""The guard of the bank scope: refuses statements that would read calls of banks nobody allowed; runs no statement.

It is a net under the reports, for mistakes: it knows where the predicate has to stand, not what a condition means.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from sqlalchemy import CompoundSelect, FromClause, Join, Select, Table
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ClauseElement
from sqlalchemy.sql.selectable import AliasedReturnsRows, Exists, Lateral, SelectState
from sqlalchemy.sql.visitors import iterate

from shared.tables import call_devices, call_events, calls, customer_surveys, devices, photos

MARK = "bank_scope"  # the annotation of a predicate
SCOPED_TABLES: frozenset[Table] = frozenset({calls, call_events, photos, call_devices, devices, customer_surveys})


class _Rows(Enum):
    """Whose rows a part of a FROM clause gives."""

    NOBODYS = "of no bank"
    SCOPED = "of the allowed banks"
    OPEN = "of every bank"


def require_scope(statement: Any) -> None:
    """Passes a statement each of whose selects carries the bank predicate, hangs on one that does, or reads no call.

    A select carries it in its WHERE, as a term that must hold; or takes its rows, by a join that leaves out the others,
    from a subquery that carries it, or asks for ids or existence in one. A subquery hangs on the rows around it when
    it is correlated with them.

    Raises:
        PermissionError: it would read another bank's rows: a fault of the report.

    """
    _check(statement, frozenset(), set())


def _check(statement: Any, around: frozenset[FromClause], passed: set[tuple[Any, frozenset[FromClause]]]) -> None:
    """`passed` are the selects seen already, with what was around them: conditions name one subquery many times."""
    if (statement, around) in passed:
        return
    passed.add((statement, around))
    if isinstance(statement, CompoundSelect):
        for member in statement.selects:
            _check(member, around, passed)
        return
    read = frozenset(part for each in _sources(statement) for part in _parts(each))
    hangs = not read.isdisjoint(around) and not read <= around
    if not hangs and _rows_of(statement) is _Rows.OPEN:
        message = "a statement over calls without the bank predicate where it has to stand (shared/access/guard.py)"
        raise PermissionError(message)
    for inner, is_correlated in _inner_selects(statement):
        _check(inner, around | read if is_correlated else frozenset(), passed)


def _sources(select: Select[Any]) -> list[FromClause]:
    """What the select lists after FROM; `get_final_froms` would compile the whole statement to tell."""
    state = SelectState(select, None)  # type: ignore[arg-type] # the compiler is not used for this
    return list(state._get_display_froms())  # noqa: SLF001 see above


def _parts(element: FromClause) -> Iterator[FromClause]:
    if isinstance(element, Join):
        yield from _parts(element.left)
        yield from _parts(element.right)
    else:
        yield element


def _inner_selects(element: ClauseElement) -> Iterator[tuple[Any, bool]]:
    """The selects right inside, and whether each may refer to the rows around it."""
    for child in element.get_children():
        if isinstance(child, Select | CompoundSelect):
            yield child, True
        elif not isinstance(child, AliasedReturnsRows):
            yield from _inner_selects(child)
        elif isinstance(child.element, Select | CompoundSelect):
            yield child.element, isinstance(child, Lateral)


def _rows_of(select: Select[Any]) -> _Rows:
    sources = {_rows_from(each) for each in _sources(select)}
    if _Rows.OPEN in sources and (_Rows.SCOPED in sources or _demands_scope(select.whereclause)):
        return _Rows.SCOPED
    return next((each for each in (_Rows.OPEN, _Rows.SCOPED) if each in sources), _Rows.NOBODYS)


def _rows_from(element: FromClause) -> _Rows:
    if isinstance(element, Join):
        return _rows_joined(element)
    if isinstance(element, AliasedReturnsRows) and not isinstance(element.element, Table):
        is_checked = any(each in SCOPED_TABLES for each in iterate(element.element) if isinstance(each, Table))
        return _Rows.SCOPED if is_checked else _Rows.NOBODYS
    table = element.element if isinstance(element, AliasedReturnsRows) else element
    return _Rows.OPEN if table in SCOPED_TABLES else _Rows.NOBODYS


def _rows_joined(join: Join) -> _Rows:
    """What the left side gives stays with an outer join; what the right side adds has to fit the left, or the ON."""
    left, right = _rows_from(join.left), _rows_from(join.right)
    demands = _demands_scope(join.onclause)
    if left is _Rows.OPEN or join.full:
        leaves_out = not join.isouter and not join.full and (demands or right is _Rows.SCOPED)
        return _Rows.SCOPED if leaves_out or _Rows.OPEN not in {left, right} else _Rows.OPEN
    if right is _Rows.OPEN:
        return _Rows.SCOPED if demands or left is _Rows.SCOPED else _Rows.OPEN
    return _Rows.SCOPED if _Rows.SCOPED in {left, right} else _Rows.NOBODYS


def _demands_scope(condition: ClauseElement | None) -> bool:
    """Whether no row passes the condition that a predicate of the scope refuses."""
    return any(_is_predicate(term) for term in _terms(condition))


def _terms(condition: ClauseElement | None) -> Iterator[ClauseElement]:
    """The terms that must hold all together."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for each in condition.clauses:
            yield from _terms(each)
    elif condition is not None:
        yield condition


def _is_predicate(term: ClauseElement) -> bool:
    if MARK in term._annotations:  # noqa: SLF001 where SQLAlchemy keeps the marks of an element
        return True
    if isinstance(term, Exists) or (isinstance(term, BinaryExpression) and term.operator is operators.in_op):
        return any(isinstance(each, Select) and _rows_of(each) is _Rows.SCOPED for each, _ in _inner_selects(term))
    return False
