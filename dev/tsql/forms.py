"""The forms that SQLAlchemy writes for SQL Server without an error, and that are no T-SQL there or mean something else.

Found in the expressions; what only the text shows is in `dev.tsql.texts`. Nothing is compiled here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from sqlalchemy import Date, DateTime, Integer, Interval, String, Time, UnicodeText
from sqlalchemy.sql import ClauseElement, operators
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import (
    AsBoolean,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Case,
    Cast,
    ColumnClause,
    False_,
    FunctionFilter,
    Grouping,
    Label,
    True_,
    Tuple,
    UnaryExpression,
    WithinGroup,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CompoundSelect, Exists, Lateral, Select, SelectBase
from sqlalchemy.sql.visitors import iterate

from shared.tables import InJsonList, Instant

MOST_ROWS_OF_VALUES, MOST_LISTED = 1_000, 50
_AGGREGATES = frozenset({"count", "sum", "min", "max", "avg", "stdev", "var", "aggregate_strings", "string_agg"})
_NULLS = (operators.nulls_first_op, operators.nulls_last_op)
_LIKES = (operators.ilike_op, operators.not_ilike_op)
_TIMES = (Date, DateTime, Time, Interval)


@dataclass(frozen=True)
class Form:
    """A wrong form: what SQL Server makes of it, what to write instead, and which elements have it."""

    name: str
    says: str
    has: Callable[[Any], bool]


def wrong_forms(element: ClauseElement) -> list[str]:
    """One line per wrong form that the statement holds."""
    parts = list(iterate(element))
    return [f"{form.name}: {form.says}" for form in FORMS if any(map(form.has, parts))]


def _is_cut_compound(part: Any) -> bool:
    return isinstance(part, CompoundSelect) and _is_cut(part)


def _is_locking(part: Any) -> bool:
    return isinstance(part, Select | CompoundSelect) and part._for_update_arg is not None  # noqa: SLF001 its only place


def _is_cut_unordered(part: Any) -> bool:
    return isinstance(part, Select) and _is_cut(part) and not part._order_by_clauses  # noqa: SLF001 its only place


def _is_cut(part: Any) -> bool:
    return any(getattr(part, name) is not None for name in ("_limit_clause", "_offset_clause", "_fetch_clause"))


def _compares_is(part: Any) -> bool:
    is_ = isinstance(part, BinaryExpression) and part.operator in (operators.is_, operators.is_not)
    return is_ and isinstance(part.right, True_ | False_)


def _takes_predicate_for_value(part: Any) -> bool:
    return any(map(_is_predicate, _values(part)))


def _values(part: Any) -> Iterator[Any]:
    """The expressions inside that have to be values, where T-SQL takes no condition."""
    if isinstance(part, Select):
        yield from (*part._raw_columns, *part._order_by_clauses, *part._group_by_clauses)  # noqa: SLF001 their only place
    elif isinstance(part, Insert | Update):
        yield from (part._values or {}).values()  # noqa: SLF001 their only place
    elif isinstance(part, FunctionElement):
        yield from part.clauses
    elif isinstance(part, Case):
        yield from (value for value in (part.value, part.else_, *(result for _, result in part.whens)))
    elif isinstance(part, Cast):
        yield part.clause
    elif isinstance(part, AsBoolean):  # written as `= 1`
        yield part.element
    elif isinstance(part, BinaryExpression):
        yield from (part.left, part.right)


def _is_predicate(value: Any) -> bool:
    while isinstance(value, Grouping | Label):
        value = value.element
    if isinstance(value, BooleanClauseList | Exists | InJsonList | AsBoolean):
        return True
    if isinstance(value, UnaryExpression):
        return value.operator in (operators.inv, operators.exists) or (
            value.modifier in (operators.desc_op, operators.asc_op) and _is_predicate(value.element)
        )
    return isinstance(value, BinaryExpression) and operators.is_comparison(value.operator)


def _puts_nulls(part: Any) -> bool:
    return isinstance(part, UnaryExpression) and part.modifier in _NULLS


def _reckons_with_time(part: Any) -> bool:
    if not isinstance(part, BinaryExpression) or part.operator not in (operators.sub, operators.add):
        return False
    return any(_is_of(side, *_TIMES) for side in (part.left, part.right))


def _is_of(value: Any, *kinds: type) -> bool:
    return issubclass(value.type._type_affinity or object, kinds)  # noqa: SLF001 what a type is at bottom


def _binds_bare_instant(part: Any) -> bool:
    return isinstance(part, BindParameter) and _is_of(part, DateTime) and not isinstance(part.type, Instant)


def _lists_many(part: Any) -> bool:
    return isinstance(part, BindParameter) and part.expanding and len(part.effective_value or ()) > MOST_LISTED


def _inserts_many(part: Any) -> bool:
    if not isinstance(part, Insert):
        return False
    return any(len(rows) > MOST_ROWS_OF_VALUES for rows in part._multi_values)  # noqa: SLF001 its only place


def _ignores_case(part: Any) -> bool:
    return isinstance(part, BinaryExpression) and part.operator in _LIKES


def _is_aggregate(part: Any) -> TypeGuard[FunctionElement[Any]]:
    return isinstance(part, FunctionElement) and getattr(part, "name", "") in _AGGREGATES


def _aggregates_subquery(part: Any) -> bool:
    if not _is_aggregate(part):
        return False
    inside = (each for each in iterate(part) if each is not part)
    return any(isinstance(each, SelectBase) or _is_aggregate(each) for each in inside)


def _groups_by_parameter(part: Any) -> bool:
    if not isinstance(part, Select):
        return False
    return any(isinstance(each, BindParameter | SelectBase) for each in _inside(part._group_by_clauses))  # noqa: SLF001


def _inside(elements: Iterable[Any]) -> Iterator[Any]:
    return (each for element in elements for each in iterate(element))


def _averages_whole_numbers(part: Any) -> bool:
    return isinstance(part, FunctionElement) and part.name == "avg" and _is_of(next(iter(part.clauses)), Integer)


def _joins_short_texts(part: Any) -> bool:
    if not isinstance(part, FunctionElement) or part.name not in {"aggregate_strings", "string_agg"}:
        return False
    return not isinstance(next(iter(part.clauses)).type, UnicodeText)


def _orders_distinct_by_others(part: Any) -> bool:
    if not isinstance(part, Select) or not part._distinct:  # noqa: SLF001 its only place
        return False
    shown = [_bare(each) for each in part._raw_columns]  # noqa: SLF001 its only place
    ordered = [_bare(each) for each in part._order_by_clauses]  # noqa: SLF001 its only place
    return any(not any(order.compare(column) for column in shown) for order in ordered)


def _bare(value: Any) -> Any:
    """Without a label, a bracket or a direction."""
    while isinstance(value, Grouping | Label) or (isinstance(value, UnaryExpression) and value.modifier):
        value = value.element
    return value


def _compares_collations(part: Any) -> bool:
    if not isinstance(part, BinaryExpression):
        return False
    kinds = [side.type for side in (part.left, part.right) if isinstance(side, ColumnClause)]
    texts = [_collation(kind) for kind in kinds if isinstance(kind, String)]
    return len(texts) == 2 and texts[0] != texts[1]  # noqa: PLR2004 the two sides


def _collation(kind: String) -> str | None:
    variant: Any = kind._variant_mapping.get("mssql", kind)  # noqa: SLF001 where a type keeps what it is elsewhere
    return variant.collation  # type: ignore[no-any-return]


def _is_any(*kinds: type) -> Callable[[Any], bool]:
    return lambda part: isinstance(part, kinds)


FORMS = (
    Form("compound limit", "the limit of a UNION is dropped: limit a select from its subquery", _is_cut_compound),
    Form("lock", "FOR UPDATE and SKIP LOCKED are dropped: decide by a guarded UPDATE", _is_locking),
    Form("unordered limit", "which rows a limit takes is chance: order_by first", _is_cut_unordered),
    Form("is true", "IS 1 is no T-SQL: compare with == true() or == false()", _compares_is),
    Form("predicate as value", "a condition is no value: case((condition, 1), else_=0)", _takes_predicate_for_value),
    Form("nulls last", "NULLS FIRST and NULLS LAST are unknown: order by a case first", _puts_nulls),
    Form("filter", "FILTER is unknown: aggregate over a case", _is_any(FunctionFilter)),
    Form("lateral", "LATERAL is unknown: join a grouped subquery", _is_any(Lateral)),
    Form("tuple", "there are no row values: compare column by column", _is_any(Tuple)),
    Form("within group", "percentiles need OVER: compute them in _metrics.py", _is_any(WithinGroup)),
    Form("time arithmetic", "instants and dates cannot be subtracted: minutes_between, or Python", _reckons_with_time),
    Form("bare datetime", "the driver drops the zone of a datetime: literal(value, Instant())", _binds_bare_instant),
    Form("long list", f"more than {MOST_LISTED} values after IN: InJsonList", _lists_many),
    Form("many values", f"more than {MOST_ROWS_OF_VALUES} rows after VALUES: rows as a list", _inserts_many),
    Form("ilike", "ILIKE is unknown, and LOWER differs by database: compare in Python", _ignores_case),
    Form("aggregate of a query", "an aggregate holds no subquery and no other: derive a table", _aggregates_subquery),
    Form("group by value", "a parameter in GROUP BY is another in SELECT: derive a table", _groups_by_parameter),
    Form("whole average", "AVG of whole numbers is one: sum and count, divided in Python", _averages_whole_numbers),
    Form("short texts", "STRING_AGG of short texts ends at 8,000 bytes: cast to UnicodeText", _joins_short_texts),
    Form("distinct order", "DISTINCT is ordered by selected columns only", _orders_distinct_by_others),
    Form("collations", "columns of two collations cannot be compared: key_text() for both", _compares_collations),
)
