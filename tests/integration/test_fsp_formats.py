"""The columns of a bank's FSP report: who may see and change them, what is refused, and what the report makes of it."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.errors import InvalidParameters, NotFound, Unauthorized
from shared.fsp_formats import change_format, format_answer
from shared.jobs.submit import accept
from shared.ports import Services
from shared.reports import FSP_COLUMNS
from shared.tables import audit_log, fsp_formats
from tests.jobs import files, run, submitted
from tests.world import World, request

STANDARD = [{"key": column.key, "heading": column.label} for column in FSP_COLUMNS]
TICKET, DONE = {"key": "callReference", "heading": "Ticket"}, {"key": "completionDate", "heading": "Erledigt am ✓"}
WRONG: dict[str, tuple[Any, list[str]]] = {
    "nothing": ({}, ["columns"]),
    "no column": ({"columns": []}, ["columns"]),
    "no list": ({"columns": "callReference"}, ["columns"]),
    "no object": ({"columns": ["callReference"]}, ["columns.0"]),
    "unknown field": ({"columns": [TICKET], "colour": "red"}, ["colour"]),
    "unknown key": ({"columns": [TICKET, {"key": "secret", "heading": "X"}]}, ["columns.1.key"]),
    "key twice": ({"columns": [TICKET, DONE, TICKET | {"heading": "Again"}]}, ["columns.2.key"]),
    "heading twice": ({"columns": [TICKET, DONE | {"heading": "TICKET"}]}, ["columns.1.heading"]),
    "no heading": ({"columns": [{"key": "city"}]}, ["columns.0.heading"]),
    "blank heading": ({"columns": [TICKET | {"heading": "  "}]}, ["columns.0.heading"]),
    "blanks around": ({"columns": [TICKET | {"heading": " Ticket"}]}, ["columns.0.heading"]),
    "two lines": ({"columns": [TICKET | {"heading": "A\nB"}]}, ["columns.0.heading"]),
    "control character": ({"columns": [TICKET | {"heading": "A\x07"}]}, ["columns.0.heading"]),
    "long heading": ({"columns": [TICKET | {"heading": "x" * 256}]}, ["columns.0.heading"]),
    "number": ({"columns": [TICKET | {"heading": 7}]}, ["columns.0.heading"]),
    "NUL": ({"columns": [TICKET | {"heading": "\x00"}]}, [""]),
}


def _trail(services: Services, subject: str) -> list[tuple[Any, ...]]:
    """What the audit trail has of this person's changes."""
    line = audit_log.c
    with services.reporting.read() as connection:
        found = connection.execute(select(line.action, line.target, line.outcome).where(line.actor == subject))
        return [tuple(row) for row in found]


@pytest.fixture(name="bank")
def _bank(world: World) -> str:
    return world.bank("Alpha")


def test_a_bank_without_columns_of_its_own_has_the_standard_ones(services: Services, world: World, bank: str) -> None:
    """All columns in their order, under the headings of the specification."""
    told = format_answer(services, world.caller(world.person()), bank.upper())
    assert told == {"success": True, "bankId": bank, "isCustom": False, "columns": STANDARD, "available": STANDARD}


def test_a_change_is_kept_and_written_down(services: Services, world: World, bank: str) -> None:
    """What an administrator chose is told from then on, and again after a second change; both are in the trail."""
    admin = world.person("bank_admin", bank)
    for columns in ([TICKET, DONE], [DONE]):
        changed = change_format(services, world.caller(admin), bank, {"columns": columns})
        assert changed == format_answer(services, world.caller(world.person()), bank)
        assert (changed["isCustom"], changed["columns"]) == (True, columns)
    assert _trail(services, admin) == [("fsp_format_changed", bank, "ok")] * 2


def test_only_who_may_see_the_bank(services: Services, world: World, bank: str) -> None:
    """Another bank's administrator finds none; neither does anybody a bank that is not there; the trail tells."""
    stranger, owner = world.person("bank_admin", world.bank("Beta")), world.person()
    for subject, asked in ((stranger, bank), (owner, str(UUID(int=0))), (owner, "x")):
        caller = world.caller(subject)
        with pytest.raises(NotFound):
            format_answer(services, caller, asked)
        with pytest.raises(NotFound):
            change_format(services, caller, asked, {"columns": [TICKET]})
    manager = world.person("account_manager")
    with pytest.raises(Unauthorized):
        format_answer(services, world.caller(manager), bank)
    with pytest.raises(Unauthorized):
        change_format(services, world.caller(manager), bank, {"columns": [TICKET]})
    assert _trail(services, stranger) == [("fsp_format_changed", None, "NOT_FOUND")]
    assert _trail(services, manager) == [("fsp_format_changed", None, "UNAUTHORIZED")]
    with services.reporting.read() as connection:
        assert connection.execute(select(fsp_formats)).all() == []


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_refused(services: Services, world: World, bank: str, name: str) -> None:
    """Each wrong field is named by its place, nothing of what was sent comes back, and nothing is written."""
    body, paths = WRONG[name]
    admin = world.person()
    with pytest.raises(InvalidParameters) as refused:
        change_format(services, world.caller(admin), bank, body)
    assert [each["path"] for each in refused.value.details] == paths
    assert "secret" not in str(refused.value.details)
    assert _trail(services, admin) == []
    assert not format_answer(services, world.caller(admin), bank)["isCustom"]


def test_the_report_takes_the_columns_at_its_run(services: Services, world: World, bank: str) -> None:
    """A job that was ordered before a change has the columns of the moment in which it is made."""
    world.call(bank, call_number="C-1", scheduled_date=None)
    world.call(bank, call_number="C-2")
    admin = world.person("bank_admin", bank)
    asked = request("call-details-fsp", params={"fspFormat": "custom"})
    job = submitted(services, world, admin, asked)
    change_format(services, world.caller(admin), bank, {"columns": [DONE, TICKET]})
    row = run(services, job)
    assert (row.status, row.row_count) == ("completed", 1)
    text = files(services).read(row.blob_name, 10_000).decode("utf-8-sig")
    assert [*csv.reader(io.StringIO(text))] == [["Erledigt am ✓", "Ticket"], ["", "C-2"]]
    preview = accept(services, world.caller(admin), asked | {"output": {"isPreview": True}})
    assert isinstance(preview, dict)
    assert [each["label"] for each in preview["sheets"][0]["columns"]] == ["Erledigt am ✓", "Ticket"]


def test_rows_of_several_sheets_are_counted_together(services: Services, world: World, bank: str) -> None:
    """With a sheet for each bank, the job's row count is that of all of them; banks of one name stay apart."""
    other = world.bank("Alpha")
    for each in (bank, other, other, None):
        world.call(each)
    row = run(
        services,
        submitted(
            services,
            world,
            body=request("call-details-fsp", params={"fspFormat": "custom"}, output={"format": "xlsx"}),
        ),
    )
    assert (row.status, row.row_count) == ("completed", 4)
