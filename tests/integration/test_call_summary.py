"""Call Summary over a small world with every reason to be left out, and every odd value, planted once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import mssql
from sqlalchemy.sql.visitors import iterate

from shared.access.scope import BankScope, ScopedReader
from shared.clock import local_date, local_midnight
from shared.document import Document, Facts, Row
from shared.ports import Services
from shared.reports import ReportData, catalogue
from shared.tables import calls
from tests.jobs import with_settings
from tests.world import World

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = NOW - 3 * DAY
OLD = NOW - 10 * DAY


@contextmanager
def _built(services: Services, scope: BankScope | None = None, **params: Any) -> Iterator[tuple[Document, list[Any]]]:
    """The document over ten days before today and five after, and the statements that made it."""
    today = local_date(NOW, services.settings.zone)
    report = catalogue()["call-summary"]
    asked = {"dateFrom": (today - 10 * DAY).isoformat(), "dateTo": (today + 5 * DAY).isoformat(), **params}
    statements: list[Any] = []
    with services.costar.snapshot() as snapshot:
        reader = ScopedReader(snapshot)
        connection = snapshot._connection  # type: ignore[attr-defined] # the real snapshot has one
        event.listen(connection, "before_execute", lambda _c, statement, *_more: statements.append(statement))
        data = ReportData(
            reader, scope or BankScope.everything(), services.settings, NOW, "Test", lambda _photos: [], None
        )
        yield report.build(report.parameters.model_validate(asked), data), statements


def _info(document: Document) -> list[Row]:
    (table,) = document.closing(Facts("xlsx", {}))
    return list(table.rows())


def _told(document: Document) -> list[Row]:
    """What this period's figures leave out."""
    lines = [row for row in _info(document) if str(row[0]).startswith(("Excluded", "Reconciled"))]
    return [row for row in lines if "(previous period)" not in str(row[0])]


def _sheet(document: Document, name: str) -> list[list[Any]]:
    (table,) = (table for table in document.tables if table.name == name)
    return [[column.label for column in table.columns], *map(list, table.rows())]


@pytest.fixture(name="odd")
def _odd(services: Services, world: World) -> Services:
    """Thirteen calls, each of which some figure leaves out for a reason of its own; and one that is in all."""
    bank, engineer = world.bank("=Alpha"), world.engineer()
    today = local_date(NOW, services.settings.zone)
    evening = local_midnight(today - 3 * DAY, services.settings.zone) - timedelta(seconds=1)

    def call(status: str, days: int = -3, **values: Any) -> str:
        return world.call(values.pop("bank", bank), status=status, scheduled_date=today + days * DAY, **values)

    call("pending", 5)
    call("pending", assigned_engineer=engineer)
    call("assigned", 0, priority="low", assigned_at=NOW - timedelta(minutes=5), assigned_engineer=engineer)
    call("assigned", priority="urgent", assigned_at=LONG_AGO, assigned_engineer=engineer)
    call("in_progress", assigned_at=LONG_AGO, started_at=LONG_AGO - HOUR)
    whole = call("completed", -4, priority="high", assigned_at=evening - HOUR, started_at=evening, completed_at=evening)
    for hours in (3, 2):
        world.event(whole, at=evening - hours * HOUR)
    world.event(whole, "NOTE", at=OLD)
    call("completed", assigned_at=LONG_AGO, completed_at=LONG_AGO - HOUR)
    call("completed")
    call("completed", priority="urgent", assigned_at=LONG_AGO, started_at=LONG_AGO + 2 * HOUR)
    call("cancelled", assigned_at=LONG_AGO)
    call("cancelled")
    call("completed", priority=None, bank=None, assigned_at=OLD, started_at=OLD + HOUR, completed_at=LONG_AGO + 2 * DAY)
    call("completed", priority="critical", assigned_at=OLD, started_at=OLD + 5 * HOUR, completed_at=OLD + 6 * HOUR)
    world.call(bank, scheduled_date=None)
    world.call(bank, scheduled_date=today - 11 * DAY)
    return services


