"""Rate limits: exactly so many an hour, for persons and for addresses, however many ask at the same moment."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select, update

from shared.access.limits import WINDOW
from shared.errors import InvalidParameters, RateLimitExceeded, ReportingError
from shared.jobs.submit import Caller, Receipt, accept
from shared.jobs.sweep import sweep
from shared.ports import Services
from shared.tables import audit_log, preview_requests, report_jobs
from tests.at_once import at_once
from tests.jobs import accepted, set_row, with_settings
from tests.world import World, request

NUMBERS = count(1)
PREVIEW = request(output={"isPreview": True})
MINUTE = timedelta(minutes=1)
MANY = 1_000


@pytest.fixture(name="services")
def _services(shared_services: Services) -> Services:
    return shared_services


@pytest.fixture(name="world")
def _world(shared_world: World) -> World:
    return shared_world


def _limited(services: Services, user: int = MANY, address: int = MANY, previews: int = MANY) -> Services:
    limits = {"reports_per_user": user, "reports_per_address": address, "previews_per_user": previews}
    return with_settings(services, **limits)


def _address() -> str:
    """One that nobody has asked from."""
    return f"198.51.100.{next(NUMBERS)}"


def _count(services: Services, column: Any, value: str, *conditions: ColumnElement[bool]) -> int:
    with services.reporting.read() as connection:
        statement = select(func.count()).where(column == value, *conditions)
        return int(connection.execute(statement).scalar_one())


def _asking(services: Services, caller: Caller, body: dict[str, Any] | None = None) -> Callable[[], object]:
    return lambda: accept(services, caller, body or request())


def _asked_before(services: Services, world: World, subject: str, *minutes: float) -> list[str]:
    """Jobs that the person asked for so many minutes ago."""
    ids = []
    for each in minutes:
        job_id = accepted(services, world, subject).job_id
        set_row(services, job_id, created_at=datetime.now(UTC) - each * MINUTE)
        ids.append(job_id)
    return ids


def _refusal(services: Services, caller: Caller, body: dict[str, Any] | None = None) -> RateLimitExceeded:
    with pytest.raises(RateLimitExceeded) as caught:
        accept(services, caller, body or request())
    return caught.value


# --- At the same moment


def test_person_gets_exactly_the_limit(services: Services, world: World) -> None:
    """Of fourteen requests of one person at once five pass, with a line in the audit trail each; the others do not."""
    services, caller = _limited(services, user=5), world.caller(world.person())
    ends = at_once([_asking(services, caller)] * 14, RateLimitExceeded)
    assert sum(isinstance(end, Receipt) for end in ends) == 5
    subject = caller.principal.subject
    assert _count(services, report_jobs.c.requested_by, subject) == 5
    assert _count(services, audit_log.c.actor, subject, audit_log.c.outcome == "ok") == 5


def test_address_gets_exactly_the_limit(services: Services, world: World) -> None:
    """Of fourteen people behind one address five pass, while one from elsewhere is not held up."""
    services = _limited(services, address=5)
    address = _address()
    callers = [replace(world.caller(world.person()), address=address) for _ in range(14)]
    elsewhere = replace(world.caller(world.person()), address=_address())
    *ends, other = at_once([_asking(services, caller) for caller in (*callers, elsewhere)], RateLimitExceeded)
    assert sum(isinstance(end, Receipt) for end in ends) == 5
    assert isinstance(other, Receipt)
    assert {end.details["per"] for end in ends if isinstance(end, RateLimitExceeded)} == {"address"}


def test_both_limits_hold_together(services: Services, world: World) -> None:
    """Three people who ask in turn from two addresses pass up to both limits, and nobody waits for ever."""
    services = _limited(services, user=3, address=4)
    people = [world.caller(world.person()) for _ in range(3)]
    addresses = [_address(), _address()]
    callers = [replace(people[number % 3], address=addresses[number % 2]) for number in range(18)]
    ends = at_once([_asking(services, caller) for caller in callers], RateLimitExceeded)
    assert sum(isinstance(end, Receipt) for end in ends) == 8


def test_previews_have_exactly_their_limit(services: Services, world: World) -> None:
    """Of eight previews of one person at once three are shown."""
    services, caller = _limited(services, previews=3), world.caller(world.person())
    ends = at_once([_asking(services, caller, PREVIEW)] * 8, RateLimitExceeded)
    assert sum(isinstance(end, dict) for end in ends) == 3
    assert _count(services, preview_requests.c.requested_by, caller.principal.subject) == 3


# --- What counts


def test_refusal_does_not_count(services: Services, world: World) -> None:
    """Whoever goes on asking while he is refused does not push his turn further away."""
    subject = world.person()
    (oldest, _) = _asked_before(services, world, subject, 59, 30)
    services, caller = _limited(services, user=2), world.caller(subject)
    for _ in range(3):
        assert _refusal(services, caller).retry_after == pytest.approx(60, abs=5)
    set_row(services, oldest, created_at=datetime.now(UTC) - WINDOW)
    assert isinstance(accept(services, caller, request()), Receipt)
    assert _refusal(services, caller).retry_after == pytest.approx(30 * 60, abs=5)


def test_wrong_request_does_not_count(services: Services, world: World) -> None:
    """A request that is refused for another reason leaves the limit as it was."""
    services, caller = _limited(services, user=1, previews=1), world.caller(world.person())
    for output in ({}, {"isPreview": True}):
        with pytest.raises(InvalidParameters):
            accept(services, caller, request(params={"dateTo": "soon"}, output=output))
        accept(services, caller, request(output=output))
        _refusal(services, caller, request(output=output))


def test_previews_and_reports_are_counted_apart(services: Services, world: World) -> None:
    """Who has used up his reports may still look at previews, and the other way round."""
    services, caller = _limited(services, user=1, previews=1), world.caller(world.person())
    accept(services, caller, request())
    assert isinstance(accept(services, caller, PREVIEW), dict)
    assert _refusal(services, caller).details["per"] == "user"
    assert _refusal(services, caller, PREVIEW).details == {"limit": 1, "per": "user", "windowSeconds": 3600}


@pytest.mark.parametrize("via", ["schedule", "queue"])
def test_jobs_of_schedules_and_messages_are_exempt(services: Services, world: World, via: str) -> None:
    """What a schedule or another service asked for in a person's name does not use up his limit."""
    subject = world.person()
    address = _address()
    for job_id in _asked_before(services, world, subject, 1, 2, 3):
        set_row(services, job_id, requested_via=via, requested_address=address)
    services, caller = _limited(services, user=1, address=1), replace(world.caller(subject), address=address)
    assert isinstance(accept(services, caller, request()), Receipt)
    _refusal(services, caller)


