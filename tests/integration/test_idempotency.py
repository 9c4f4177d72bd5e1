"""The Idempotency-Key: a request that is sent again, or twice at once, is one job and one count."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.errors import Conflict, InvalidParameters, RateLimitExceeded
from shared.jobs.submit import Caller, Headers, Receipt, accept
from shared.jobs.sweep import sweep
from shared.ports import Services
from shared.tables import audit_log, preview_requests, report_jobs
from tests.at_once import at_once
from tests.jobs import row_of, run, set_row, with_settings
from tests.world import World, request

KEY = "order-66"
OTHER = request(params={"status": ["completed"]})


@pytest.fixture(name="services")
def _services(shared_services: Services) -> Services:
    return shared_services


@pytest.fixture(name="world")
def _world(shared_world: World) -> World:
    return shared_world


def _asked(services: Services, caller: Caller, body: dict[str, Any] | None = None, key: str = KEY) -> Receipt:
    receipt = accept(services, caller, body or request(), Headers(key))
    assert isinstance(receipt, Receipt)
    return receipt


def _jobs(services: Services, *callers: Caller) -> int:
    """How many jobs these people have."""
    with services.reporting.read() as connection:
        of_them = report_jobs.c.requested_by.in_([caller.principal.subject for caller in callers])
        return int(connection.execute(select(func.count()).where(of_them)).scalar_one())


# --- The same request


def test_same_request_is_the_same_job(services: Services, world: World) -> None:
    """Sent again, a request gives the job it made before, with its trace, and says that nothing is new."""
    caller = world.caller(world.person())
    first = _asked(services, caller)
    again = _asked(services, caller)
    assert (again.job_id, again.trace, again.is_small) == (first.job_id, first.trace, first.is_small)
    assert (first.is_new, again.is_new) == (True, False)
    assert _jobs(services, caller) == 1


def test_requests_at_once_are_one_job(services: Services, world: World) -> None:
    """Ten threads that send the same request at the same moment get one job, and one of them has made it."""
    caller = world.caller(world.person())
    receipts = at_once([lambda: _asked(services, caller)] * 10)
    jobs = {each.job_id for each in receipts if isinstance(each, Receipt)}
    assert len(jobs) == _jobs(services, caller) == 1
    assert sorted(each.is_new for each in receipts if isinstance(each, Receipt)) == [False] * 9 + [True]
    with services.reporting.read() as connection:
        of_him = audit_log.c.actor == caller.principal.subject
        actions = Counter(connection.execute(select(audit_log.c.action).where(of_him)).scalars())
    assert actions["report_requested"] == 1


def test_repeated_request_is_not_counted(services: Services, world: World) -> None:
    """The last report that a limit allows may be sent again as often as one likes; a new one is refused."""
    services, caller = with_settings(services, reports_per_user=1), world.caller(world.person())
    first = _asked(services, caller)
    assert {_asked(services, caller).job_id for _ in range(3)} == {first.job_id}
    with pytest.raises(RateLimitExceeded):
        _asked(services, caller, key="another")


def test_requests_at_once_are_one_count(services: Services, world: World) -> None:
    """At the limit's edge, too: of many that are the same at the same moment none is refused for the first one."""
    services, caller = with_settings(services, reports_per_user=1), world.caller(world.person())
    receipts = at_once([lambda: _asked(services, caller)] * 10)
    assert len({each.job_id for each in receipts if isinstance(each, Receipt)}) == 1
    assert _jobs(services, caller) == 1


def test_order_of_the_fields_does_not_matter(services: Services, world: World) -> None:
    """Two bodies that say the same are the same, in whatever order, and whatever an old client adds."""
    caller = world.caller(world.person())
    body = request(output={"locale": "en-GB"})
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in body.items()}
    first = _asked(services, caller, body)
    again = _asked(services, caller, dict(reversed(turned.items())) | {"requestorId": "somebody"})
    assert again.job_id == first.job_id


def test_repeat_finds_a_job_that_has_ended(services: Services, world: World) -> None:
    """A client that lost the answer finds the finished job by its key, and no second one is made."""
    caller = world.caller(world.person())
    job_id = _asked(services, caller).job_id
    row = run(services, job_id)
    assert row.status == "completed"
    assert _asked(services, caller).job_id == job_id
    assert row_of(services, job_id) == row


# --- Another request


def test_key_of_another_request_is_refused(services: Services, world: World) -> None:
    """The key of one request does not serve for another; the first one keeps it."""
    caller = world.caller(world.person())
    first = _asked(services, caller)
    with pytest.raises(Conflict):
        _asked(services, caller, OTHER)
    assert _asked(services, caller).job_id == first.job_id
    assert _jobs(services, caller) == 1


def test_two_requests_at_once_under_one_key(services: Services, world: World) -> None:
    """Of two kinds of request under one key at the same moment one makes a job, and the others are told so."""
    caller = world.caller(world.person())
    bodies = [request(), OTHER] * 4
    ends = at_once([partial(_asked, services, caller, body) for body in bodies], Conflict)
    assert Counter(type(end) for end in ends) == {Receipt: 4, Conflict: 4}
    assert {type(end) for end in ends[::2]} != {type(end) for end in ends[1::2]}
    assert _jobs(services, caller) == 1


def test_key_is_of_one_person(services: Services, world: World) -> None:
    """Two people who use the same key, as clients do that count from one, have nothing to do with each other."""
    people = [world.caller(world.person()) for _ in range(2)]
    receipts = [_asked(services, caller) for caller in people]
    assert all(each.is_new for each in receipts)
    assert [_asked(services, caller).job_id for caller in people] == [each.job_id for each in receipts]
    assert _jobs(services, *people) == 2


def test_preview_takes_no_notice(services: Services, world: World) -> None:
    """A preview makes no job, so a key means nothing to it: it is shown, counted, and leaves the key alone."""
    caller, preview = world.caller(world.person()), request(output={"isPreview": True})
    for _ in range(2):
        assert isinstance(accept(services, caller, preview, Headers(KEY)), dict)
    with services.reporting.read() as connection:
        of_him = preview_requests.c.requested_by == caller.principal.subject
        assert connection.execute(select(func.count()).where(of_him)).scalar_one() == 2
    assert _asked(services, caller).is_new


@pytest.mark.parametrize("key", ["", "with space", "x" * 129, "naïve", "tab\t", "line\n"])
def test_odd_key_is_refused(services: Services, world: World, key: str) -> None:
    """A key is 1 to 128 visible ASCII characters; anything else is refused by name, and nothing is written."""
    caller = world.caller(world.person())
    with pytest.raises(InvalidParameters) as caught:
        _asked(services, caller, key=key)
    assert [each["path"] for each in caught.value.details] == ["Idempotency-Key"]
    assert _jobs(services, caller) == 0


# --- In time


def test_key_is_forgotten_after_its_lifetime(services: Services, world: World) -> None:
    """The timer frees a key when it is old enough, not before; the job stays, and the key makes a new one."""
    services, caller = with_settings(services, key_lifetime=timedelta(hours=2)), world.caller(world.person())
    first = _asked(services, caller).job_id
    run(services, first)
    for age, is_new in ((timedelta(hours=1.9), False), (timedelta(hours=2.1), True)):
        set_row(services, first, created_at=datetime.now(UTC) - age)
        asyncio.run(sweep(services))
        assert _asked(services, caller).is_new == is_new
    assert row_of(services, first).status == "completed"
    assert _jobs(services, caller) == 2