def test_every_reason_is_told_with_its_count_and_sum(odd: Services) -> None:
    """Each figure tells, reason by reason, what it leaves out, and each sum is the number of calls in scope."""
    with _built(odd) as (document, _):
        told = _told(document)
    assert told == [
        ("Excluded from Avg Resolution Time", "not completed yet: 5"),
        ("Excluded from Avg Resolution Time", "cancelled: 2"),
        ("Excluded from Avg Resolution Time", "completed, no first assignment: 1"),
        ("Excluded from Avg Resolution Time", "completed, no completion time: 1"),
        ("Excluded from Avg Resolution Time", "completed before the first assignment: 1"),
        ("Reconciled: Avg Resolution Time", "in scope 13 = counted 3 + excluded 10"),
        ("Excluded from Avg Response Time", "no first assignment: 4"),
        ("Excluded from Avg Response Time", "cancelled before the start: 1"),
        ("Excluded from Avg Response Time", "completed without a start time: 1"),
        ("Excluded from Avg Response Time", "not started yet: 2"),
        ("Excluded from Avg Response Time", "started before the first assignment: 1"),
        ("Reconciled: Avg Response Time", "in scope 13 = counted 4 + excluded 9"),
        ("Excluded from On-Time %", "not completed yet: 5"),
        ("Excluded from On-Time %", "cancelled: 2"),
        ("Reconciled: On-Time %", "in scope 13 = counted 6 + excluded 7"),
        ("Excluded from SLA Met %", "no first assignment: 4"),
        ("Excluded from SLA Met %", "cancelled before the start: 1"),
        ("Excluded from SLA Met %", "open: not started, still inside the limit: 1"),
        ("Excluded from SLA Met %", "started before the first assignment: 1"),
        ("Reconciled: SLA Met %", "in scope 13 = counted 6 + excluded 7"),
        ("Excluded from Open & Overdue", "completed: 6"),
        ("Excluded from Open & Overdue", "cancelled: 2"),
        ("Excluded from Open & Overdue", "open, scheduled for the as-of date or later: 2"),
        ("Reconciled: Open & Overdue", "in scope 13 = counted 3 + excluded 10"),
        ("Excluded from Unassigned", "not pending: 11"),
        ("Excluded from Unassigned", "pending with an engineer: 1"),
        ("Reconciled: Unassigned", "in scope 13 = counted 1 + excluded 12"),
        ("Excluded from priority as recorded", "no priority, taken as medium: 1"),
        ("Excluded from priority as recorded", "unknown priority, taken as medium: 1"),
        ("Reconciled: priority as recorded", "in scope 13 = counted 11 + excluded 2"),
        ("Excluded from completion time as recorded", "completed, no completion time, taken as not on time: 2"),
        ("Reconciled: completion time as recorded", "in scope 13 = counted 11 + excluded 2"),
        ("Reconciled: status as recorded", "in scope 13 = counted 13 + excluded 0"),
    ]


def test_figures_count_what_is_left(odd: Services) -> None:
    """The figures are those of the calls that no reason keeps out, calculated by hand."""
    with _built(odd) as (document, _):
        values = {kpi.label: kpi.value for kpi in document.kpis}
        previous = {kpi.label: kpi.previous for kpi in document.kpis}
    assert [values[name] for name in ("Total Calls", "Pending", "Assigned", "In Progress")] == [13, 2, 2, 1]
    assert [values[name] for name in ("Completed", "Cancelled", "Open & Overdue", "Unassigned")] == [6, 2, 3, 1]
    late_resolution = 7 * 24 * 60 + 48 * 60
    assert values["Avg Resolution Time"] == pytest.approx((180 + late_resolution + 360) / 3)
    assert values["Avg Response Time"] == pytest.approx((180 + 120 + 60 + 300) / 4)
    assert values["SLA Met %"] == pytest.approx(100 / 6)
    assert values["On-Time %"] == pytest.approx(100 * 3 / 6)
    assert (previous["Total Calls"], previous["Avg Response Time"], previous["SLA Met %"]) == (1, None, None)


