"""Each form that SQLAlchemy writes for SQL Server without an error, and that is wrong there, is found and named."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    DateTime,
    Integer,
    String,
    UnicodeText,
    and_,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    insert,
    literal,
    literal_column,
    not_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from dev.tsql import problems
from dev.tsql.recorder import azure_sql, compiled
from shared.tables import InJsonList, Instant, banks, calls, minutes_between, report_jobs, user_profiles, utc_now

c, job = calls.c, report_jobs.c
AT = datetime(2026, 3, 10, tzinfo=UTC)
IDS = select(c.id)
DAYS = func.coalesce(c.city, "none")

WRONG: dict[str, list[Callable[[], ClauseElement]]] = {
    "compound limit": [
        lambda: union_all(IDS, IDS).limit(3),
        lambda: select(func.count()).select_from(union_all(IDS, IDS).order_by("id").limit(3).subquery()),
    ],
    "lock": [lambda: IDS.with_for_update(skip_locked=True), IDS.with_for_update],
    "unordered limit": [lambda: IDS.limit(3), lambda: select(IDS.limit(3).subquery().c.id)],
    "is true": [
        lambda: IDS.where(c.requires_photo.is_(True)),
        lambda: IDS.where(and_(c.status == "x", c.requires_photo.is_not(False))),
    ],
    "predicate as value": [
        lambda: select(c.city == "x"),
        lambda: select((c.city == "x").label("is_x")),
        lambda: select(exists().where(c.city == "x")),
        lambda: select(and_(c.city == "x", c.state == "y")),
        lambda: select(not_(c.city == "x")),
        lambda: select(c.city.is_(None)),
        lambda: select(InJsonList(c.id, ["x"])),
        lambda: select(func.sum(c.city == "x")),
        lambda: select(func.max(cast(c.city == "x", Integer))),
        lambda: select(case((c.city == "x", c.state == "y"), else_=None)),
        lambda: IDS.order_by((c.city == "x").desc()),
        lambda: select(func.count()).group_by(c.city == "x"),
        lambda: IDS.where((c.city == "x") == (c.state == "y")),
        lambda: update(calls).values(requires_photo=c.city == "x"),
        lambda: IDS.where(func.coalesce(c.city == "x", c.state == "y")),
    ],
    "nulls last": [lambda: IDS.order_by(c.city.nulls_last()), lambda: IDS.order_by(c.city.desc().nulls_first())],
    "filter": [lambda: select(func.count().filter(c.city == "x"))],
    "lateral": [lambda: select(banks.c.id, IDS.where(c.client_bank == banks.c.id).lateral().c.id)],
    "tuple": [
        lambda: IDS.where(tuple_(c.city, c.state).in_([("a", "b")])),
        lambda: IDS.where(tuple_(c.city) == ("a",)),
    ],
    "within group": [lambda: select(func.percentile_cont(literal_column("0.5")).within_group(c.latitude))],
    "time arithmetic": [
        lambda: select(c.completed_at - c.started_at),
        lambda: IDS.where(c.scheduled_date - c.created_at > c.completed_at),
        lambda: IDS.where(c.scheduled_date + 1 > c.scheduled_date),
    ],
    "bare datetime": [lambda: IDS.where(func.min(c.created_at) < literal(AT)), lambda: select(literal(AT, DateTime()))],
    "long list": [lambda: IDS.where(c.city.in_([str(number) for number in range(51)]))],
    "many values": [lambda: insert(banks).values([{"id": str(number), "name": "x"} for number in range(1_001)])],
    "ilike": [lambda: IDS.where(c.city.ilike("%x%")), lambda: IDS.where(c.city.not_ilike("%x%"))],
    "aggregate of a query": [
        lambda: select(func.sum(select(func.count()).select_from(banks).scalar_subquery())),
        lambda: select(func.max(func.count(c.id))),
        lambda: select(func.sum(case((exists().where(banks.c.id == c.client_bank), 1), else_=0))),
    ],
    "group by value": [
        lambda: select(DAYS, func.count()).group_by(DAYS),
        lambda: select(func.count()).group_by(select(func.max(banks.c.name)).scalar_subquery()),
    ],
    "whole average": [lambda: select(func.avg(c.actual_duration_minutes))],
    "short texts": [lambda: select(func.aggregate_strings(c.city, ","))],
    "distinct order": [lambda: select(c.city).distinct().order_by(c.state)],
    "collations": [lambda: IDS.join(report_jobs, c.client_id == job.requested_by)],
    "concatenation": [lambda: select(c.city.op("||")(c.state))],
    "boolean literal": [lambda: select(literal_column("true"))],
    "limit": [lambda: select(literal_column("(SELECT 1 LIMIT 1)"))],
    "is a number": [lambda: IDS.where(literal_column("x IS NOT 1"))],
    "old time": [lambda: select(cast(c.created_at, DateTime()))],
    "row version": [lambda: select(literal_column("CAST(1 AS timestamp)"))],
    "offset": [lambda: select(literal_column("CAST(1 AS DATETIMEOFFSET(7))"))],
    "local clock": [lambda: select(func.now()), lambda: select(literal_column("getdate()"))],
    "narrow text": [lambda: select(cast(c.id, String()))],
    "old text": [lambda: select(literal_column("CAST(1 AS NTEXT)"))],
    "weekday": [lambda: select(extract("dow", c.scheduled_date))],
    "nulls order": [lambda: select(literal_column("a NULLS LAST"))],
    "other words": [lambda: select(literal_column("a ILIKE b"))],
    "unknown function": [
        lambda: select(func.group_concat(c.city)),
        lambda: select(func.strftime("%Y", c.created_at)),
        lambda: select(func.date_trunc("month", c.created_at)),
        lambda: select(func.substr(c.city, 2)),
    ],
}


def _found(statement: ClauseElement) -> list[str]:
    return list(problems(compiled(azure_sql(), "planted", statement)))


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, planted in WRONG.items() for place in range(len(planted))]
)
def test_wrong_form_is_found(name: str, place: int) -> None:
    """A statement with the form is refused under its name."""
    assert [line.partition(":")[0] for line in _found(WRONG[name][place]())].count(name) == 1


def test_every_form_is_planted() -> None:
    """No form is looked for that no test has seen found."""
    from dev.tsql.forms import FORMS
    from dev.tsql.texts import WORDS

    assert {each.name for each in (*FORMS, *WORDS)} | {"unknown function"} == set(WRONG)


LINE = cast(c.id, UnicodeText) + literal(" ", UnicodeText) + cast(c.city, UnicodeText)
RIGHT: dict[str, Callable[[], ClauseElement]] = {
    "plain conditions": lambda: IDS.where(c.city == "x", c.state.is_(None), not_(c.type.in_(["a", "b"]))),
    "boolean column": lambda: IDS.where(c.requires_photo == true(), c.requires_device == false()),
    "list": lambda: IDS.where(InJsonList(c.id, ["x"])),
    "no list": lambda: IDS.where(not_(InJsonList(c.id, ["x"])), c.city == "x"),
    "exists": lambda: IDS.where(exists().where(banks.c.id == c.client_bank)),
    "case": lambda: select(func.sum(case((c.city == "x", 1), else_=0))),
    "text": lambda: select(func.aggregate_strings(LINE, "\n")),
    "limit": lambda: IDS.order_by(c.created_at.desc()).limit(3).offset(5),
    "compound in a subquery": lambda: select(union_all(IDS, IDS).subquery().c.id).order_by("id").limit(3),
    "instants": lambda: IDS.where(c.created_at < literal(AT, Instant()), c.started_at < utc_now()),
    "minutes": lambda: select(minutes_between(c.started_at, c.completed_at)),
    "distinct": lambda: select(c.city.label("x"), c.state).distinct().order_by(c.city.desc()),
    "same collation": lambda: IDS.where(job.requested_by == user_profiles.c.subject),
    "words in texts": lambda: select(literal_column("'limit true || now()'"), literal_column("[weekday]")),
    "grouped": lambda: select(c.city, func.count()).group_by(c.city).having(func.count() > 1),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_form_passes(name: str) -> None:
    """Nothing is found where nothing is wrong."""
    assert _found(RIGHT[name]()) == []


def test_what_cannot_be_compiled_is_found() -> None:
    """Another database's own construct is told, not raised."""
    upsert: Any = postgresql.insert(banks).values(id="x").on_conflict_do_nothing()
    assert len(_found(upsert)) > 0
    assert len(_found(IDS.offset(5))) > 0


def test_parameters_are_counted() -> None:
    """More than the driver can pass are too many, also without a list."""
    many = IDS.where(and_(*(c.city != str(number) for number in range(2_001))))
    assert [line.partition(",")[0] for line in _found(many)] == ["2001 parameters"]


def test_a_list_is_a_condition_of_its_own() -> None:
    """SQLAlchemy does not compare it with 1, which T-SQL has no form for, alone, among others or negated."""
    for statement in (RIGHT["list"](), RIGHT["no list"]()):
        assert "= 1" not in compiled(azure_sql(), "list", statement).sql
        assert "= 0" not in compiled(azure_sql(), "list", statement).sql
