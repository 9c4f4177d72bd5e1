"""Bank scope around the files (A4): who may ask for what, see which job, and choose from which lists."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.errors import NotFound, Unauthorized
from shared.jobs.catalogue import options_answer
from shared.jobs.status import find_job
from shared.jobs.submit import accept
from shared.ports import Services
from shared.tables import audit_log, report_jobs, user_profiles
from tests.jobs import blob_names, files, queue, run, submitted
from tests.telltales import NOBODYS, OURS, THEIRS, Banks, everything_shown, two_banks
from tests.world import World, count_rows, request

ROLES = ("bank_admin", "admin")


@pytest.fixture
def two(services: Services, world: World) -> Banks:
    """Two banks, and a call of no bank."""
    return two_banks(services, world)


def test_calls_without_a_bank(services: Services, world: World, two: Banks) -> None:
    """They are seen by an unrestricted administrator without a bank filter, and by nobody else and no bank filter."""
    subject = world.person()
    everything = everything_shown(services, world, subject, request())
    every_bank = everything_shown(services, world, subject, request(params={"banks": [two.ours, two.theirs]}))
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
