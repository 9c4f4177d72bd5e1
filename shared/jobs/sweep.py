"""What the minute timer looks after: forgotten messages, dead workers, old keys, and what they left behind."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from shared.access.limits import forget_previews
from shared.errors import InternalError, StorageError
from shared.jobs import lookup, store
from shared.jobs.alerts import Alert, raise_alert
from shared.jobs.dead_letters import bury_dead_letters
from shared.jobs.leftovers import sweep_blobs, sweep_folders
from shared.jobs.relay import send
from shared.ports import Services
from shared.telemetry import Event

_AT_ONCE = 500
_BLOBS_EVERY = 15  # minutes: it lists the whole container


async def sweep(services: Services, resend_after: timedelta | None = None) -> dict[str, int]:
    """Rings for every job nobody may know of, ends those that cannot go on, and cleans up; counts of each."""
    counts = await ring_again(services, services.settings.resend_after if resend_after is None else resend_after)
    counts["deadLetters"] = await bury_dead_letters(services, _AT_ONCE)
    counts |= await asyncio.to_thread(_clean, services)
    services.telemetry.event(Event.TIMER_TICK, metadata=counts)
    return counts


async def ring_again(services: Services, resend_after: timedelta) -> dict[str, int]:
    """Rings for jobs nobody may know of, or that were sent `resend_after` ago; ends those that cannot go on."""
    counts = {"sent": 0, "ended": 0}
    waiting, counts["ended"] = await asyncio.to_thread(_find, services, resend_after)
    for row in waiting:
        if not await send(services, row.job_id, row.correlation_id):
            break
        counts["sent"] += 1
    return counts


def _find(services: Services, resend_after: timedelta) -> tuple[list[Row[Any]], int]:
    """Jobs to ring for; those that cannot go on are ended on the way."""
    claims = services.settings.max_claims
    with services.reporting.read() as connection:
        waiting = lookup.forgotten(
            connection, min(services.settings.send_grace, resend_after), resend_after, claims, _AT_ONCE
        )
        over = lookup.over(connection, claims, _AT_ONCE)
    return waiting, sum(_end(services, row) for row in over)


def _end(services: Services, row: Row[Any]) -> bool:
    """Fails what has used up its claims."""
    guard = (store.job.job_id == row.job_id) & store.is_over(services.settings.max_claims)
    error = InternalError()
    with services.reporting.transaction() as connection:
        is_ended = store.fail(connection, guard, error.code, str(error))
        if is_ended:
            services.on_terminal(connection, row.job_id)
    if is_ended:
        services.telemetry.event(
            Event.REPORT_FAILED,
            report_id=row.report_id,
            job_id=row.job_id,
            user=row.requested_by,
            error_code=error.code,
        )
        raise_alert(services, Alert.POISON_JOB, "A job used up its claims.", {"jobId": row.job_id})
    return is_ended


def _clean(services: Services) -> dict[str, int]:
    settings = services.settings
    with services.reporting.transaction() as connection:
        store.forget_keys(connection, settings.key_lifetime)
        forget_previews(connection)
    folders = sweep_folders(settings.work_directory)
    if services.clock.now().minute % _BLOBS_EVERY:
        return {"folders": folders}
    try:
        blobs = sweep_blobs(services, 2 * settings.job_budget)  # the whole container: once an hour
    except StorageError:
        return {"folders": folders}
    return {"folders": folders, "blobs": blobs}
