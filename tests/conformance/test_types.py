"""What the column types and common expressions promise: the same value and the same order on every database."""

import math
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy.exc import StatementError

from shared.adapters.database import SqlDatabase
from shared.tables import (
    Guid,
    InJsonList,
    Instant,
    audit_log,
    banks,
    calls,
    minutes_between,
    sortable_id,
    utc_now,
    utc_now_plus,
    without_index,
)

SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
IDENTITY = "0abcdef0-1234-4abc-8def-0123456789ab"
reuses_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # examples leave no row behind
instants = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 aware by timezones


@pytest.fixture(scope="module")
def database(module_url: str) -> Iterator[SqlDatabase]:
    """A database that all tests here share: each looks at rows of its own only."""
    with closing(SqlDatabase(module_url, SCHEMAS, timedelta(seconds=30))) as opened:
        yield opened


def _value(database: SqlDatabase, expression: ColumnElement[Any]) -> Any:
    with database.read() as connection:
        return connection.execute(select(expression)).scalar_one()


def _add_banks(database: SqlDatabase, *identities: str) -> None:
    with database.transaction() as connection:
        rows = [{"id": each, "name": each, "code": each[:50], "active": True} for each in identities]
        connection.execute(insert(banks), rows)


def _add_call(database: SqlDatabase, **values: Any) -> str:
    identity = str(uuid4())
    row = {"id": identity, "call_number": identity, "type": "swap", "status": "pending", "created_at": utc_now()}
    with database.transaction() as connection:
        connection.execute(insert(calls).values({**row, **values}))
    return identity


def _of_call(database: SqlDatabase, identity: str, *expressions: ColumnElement[Any]) -> Any:
    with database.read() as connection:
        return connection.execute(select(*expressions).where(calls.c.id == identity)).one()


# --- Time


def test_clock_of_the_database(database: SqlDatabase) -> None:
    """`utc_now` is aware, in UTC and within a second of the wall clock, whatever the server's zone."""
    now = _value(database, utc_now())
    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [0, 0.5, -30.0, 120, 86_400.25, 30 * 86_400.0])
def test_clock_plus_seconds(database: SqlDatabase, seconds: float) -> None:
    """`utc_now_plus` is that much later, or earlier, fractions included."""
    with database.read() as connection:
        now, then = connection.execute(select(utc_now(), utc_now_plus(seconds))).one()
    assert abs((then - now).total_seconds() - seconds) < 0.1
    assert then.utcoffset() == timedelta(0)


def test_clock_moves_within_a_transaction(database: SqlDatabase) -> None:
    """A lease taken late in a long transaction counts from then, not from the beginning."""
    with database.transaction() as connection:
        first = connection.execute(select(utc_now())).scalar_one()
        connection.execute(select(func.count()).select_from(banks))
        while (later := connection.execute(select(utc_now())).scalar_one()) == first:
            pass
    assert later > first


def test_stored_instants_compare_with_the_clock(database: SqlDatabase) -> None:
    """An instant that was stored compares with the database's clock as an instant, not as a text of another form."""
    times = {"started_at": utc_now_plus(-5.0), "completed_at": utc_now_plus(5.0), "updated_at": datetime.now(UTC)}
    call = calls.c
    order = (call.started_at < utc_now(), call.completed_at > utc_now(), call.updated_at <= utc_now_plus(1.0))
    assert tuple(_of_call(database, _add_call(database, **times), *order)) == (True, True, True)


@reuses_database
@given(start=instants, end=instants)
@example(datetime(2026, 3, 10, 10, 0, 0, 999_999, UTC), datetime(2026, 3, 10, 10, 0, 1, tzinfo=UTC))
@example(datetime(2026, 3, 10, 10, 0, 0, 999_500, UTC), datetime(2026, 3, 10, 10, 0, 0, 999_499, tzinfo=UTC))
@example(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))
@example(datetime(2024, 2, 29, 23, 59, 59, 1, UTC), datetime(2023, 2, 28, 0, 0, 0, 2, tzinfo=UTC))
def test_minutes_between(database: SqlDatabase, start: datetime, end: datetime) -> None:
    """Minutes are Python's own to a millionth of a millisecond, also backwards, and to the microsecond."""
    minutes = _value(database, minutes_between(literal(start, Instant()), literal(end, Instant())))
    assert isinstance(minutes, float)
    assert math.isclose(minutes, (end - start) / timedelta(minutes=1), rel_tol=1e-14, abs_tol=1e-9)