def test_cancelled_and_failed_jobs_count(services: Services, world: World) -> None:
    """A report that was asked for has been asked for, whatever became of it."""
    subject = world.person()
    for job_id, status in zip(_asked_before(services, world, subject, 1, 2), ("cancelled", "failed"), strict=True):
        set_row(services, job_id, status=status)
    _refusal(_limited(services, user=2), world.caller(subject))


def test_other_people_are_not_held_up(services: Services, world: World) -> None:
    """One person's limit is nobody else's."""
    services = _limited(services, user=1)
    accept(services, world.caller(world.person()), request())
    assert isinstance(accept(services, world.caller(world.person()), request()), Receipt)


def test_unknown_address_is_not_counted(services: Services, world: World) -> None:
    """Where the platform tells no address, the person's limit alone holds."""
    services = _limited(services, address=1)
    for _ in range(2):
        caller = replace(world.caller(world.person()), address=None)
        assert isinstance(accept(services, caller, request()), Receipt)


# --- The window


def test_window_slides(services: Services, world: World) -> None:
    """An hour after the oldest of the counted one more may pass, not a whole new set."""
    subject = world.person()
    _asked_before(services, world, subject, 60.1, 40, 20)
    services, caller = _limited(services, user=3), world.caller(subject)
    assert isinstance(accept(services, caller, request()), Receipt)
    refused = _refusal(services, caller)
    assert refused.retry_after == pytest.approx(20 * 60, abs=5)
    assert refused.details == {"limit": 3, "per": "user", "windowSeconds": 3600}


def test_time_to_wait_is_until_enough_have_left(services: Services, world: World) -> None:
    """Under a limit that was lowered meanwhile, the wait is for as many as are too many."""
    subject = world.person()
    _asked_before(services, world, subject, 50, 30, 10)
    assert _refusal(_limited(services, user=2), world.caller(subject)).retry_after == pytest.approx(30 * 60, abs=5)


def test_time_to_wait_is_never_nothing(services: Services, world: World) -> None:
    """A client that waits as long as it was told passes: the seconds are rounded up, and at least one."""
    subject = world.person()
    (job_id,) = _asked_before(services, world, subject, 59.999)
    services, caller = _limited(services, user=1), world.caller(subject)
    assert _refusal(services, caller).retry_after == 1
    set_row(services, job_id, created_at=datetime.now(UTC) - WINDOW)
    assert isinstance(accept(services, caller, request()), Receipt)


def test_previews_that_nobody_counts_are_forgotten(services: Services, world: World) -> None:
    """The timer keeps previews while a limit may count them, and no longer than two hours."""
    services, caller = _limited(services, previews=2), world.caller(world.person())
    asked, subject = preview_requests.c, caller.principal.subject
    for hours in (3, 0.9):
        accept(services, caller, PREVIEW)
        with services.reporting.transaction() as connection:
            of_now = (asked.requested_by == subject) & (asked.at > datetime.now(UTC) - MINUTE)
            then = datetime.now(UTC) - timedelta(hours=hours)
            connection.execute(update(preview_requests).where(of_now).values(at=then))
    asyncio.run(sweep(services))
    assert _count(services, asked.requested_by, subject) == 1
    accept(services, caller, PREVIEW)
    assert _refusal(services, caller, PREVIEW).retry_after == pytest.approx(6 * 60, abs=5)


def test_refusal_is_a_429(services: Services, world: World) -> None:
    """A refusal is the caller's error, with status, code and seconds for the answer's header."""
    services, caller = _limited(services, user=1), world.caller(world.person())
    accept(services, caller, request())
    error: ReportingError = _refusal(services, caller)
    assert (error.status, error.code, error.retry_after) == (429, "RATE_LIMIT_EXCEEDED", 3600)
