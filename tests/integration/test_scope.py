"""Bank scope end to end (A4): a canary in every text of every bank, and no foreign one in anything a person gets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import String, Table, insert, select

from shared.errors import NotFound, Unauthorized
from shared.jobs.catalogue import options_answer, reports_answer
from shared.jobs.status import find_job, generated_answer
from shared.jobs.submit import accept
from shared.ports import Services
from shared.reports import catalogue
from shared.tables import (
    audit_log,
    call_devices,
    call_events,
    calls,
    customer_surveys,
    devices,
    report_jobs,
    user_profiles,
)
from tests.jobs import blob_names, files, queue, run, submitted
from tests.world import DAY, MORNING, World, count_rows, request

OURS, THEIRS, NOBODYS = "canary-ours", "canary-theirs", "canary-nobodys"
ROLES = ("bank_admin", "admin")
REPORTS = [report.id for report in catalogue().values() if report.domain == "costar"]


@dataclass
class Banks:
    """Two banks whose every text tells whose it is, a call of no bank, and the engineers of each."""

    ours: str
    theirs: str
    our_engineer: str
    their_engineer: str


def _telltales(table: Table, word: str, *but: str) -> dict[str, str]:
    """A value with the word for every text column that takes any text."""
    texts = (column.name for column in table.columns if isinstance(column.type, String))
    return {name: f"{word} {name}" for name in texts if name not in but}


def _fill(services: Services, world: World, bank: str | None, word: str) -> str:
    """A bank's engineer, and a call with everything that can hang on a call; gives the engineer's id."""
    engineer = world.engineer(bank, **_telltales(user_profiles, word, "role", "id", "subject"))
    values = _telltales(calls, word, "type", "status", "priority")
    times = {"assigned_at": MORNING, "started_at": MORNING, "completed_at": MORNING, "status": "completed"}
    call = world.call(bank, **values, **times, assigned_engineer=engineer, metadata={"fault_description": word})
    world.event(call, **_telltales(call_events, word, "event_type"), actor_id=engineer, to_engineer=engineer)
    world.photo(call, f"{word}/photo.jpg", content_type=word)
    device = str(uuid4())
    survey = {"id": str(uuid4()), "call_id": call, "survey_date": MORNING, "created_at": MORNING, "overall_rating": 1}
    with services.costar.transaction() as connection:
        connection.execute(insert(devices).values(id=device, bank_id=bank, **_telltales(devices, word)))
        connection.execute(insert(call_devices).values(call_id=call, device_id=device, role="installed"))
        connection.execute(insert(customer_surveys).values(**survey, **_telltales(customer_surveys, word)))
    return engineer


@pytest.fixture
def two(services: Services, world: World) -> Banks:
    """Two banks, and a call of no bank."""
    ours, theirs = world.bank(f"{OURS} name", code=f"{OURS} code"), world.bank(f"{THEIRS} name", code=f"{THEIRS} code")
    made = Banks(ours, theirs, _fill(services, world, ours, OURS), _fill(services, world, theirs, THEIRS))
    call = world.call(None, **_telltales(calls, NOBODYS, "type", "status", "priority"))
    world.event(call, "NOTE", **_telltales(call_events, NOBODYS, "event_type"))
    world.photo(call, f"{NOBODYS}/photo.jpg")
    return made


def _body(report: str, params: Mapping[str, Any], **output: Any) -> dict[str, Any]:
    """A request with the dates that this report's parameters have."""
    fields = {field.alias for field in catalogue()[report].parameters.model_fields.values()}
    dates = {name: DAY.isoformat() for name in ("dateFrom", "dateTo") if name in fields}
    given = {name: value for name, value in params.items() if name in fields}
    return {"reportId": report, "params": {**dates, **given}, "output": {"format": "csv", **output}}


def _everything(services: Services, world: World, subject: str, body: Mapping[str, Any]) -> str:
    """All that a person gets to see on the way from the form to the file, as one text."""
    caller = world.caller(subject)
    preview = accept(services, caller, {**body, "output": {"isPreview": True}})
    job_id = submitted(services, world, subject, body)
    row = run(services, job_id)
    assert (row.status, row.error) == ("completed", None)
    told = [
        preview,
        reports_answer(caller.principal),
        options_answer(services, caller.principal),
        find_job(services, caller.principal, job_id).answer(services, caller),
        generated_answer(services, caller, job_id),
        row.summary,
        row.message,
        row.file_name,
    ]
    content = files(services).read(row.blob_name, 10**7).decode("utf-8-sig")
    return json.dumps(told, default=str, ensure_ascii=False) + content


