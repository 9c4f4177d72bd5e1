"""Rings the queue for a job whose row is committed, and marks the row; the row itself is the outbox."""

import asyncio
from datetime import timedelta

from shared.errors import QueueUnavailable
from shared.jobs import store
from shared.ports import Services


async def send(services: Services, job_id: str, trace: str | None, delay: timedelta = timedelta(0)) -> bool:
    """Sends the job's message in its trace, to be delivered after `delay`; False when the queue cannot be reached.

    Then the row stays unsent, and the timer rings. A message more than one does no harm: the claim decides.
    """
    try:
        await services.queue.send(job_id, delay, trace or "")
    except QueueUnavailable:
        return False
    await asyncio.to_thread(_mark_sent, services, job_id)
    return True


def _mark_sent(services: Services, job_id: str) -> None:
    with services.reporting.transaction() as connection:
        store.mark_sent(connection, job_id)