def test_minutes_across_a_clock_change(database: SqlDatabase) -> None:
    """A day with a clock change has 23 or 25 hours of minutes: instants count, not wall clocks."""
    zone = ZoneInfo("America/Los_Angeles")
    for month, day, hours in ((3, 8, 23), (11, 1, 25)):
        start, end = datetime(2026, month, day, tzinfo=zone), datetime(2026, month, day + 1, tzinfo=zone)
        expression = minutes_between(literal(start, Instant()), literal(end, Instant()))
        assert _value(database, expression) == hours * 60


def test_minutes_between_stored_instants(database: SqlDatabase) -> None:
    """Stored instants and missing ones: minutes between the first two, null where one is null."""
    start = datetime(2026, 3, 10, 10, 0, 0, 123_456, UTC)
    end = start + timedelta(seconds=90, microseconds=1)
    minutes = minutes_between(calls.c.started_at, calls.c.completed_at)
    whole = _of_call(database, _add_call(database, started_at=start, completed_at=end), minutes)[0]
    assert math.isclose(whole, 90.000001 / 60, abs_tol=1e-12)
    for half in ({"started_at": start}, {"completed_at": start}, {}):
        assert _of_call(database, _add_call(database, **half), minutes)[0] is None


@reuses_database
@given(at=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), hours=st.integers(-12, 14))  # noqa: DTZ001 the zone comes below
def test_instant_comes_back(database: SqlDatabase, at: datetime, hours: int) -> None:
    """An instant of any offset and year comes back as the same instant, in UTC, to the microsecond."""
    given_at = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    found = _value(database, literal(given_at, Instant()))
    assert found == given_at
    assert found.utcoffset() == timedelta(0)


def test_naive_instant_is_refused(database: SqlDatabase) -> None:
    """A time without a zone is nobody's instant: it is refused before it reaches the database."""
    with pytest.raises(StatementError, match="time zone"):
        _value(database, literal(datetime(2026, 3, 10), Instant()))  # noqa: DTZ001 that is the point


def test_plain_date_comes_back(database: SqlDatabase) -> None:
    """A date without a time is the same date on every server, whatever its zone."""
    identity = _add_call(database, scheduled_date=date(2026, 3, 10))
    assert _of_call(database, identity, calls.c.scheduled_date)[0] == date(2026, 3, 10)


# --- Ids and lists


def test_guid_ignores_case(database: SqlDatabase) -> None:
    """An id is stored and given in lower case, and found in either."""
    _add_banks(database, IDENTITY.upper())
    with database.read() as connection:
        assert connection.execute(select(banks.c.id).where(banks.c.name == IDENTITY.upper())).scalar_one() == IDENTITY
        for spelling in (IDENTITY, IDENTITY.upper()):
            for condition in (banks.c.id == spelling, banks.c.id.in_([spelling]), InJsonList(banks.c.id, [spelling])):
                assert connection.execute(select(func.count()).where(condition)).scalar_one() == 1


def test_ids_sort_as_text(database: SqlDatabase) -> None:
    """`sortable_id` orders ids as Python orders their text."""
    identities = [f"{place}-{place[:4]}-4{place[:3]}-8{place[:3]}-{place[::-1]}0000" for place in _hexadecimals()]
    _add_banks(database, *identities)
    with database.read() as connection:
        mine = select(banks.c.id).where(banks.c.id.in_(identities))
        found = connection.execute(mine.order_by(sortable_id(banks.c.id))).scalars().all()
    assert list(found) == sorted(identities)