def _filters(two: Banks) -> list[dict[str, Any]]:
    """No filter, the own bank, and filters that point at the other bank's engineer and region."""
    return [
        {},
        {"banks": [two.ours]},
        {"engineers": [two.their_engineer, two.our_engineer]},
        {"regions": [f"{THEIRS} region"]},
        {"regions": [f"{OURS} region"]},
    ]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("report", REPORTS)
def test_no_foreign_canary(services: Services, world: World, two: Banks, role: str, report: str) -> None:
    """A bank's administrator sees his own bank's texts, and in no answer and no file another bank's or nobody's."""
    subject = world.person(role, two.ours)
    for params in _filters(two):
        body = _body(report, params)
        seen = _everything(services, world, subject, body)
        foreign = seen.replace(f"{THEIRS} region", "") if "regions" in body["params"] else seen  # his own words
        assert THEIRS not in foreign
        assert NOBODYS not in seen
    assert OURS in _everything(services, world, subject, _body(report, {}))


@pytest.mark.parametrize("report", REPORTS)
def test_unrestricted_administrator_sees_all(services: Services, world: World, two: Banks, report: str) -> None:
    """An administrator of all banks sees every canary: the test above would notice one."""
    assert two.ours != two.theirs
    seen = _everything(services, world, world.person(), _body(report, {}))
    assert OURS in seen
    assert THEIRS in seen


def test_calls_without_a_bank(services: Services, world: World, two: Banks) -> None:
    """They are seen by an unrestricted administrator without a bank filter, and by nobody else and no bank filter."""
    subject = world.person()
    everything = _everything(services, world, subject, request())
    every_bank = _everything(services, world, subject, request(params={"banks": [two.ours, two.theirs]}))
    assert NOBODYS in everything
    assert NOBODYS not in every_bank
    assert THEIRS in every_bank


@pytest.mark.parametrize("output", [{"format": "csv"}, {"isPreview": True}], ids=["file", "preview"])
@pytest.mark.parametrize("role", ROLES)
def test_foreign_bank_in_a_filter(
    services: Services, world: World, two: Banks, role: str, output: dict[str, Any]
) -> None:
    """A foreign bank is NOT_FOUND in the words of one that does not exist; nothing but an audit line is written."""
    caller = world.caller(world.person(role, two.ours))
    sentences = set()
    for banks in ([two.theirs], [two.ours, two.theirs], [str(uuid4())], [two.theirs.upper()]):
        body = {**request(params={"banks": banks}), "output": output}
        with pytest.raises(NotFound) as caught:
            accept(services, caller, body)
        sentences.add(str(caught.value))
        assert caught.value.details is None
    assert len(sentences) == 1
    assert count_rows(services.reporting, report_jobs) == 0
    assert (blob_names(services), queue(services).size) == ([], 0)
    with services.reporting.read() as connection:
        lines = connection.execute(select(audit_log)).all()
    assert [(line.actor, line.outcome, line.target) for line in lines] == [
        (caller.principal.subject, "NOT_FOUND", None)
    ] * 4
    assert THEIRS not in str(lines)
    assert two.theirs not in str(lines)


def test_unknown_bank_of_an_unrestricted_administrator(services: Services, world: World, two: Banks) -> None:
    """Even who may see every bank learns that a bank of his filter does not exist."""
    with pytest.raises(NotFound):
        accept(services, world.caller(world.person()), request(params={"banks": [two.ours, str(uuid4())]}))


@pytest.mark.parametrize("role", ["account_manager", "engineer", "bank_admin"])
def test_roles_without_a_bank_see_nothing(services: Services, world: World, two: Banks, role: str) -> None:
    """Who may see no bank is refused, with an audit line where he is known; his choices are empty."""
    assert two.ours
    world.engineer(None)
    subject = world.person(role)
    if role != "account_manager":
        with pytest.raises(Unauthorized):
            world.caller(subject)
        return
    caller = world.caller(subject)
    with pytest.raises(Unauthorized):
        accept(services, caller, request())
    options = options_answer(services, caller.principal)
    assert (options["banks"], options["engineers"], options["regions"]) == ([], [], [])
    assert count_rows(services.reporting, audit_log) == 1


