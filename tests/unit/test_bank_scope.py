"""The algebra of bank scopes: narrowing and intersecting only ever take rows away."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from shared.access.principal import Principal
from shared.access.scope import BankScope
from shared.errors import NotFound
from shared.tables import calls

BANKS = ("a", "b", "c", "d")
scopes = st.one_of(
    st.just(BankScope.everything()), st.sets(st.sampled_from(BANKS)).map(lambda each: BankScope.of(*each))
)
requests = st.none() | st.lists(st.sampled_from(BANKS), min_size=1, unique=True)


def _sees(scope: BankScope | None, bank: str | None) -> bool:
    """Whether a call of this bank (None: of no bank) is seen; a model of its own."""
    if scope is None:
        return False
    return scope.banks is None or bank in scope.banks


@given(scopes, requests)
def test_narrowing(scope: BankScope, requested: list[str] | None) -> None:
    """A request within the scope gives exactly the banks requested; one that leaves it is refused as unknown."""
    if requested is not None and not all(_sees(scope, bank) for bank in requested):
        with pytest.raises(NotFound):
            scope.narrowed(requested)
        return
    narrowed = scope.narrowed(requested)
    for bank in (*BANKS, None):
        wanted = requested is None or bank in requested
        assert _sees(narrowed, bank) == (_sees(scope, bank) and wanted)


@given(scopes, scopes | st.none())
def test_intersecting(one: BankScope, other: BankScope | None) -> None:
    """What both allow, and nothing else; rights that are gone allow nothing."""
    both = one.intersected(other)
    for bank in (*BANKS, None):
        assert _sees(both, bank) == (_sees(one, bank) and _sees(other, bank))
    if other is not None:
        assert both == other.intersected(one)


@given(scopes)
def test_intersecting_oneself(scope: BankScope) -> None:
    """Nothing changes where the rights are what they were."""
    assert scope.intersected(scope) == scope == scope.intersected(BankScope.everything())


@given(scopes)
def test_scope_comes_back_from_the_row(scope: BankScope) -> None:
    """A scope written to a job's row is read as the same scope; "everything" and "nothing" are not confused."""
    assert BankScope.from_json(scope.to_json()) == scope


def test_foreign_and_missing_banks_sound_alike() -> None:
    """A bank that is another's and one that does not exist are refused in the same words."""
    with pytest.raises(NotFound) as foreign:
        BankScope.of("a").narrowed(["b"])
    assert str(foreign.value) == str(BankScope.unknown_bank())


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (BankScope.everything(), "1 = 1"),
        (BankScope.of("b", "a"), 'SELECT value FROM json_each(\'["a", "b"]\')'),
        (BankScope.of(), "SELECT value FROM json_each('[]')"),
    ],
)
def test_predicate_in_sql(scope: BankScope, text: str) -> None:
    """Everything is a true condition that stands in the statement, a list is one parameter, nothing an empty list."""
    predicate = scope.predicate(calls.c.client_bank)
    options = {"literal_binds": True}
    assert text in str(predicate.compile(dialect=sqlite.dialect(), compile_kwargs=options))


@pytest.mark.parametrize(
    ("role", "bank", "costar", "qbr", "scope"),
    [
        ("admin", None, True, True, BankScope.everything()),
        ("admin", "a", True, False, BankScope.of("a")),
        ("bank_admin", "a", True, False, BankScope.of("a")),
        ("bank_admin", None, False, False, None),
        ("account_manager", None, False, True, None),
        ("account_manager", "a", False, True, None),
        ("engineer", None, False, False, None),
        ("engineer", "a", False, False, None),
        ("Admin", None, False, False, None),
        ("", None, False, False, None),
    ],
)
def test_rights_of_roles(role: str, bank: str | None, *, costar: bool, qbr: bool, scope: Any) -> None:
    """Each role may run what the contract says, and sees the banks it says; a bank admin without a bank sees none."""
    person = Principal("s", "u", "n", role, bank)
    assert (person.may_run("costar"), person.may_run("qbr"), person.bank_scope) == (costar, qbr, scope)
    assert person.is_unrestricted == (role == "admin" and bank is None)
