"""What becomes of messages that the queue gave up: a job's is rung again while it may be, any other is an alert."""

import asyncio
from typing import Any

from shared.errors import InvalidParameters, QueueUnavailable
from shared.jobs import lookup
from shared.jobs.alerts import Alert, raise_alert
from shared.jobs.messages import job_id_of
from shared.jobs.relay import send
from shared.jobs.states import TERMINAL
from shared.ports import DeadMessage, Services
from shared.telemetry import Event


async def bury_dead_letters(services: Services, limit: int) -> int:
    """Looks after up to `limit` dead letters; how many. A queue out of reach keeps them for the next tick."""

    async def handle(letter: DeadMessage) -> None:
        again = await asyncio.to_thread(_judged, services, letter)
        if again is not None:
            await send(services, *again)

    try:
        return await services.queue.bury(handle, limit)
    except QueueUnavailable:
        return 0


def _judged(services: Services, letter: DeadMessage) -> tuple[str, str | None] | None:
    """The job to ring for again, with its trace; None where there is nothing to ring for."""
    services.telemetry.event(Event.DEADLETTER, metadata={"reason": letter.reason, "messageId": letter.message_id})
    try:
        job_id = job_id_of(letter.body)
    except InvalidParameters:
        raise_alert(services, Alert.MALFORMED_MESSAGE, "A queue message names no job.", _told(letter))
        return None
    with services.reporting.read() as connection:
        row = lookup.find(connection, job_id)
    if row is None or row.status in TERMINAL or row.attempt >= services.settings.max_claims:
        return None  # over, or ended by the sweep, which sees that nobody may claim it
    return job_id, row.correlation_id


def _told(letter: DeadMessage) -> dict[str, Any]:
    """Of the message, not what it holds: that may be personal."""
    return {
        "messageId": letter.message_id[:128],
        "reason": letter.reason[:500],
        "description": letter.description[:500],
        "bytes": len(letter.body),
    }
