"""Rights at run time: between the request and the run they may go or shrink, and the file follows them."""

from typing import Any

import pytest
from sqlalchemy import update

from shared.ports import Services
from shared.tables import user_profiles
from tests.jobs import blob_names, files, run, submitted
from tests.world import World, request


def _change_person(services: Services, subject: str, **values: Any) -> None:
    with services.costar.transaction() as connection:
        connection.execute(update(user_profiles).where(user_profiles.c.subject == subject).values(**values))


@pytest.mark.parametrize("change", [{"active": False}, {"role": "engineer"}, {"role": "account_manager"}])
def test_requester_who_lost_his_rights(services: Services, world: World, change: dict[str, Any]) -> None:
    """Somebody who may not run the report any more when it runs gets no file: UNAUTHORIZED."""
    world.call(world.bank())
    subject = world.person()
    job_id = submitted(services, world, subject)
    _change_person(services, subject, **change)
    row = run(services, job_id)
    assert (row.status, row.error_code) == ("failed", "UNAUTHORIZED")
    assert blob_names(services) == []


def test_requester_who_is_gone(services: Services, world: World) -> None:
    """The job of somebody who was removed fails; the row keeps his subject."""
    subject = world.person()
    job_id = submitted(services, world, subject)
    with services.costar.transaction() as connection:
        connection.execute(user_profiles.delete())
    row = run(services, job_id)
    assert (row.status, row.error_code, row.requested_by) == ("failed", "UNAUTHORIZED", subject)


def test_requester_whose_rights_shrank(services: Services, world: World) -> None:
    """An administrator who was cut to one bank meanwhile gets that bank's calls only."""
    ours, theirs = world.bank(), world.bank()
    world.call(ours, client_name="OURS")
    world.call(theirs, client_name="THEIRS")
    world.call(None, client_name="NOBODYS")
    subject = world.person()
    job_id = submitted(services, world, subject)
    _change_person(services, subject, role="bank_admin", bank_id=ours)
    row = run(services, job_id)
    content = files(services).read(row.blob_name, 10**6)
    assert (row.status, row.row_count) == ("completed", 1)
    assert b"OURS" in content
    assert b"THEIRS" not in content
    assert b"NOBODYS" not in content


def test_requester_who_moved_to_another_bank(services: Services, world: World) -> None:
    """A bank administrator who changed banks gets neither the old bank's calls nor an empty file."""
    ours, theirs = world.bank(), world.bank()
    world.call(ours)
    subject = world.person("bank_admin", ours)
    job_id = submitted(services, world, subject)
    _change_person(services, subject, bank_id=theirs)
    row = run(services, job_id)
    assert (row.status, row.error_code) == ("failed", "UNAUTHORIZED")


def test_bank_filter_outside_the_shrunk_rights(services: Services, world: World) -> None:
    """A filter for a bank that is not his any more ends the job like one for a bank that never was."""
    ours, theirs = world.bank(), world.bank()
    subject = world.person()
    job_id = submitted(services, world, subject, request(params={"banks": [theirs]}))
    _change_person(services, subject, role="bank_admin", bank_id=ours)
    row = run(services, job_id)
    assert (row.status, row.error_code) == ("failed", "NOT_FOUND")