def test_grouping_without_an_index(database: SqlDatabase) -> None:
    """`without_index` groups as the column itself does."""
    identities = sorted(_add_call(database, priority="low") for _ in range(3))
    mine = select(calls.c.id, func.count()).where(calls.c.id.in_(identities)).group_by(without_index(calls.c.id))
    with database.read() as connection:
        assert sorted(map(tuple, connection.execute(mine))) == [(each, 1) for each in identities]


def _hexadecimals() -> list[str]:
    return [f"{number * 2_654_435_761 % 2**32:08x}" for number in range(40)]


@pytest.mark.parametrize("length", [0, 1, 2_099, 2_101, 5_000])
def test_list_of_any_length(database: SqlDatabase, length: int) -> None:
    """A filter takes from 0 to 5,000 values in one parameter, on ids and on texts, and finds exactly those."""
    present = [str(uuid4()) for _ in range(3)]
    _add_banks(database, *present)
    wanted = (present[:2] + [str(uuid4()) for _ in range(5_000)])[:length]
    with database.read() as connection:
        for column in (banks.c.id, banks.c.code, banks.c.name):
            found = connection.execute(select(banks.c.id).where(InJsonList(column, wanted))).scalars().all()
            assert set(found) == set(present[:2]) & set(wanted)


@pytest.mark.parametrize(
    "text", ["it's", 'say "so"', "back\\slash", "नमस्ते", "😀", "a,b", "[1]", "null", " ", "%", "\n"]
)
def test_list_takes_any_text(database: SqlDatabase, text: str) -> None:
    """A value of a list is compared as it is, whatever characters it has; upper and lower case differ."""
    with database.transaction() as connection:
        row = {"id": str(uuid4()), "name": f"{text}?", "code": f"{text}A", "active": True}
        connection.execute(insert(banks).values(row))
    with database.read() as connection:
        for condition, count in (
            (InJsonList(banks.c.name, [f"{text}?"]), 1),
            (InJsonList(banks.c.code, [f"{text}A"]), 1),
            (InJsonList(banks.c.code, [f"{text}a", f" {text}A", f"{text}A "]), 0),
        ):
            assert connection.execute(select(func.count()).where(condition)).scalar_one() == count


def test_list_of_other_lengths_is_the_same_statement(database: SqlDatabase) -> None:
    """Two lists of different lengths give the same statement text, so that servers keep one plan; values do not mix."""
    identities = [str(uuid4()) for _ in range(3)]
    _add_banks(database, *identities)
    with database.read() as connection:
        for wanted in ([identities[0]], identities[:2], [], identities):
            statement = select(func.count()).where(InJsonList(banks.c.id, wanted))
            assert connection.execute(statement).scalar_one() == len(wanted)
            texts = str(statement.compile(connection))
            assert identities[0] not in texts
    assert isinstance(banks.c.id.type, Guid)


# --- JSON

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))  # requests refuse these
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner),
    max_leaves=10,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(texts, json_values, max_size=4))
@example({"नाम": ["😀", {"a": None, "b": [1, 2.5, True, ""]}], "'\"\\": "\n\t\x01"})
@example({})
def test_json_comes_back(database: SqlDatabase, value: dict[str, Any]) -> None:
    """A JSON value comes back equal, however nested and in whatever script."""
    row = {"id": uuid4().hex, "at": utc_now(), "actor": "a", "action": "b", "outcome": "ok", "details": value}
    with database.transaction() as connection:
        connection.execute(insert(audit_log).values(row))
    with database.read() as connection:
        found = connection.execute(select(audit_log.c.details).where(audit_log.c.id == row["id"])).scalar_one()
    assert found == value


def test_missing_json_is_null(database: SqlDatabase) -> None:
    """No value is SQL's null, not JSON's."""
    identity = _add_call(database, metadata=None)
    assert _of_call(database, identity, calls.c.metadata.is_(None).label("missing"))[0]