@pytest.mark.parametrize("change", [{"active": False}, {"role": "engineer"}])
def test_inactive_people_are_nobody(services: Services, world: World, change: dict[str, Any]) -> None:
    """Somebody inactive, without a fitting role or unknown is refused at every request."""
    with pytest.raises(Unauthorized):
        world.caller(world.person(**change))
    with pytest.raises(Unauthorized):
        world.caller("nobody at all")
    assert count_rows(services.reporting, report_jobs) == 0


def test_job_of_another_person(services: Services, world: World, two: Banks) -> None:
    """Another's job is told like one that does not exist, also to a colleague of the same bank and after a transfer."""
    owner = world.person("bank_admin", two.ours)
    job_id = submitted(services, world, owner, request())
    run(services, job_id)
    others = [
        world.person("bank_admin", two.ours),
        world.person("bank_admin", two.theirs),
        world.person("account_manager"),
    ]
    sentences = set()
    for subject, job in [*((each, job_id) for each in others), (owner, "job_0123456789abcdefghjkmnpqrs"), (owner, "x")]:
        with pytest.raises(NotFound) as caught:
            find_job(services, world.caller(subject).principal, job)
        sentences.add(str(caught.value))
    assert len(sentences) == 1
    for subject in (owner, world.person()):
        assert find_job(services, world.caller(subject).principal, job_id).row.job_id == job_id


def test_download_follows_the_rights_of_today(services: Services, world: World, two: Banks) -> None:
    """A file of a bank that is not his any more is gone for its requester, with its link."""
    owner = world.person("bank_admin", two.ours)
    job_id = submitted(services, world, owner, request())
    run(services, job_id)
    with services.costar.transaction() as connection:
        moved = user_profiles.update().where(user_profiles.c.subject == owner).values(bank_id=two.theirs)
        connection.execute(moved)
    with pytest.raises(NotFound):
        find_job(services, world.caller(owner).principal, job_id)


def test_links_are_for_one_file(services: Services, world: World, two: Banks) -> None:
    """The link in an answer opens that file until it expires, and no later."""
    owner = world.person("bank_admin", two.ours)
    job_id = submitted(services, world, owner, request())
    run(services, job_id)
    caller = world.caller(owner)
    url = find_job(services, caller.principal, job_id).answer(services, caller)["downloadUrl"]
    now = datetime.now(UTC)
    assert OURS.encode() in files(services).fetch(url, now).content
    with pytest.raises(Unauthorized):
        files(services).fetch(url, now + services.settings.link_lifetime)


def test_options_are_those_of_the_scope(services: Services, world: World, two: Banks) -> None:
    """The choices are the caller's own: active banks and engineers, and engineers of no bank, by name."""
    world.bank("Closed", active=False)
    free = world.engineer(None, full_name="Ada", region="East")
    world.engineer(two.ours, full_name="Gone", active=False)
    ours = options_answer(services, world.caller(world.person("bank_admin", two.ours)).principal)
    every = options_answer(services, world.caller(world.person()).principal)
    assert [each["id"] for each in ours["banks"]] == [two.ours]
    assert [each["id"] for each in ours["engineers"]] == [free, two.our_engineer]
    assert ours["regions"] == [f"{OURS} region", "East"]
    assert {each["id"] for each in every["banks"]} == {two.ours, two.theirs}
    assert {each["id"] for each in every["engineers"]} == {free, two.our_engineer, two.their_engineer}


def test_nobody_asks_in_anothers_name(services: Services, world: World, two: Banks) -> None:
    """A requestorId in the body changes nothing: the job belongs to who asked (A5)."""
    admin, owner = world.person(), world.person("bank_admin", two.ours)
    job_id = submitted(services, world, owner, request(requestorId=admin))
    row = run(services, job_id)
    assert (row.requested_by, row.scope) == (owner, {"banks": [two.ours]})
