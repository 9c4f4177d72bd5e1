"""What the minute timer looks after: jobs whose message was never sent, and jobs whose worker died."""

from datetime import timedelta

from shared.errors import InternalError, QueueUnavailable
from shared.jobs import store
from shared.ports import Services
from shared.telemetry import Event

_GRACE = timedelta(seconds=30)  # the request itself sends within seconds
_AT_ONCE = 500


async def sweep(services: Services, resend_after: timedelta | None = None) -> dict[str, int]:
    """Rings for every job that nobody may know of, and fails those whose claims are used up; counts of both."""
    import asyncio

    waiting, failed = await asyncio.to_thread(_find, services, resend_after or services.settings.resend_after)
    sent = 0
    for job_id in waiting:
        if not await send(services, job_id):
            break
        sent += 1
    counts = {"sent": sent, "failed": failed}
    services.telemetry.event(Event.TIMER_TICK, metadata=counts)
    return counts


async def send(services: Services, job_id: str) -> bool:
    """Sends the job's message and marks its row; False when the queue cannot be reached (the timer tries again)."""
    import asyncio

    try:
        await services.queue.send(job_id)
    except QueueUnavailable:
        return False
    await asyncio.to_thread(_mark_sent, services, job_id)
    return True


def _mark_sent(services: Services, job_id: str) -> None:
    with services.reporting.transaction() as connection:
        store.mark_sent(connection, job_id)


def _find(services: Services, resend_after: timedelta) -> tuple[list[str], int]:
    """Jobs to ring for; those left behind by a dead worker once too often are failed on the way."""
    claims = services.settings.max_claims
    with services.reporting.read() as connection:
        waiting = store.unsent(connection, _GRACE, resend_after, claims, _AT_ONCE)
        left = store.abandoned(connection, claims, _AT_ONCE)
        exhausted = store.exhausted(connection, claims, _AT_ONCE)
    return waiting + left, sum(_fail_exhausted(services, job_id) for job_id in exhausted)


def _fail_exhausted(services: Services, job_id: str) -> bool:
    guard = (store.job.job_id == job_id) & store.is_exhausted(services.settings.max_claims)
    error = InternalError()
    with services.reporting.transaction() as connection:
        failed = store.fail(connection, guard, error.code, str(error))
        if failed:
            services.on_terminal(connection, job_id)
    if failed:
        services.telemetry.event(Event.REPORT_FAILED, job_id=job_id, error_code=error.code)
    return failed