def test_odd_values_have_places_of_their_own(odd: Services) -> None:
    """Calls without bank or priority, and priorities nobody knows, stand in the pivots under names that say so."""
    with _built(odd) as (document, _):
        by_status, by_priority = _sheet(document, "By Status"), _sheet(document, "By Priority")
        by_bank = _sheet(document, "By Bank")
    assert by_status[0] == ["Status", "=Alpha", "(no bank)", "Total"]
    assert by_status[4:] == [["Completed", 5, 1, 6], ["Cancelled", 2, 0, 2], ["Total", 12, 1, 13]]
    assert [(row[0], row[-1]) for row in by_priority[5:]] == [("Critical", 1), ("(no priority)", 1), ("Total", 13)]
    assert by_bank[-2:] == [["(no bank)", 0, 0, 0, 1, 0, 1], ["Total", 2, 2, 1, 6, 2, 13]]


def test_a_day_of_grace_makes_more_calls_on_time(odd: Services) -> None:
    """The setting moves the last date on which a completion is on time, and Export Info tells it."""
    with _built(with_settings(odd, on_time_grace_days=2)) as (document, _):
        (value,) = (kpi.value for kpi in document.kpis if kpi.label == "On-Time %")
        (formula,) = (row[1] for row in _info(document) if row[0] == "Formula: On-Time %")
    assert value == pytest.approx(100 * 4 / 6)
    assert "2 days after the scheduled date" in str(formula)


def test_a_state_nobody_knows_is_in_the_total_and_told(services: Services, world: World) -> None:
    """A status outside the five counts as a call, stands in the pivots, and Export Info says in what it is missing."""
    world.call(world.bank(), status="lost", scheduled_date=local_date(NOW, services.settings.zone))
    with _built(services) as (document, _):
        told = _told(document)
        assert sum(row[1] for row in _sheet(document, "Trends")[1:]) == 1
        assert _sheet(document, "By Status")[-2:] == [["Lost", 1, 1], ["Total", 1, 1]]
    assert ("Excluded from status as recorded", "unknown status, in no count but the total: 1") in told
    assert ("Excluded from Open & Overdue", "status unknown: 1") in told


def test_banks_of_one_name_stay_apart(services: Services, world: World) -> None:
    """Two banks of the same name have columns of their own, told apart by their codes."""
    for code in ("ONE", "TWO"):
        world.call(world.bank("Twin", code=code), scheduled_date=local_date(NOW, services.settings.zone))
    with _built(services) as (document, _):
        assert _sheet(document, "By Status")[0] == ["Status", "Twin (ONE)", "Twin (TWO)", "Total"]


def test_weeks_begin_on_monday_and_keep_to_the_range(services: Services, world: World) -> None:
    """A week that begins before the range counts the days of the range only; ISO years are those of their weeks."""
    bank = world.bank()
    for day in (date(2020, 12, 30), date(2020, 12, 31), date(2021, 1, 3), date(2021, 1, 4)):
        world.call(bank, scheduled_date=day)
    with _built(services, dateFrom="2020-12-31", dateTo="2021-01-04") as (document, _):
        weeks = _sheet(document, "Trends (weekly)")
        days = _sheet(document, "Trends")
    assert [row[:3] for row in weeks[1:]] == [
        ["2020-W53", date(2020, 12, 28), 2],
        ["2021-W01", date(2021, 1, 4), 1],
    ]
    assert [row[1] for row in days[1:]] == [1, 0, 0, 1, 1]


def test_two_statements_read_the_calls_and_mean_the_same_in_t_sql(odd: Services) -> None:
    """However many sheets, two grouped statements read the calls; both compile for SQL Server without its traps."""
    with _built(odd, BankScope.of()) as (_, statements):
        reading = [each for each in statements if any(part is calls for part in iterate(each))]
    assert len(reading) == 2
    dialect: Any = mssql.dialect(deprecate_large_types=True)
    dialect.server_version_info = (16, 0)
    dialect._setup_version_attributes()
    for statement in reading:
        text = str(statement.compile(dialect=dialect))
        assert "GROUP BY" in text
        for trap in ("FILTER", "NULLS", "EXTRACT", "date_part", " IS 1", "LATERAL"):
            assert trap not in text
