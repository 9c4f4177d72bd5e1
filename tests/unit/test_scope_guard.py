"""The guard of the scope: a statement that could read another bank's calls does not run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import ColumnElement, exists, func, literal, not_, or_, select, union_all

from shared.access.guard import SCOPED_TABLES, require_scope
from shared.access.scope import BankScope, ScopedReader
from shared.tables import banks, call_devices, call_events, calls, devices, metadata, photos, user_profiles

call, event = calls.c, call_events.c
OURS = BankScope.of("a").predicate(call.client_bank)
scoped = select(call.id, call.type).where(OURS)
unscoped = select(call.id, call.type)
ids = select(call.id).where(OURS)
part = scoped.subquery()
firsts = select(event.call_id, func.min(event.at).label("at")).group_by(event.call_id).subquery()


def _of_the_call(*, is_scoped: bool) -> ColumnElement[bool]:
    found = select(call.id).where(call.id == event.call_id).correlate(call_events)
    return exists(found.where(OURS) if is_scoped else found)


REFUSED: dict[str, Any] = {
    "plain": unscoped,
    "count": select(func.count()).select_from(calls),
    "alias of a table": select(calls.alias().c.id),
    "subquery": select(func.count()).select_from(unscoped.subquery()),
    "CTE": select(unscoped.cte().c.id),
    "CTE in a subquery": select(select(unscoped.cte().c.id).subquery().c.id),
    "member of a union": union_all(scoped, unscoped),
    "union in a subquery": select(union_all(scoped, unscoped).subquery().c.id),
    "photos alone": select(photos.c.storage_path),
    "devices alone": select(devices.c.serial_number),
    "predicate as a column": select(call.id, OURS.label("ours")),
    "predicate in HAVING": select(call.type, func.count()).group_by(call.type).having(OURS),
    "predicate in an OR": unscoped.where(or_(OURS, call.city == "x")),
    "predicate denied": unscoped.where(not_(OURS)),
    "all but the scoped": unscoped.where(call.id.not_in(ids)),
    "those without a scoped one": select(event.id).where(~_of_the_call(is_scoped=True)),
    "scoped rows joined to all": unscoped.select_from(calls.outerjoin(part, part.c.id == call.id)),
    "all events joined to scoped": select(event.id).select_from(
        call_events.outerjoin(part, part.c.id == event.call_id)
    ),
    "full join": select(part.c.id).select_from(part.join(call_events, event.call_id == part.c.id, full=True)),
    "ON of an outer join": select(event.id).select_from(
        call_events.outerjoin(calls, (call.id == event.call_id) & OURS)
    ),
    "chain of outer joins": select(devices.c.serial_number).select_from(
        devices.outerjoin(call_devices).outerjoin(part, part.c.id == call_devices.c.call_id)
    ),
    "everybody's figures at one's side": select(part.c.id, firsts.c.at).join(firsts, firsts.c.call_id == part.c.id),
    "a total of all in a column": scoped.add_columns(select(func.count()).select_from(call_events).scalar_subquery()),
    "a total of all alone": select(select(func.count()).select_from(calls).scalar_subquery()),
    "a total of all in WHERE": scoped.where(call.created_at > select(func.min(event.at)).scalar_subquery()),
    "existence over unscoped": select(event.id).where(_of_the_call(is_scoped=False)),
    "ORDER BY a total of all": scoped.order_by(select(func.count()).select_from(photos).scalar_subquery()),
}

PASSED: dict[str, Any] = {
    "plain": scoped,
    "everything": unscoped.where(BankScope.everything().predicate(call.client_bank)),
    "nothing": unscoped.where(BankScope.of().predicate(call.client_bank)),
    "beside other terms": unscoped.where(call.type == "swap", OURS, or_(call.city == "x", call.state == "y")),
    "count": select(func.count()).select_from(calls).where(OURS),
    "subquery": select(func.count()).select_from(part),
    "subquery of a subquery": select(select(part.c.id).subquery().c.id),
    "CTE": select(scoped.cte().c.id),
    "union": union_all(scoped, scoped),
    "no scoped table": select(banks.c.name, user_profiles.c.full_name).join(user_profiles),
    "no table": select(literal(1)),
    "correlated column": scoped.add_columns(
        select(func.count()).where(photos.c.call_id == call.id).correlate(calls).scalar_subquery()
    ),
    "correlated by itself": scoped.add_columns(
        select(func.count()).where(photos.c.call_id == call.id).scalar_subquery()
    ),
    "correlated twice": scoped.add_columns(
        select(func.count())
        .where(photos.c.call_id == call.id, exists(select(1).where(event.call_id == photos.c.call_id)))
        .scalar_subquery()
    ),
    "joined details": select(call.id, photos.c.id).select_from(calls.outerjoin(photos)).where(OURS),
    "joined to scoped": select(event.id).select_from(call_events.join(part, part.c.id == event.call_id)),
    "joined to scoped in WHERE": select(event.id).where(part.c.id == event.call_id),
    "scoped first": select(part.c.id, event.id).select_from(part.outerjoin(call_events, event.call_id == part.c.id)),
    "ON of the side that is added": select(banks.c.id, call.id).select_from(
        banks.outerjoin(calls, (call.client_bank == banks.c.id) & OURS)
    ),
    "chain after ON": select(banks.c.id, photos.c.id).select_from(
        banks.outerjoin(calls, (call.client_bank == banks.c.id) & OURS).outerjoin(photos, photos.c.call_id == call.id)
    ),
    "ids of a scoped query": select(event.id).where(event.call_id.in_(ids)),
    "existence of a scoped call": select(event.id).where(_of_the_call(is_scoped=True)),
    "devices by their bank": select(devices.c.id).where(BankScope.of("a").predicate(devices.c.bank_id)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_statement_without_the_predicate_is_refused(name: str) -> None:
    """Wherever the predicate is missing, or stands where it refuses nothing, the statement is refused."""
    with pytest.raises(PermissionError):
        require_scope(REFUSED[name])


@pytest.mark.parametrize("name", PASSED)
def test_statement_with_the_predicate_passes(name: str) -> None:
    """Each form that keeps the rows within the scope passes."""
    require_scope(PASSED[name])


def test_tables_of_calls_are_guarded() -> None:
    """Every CoSTAR table that belongs to a call or a bank's device is guarded; names of banks and people are not."""
    of_calls = {table for table in metadata.tables.values() if table.schema == "costar"} - {banks, user_profiles}
    assert of_calls == SCOPED_TABLES


class NoSnapshot:
    """A snapshot that must not be asked."""

    as_of = datetime(2026, 3, 10, tzinfo=UTC)

    def rows(self, statement: Any) -> Iterator[Any]:
        """Refuses."""
        raise AssertionError(statement)

    def all(self, statement: Any) -> Sequence[Any]:
        """Refuses."""
        raise AssertionError(statement)

    def cancel(self) -> None:
        """Does nothing."""


def test_reader_refuses_before_it_reads() -> None:
    """What a report holds is the guarded reader: an unscoped statement does not reach the database."""
    reader = ScopedReader(NoSnapshot())
    for read in (reader.rows, reader.all):
        with pytest.raises(PermissionError):
            read(unscoped)
    assert reader.as_of == NoSnapshot.as_of
