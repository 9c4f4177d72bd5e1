"""The job message: what the queue carries, and how a delivery is read; knows no queue."""

import json
import re

from shared.errors import InvalidParameters

JOB_ID = re.compile(r"job_[0-9a-z]{26}")


def job_id_of(body: bytes) -> str:
    """The job a delivery is about.

    Raises:
        InvalidParameters: it is no such message. Raised out of the trigger, it ends in the dead-letter queue.

    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    job_id = message.get("jobId") if isinstance(message, dict) else None
    if not isinstance(job_id, str) or JOB_ID.fullmatch(job_id) is None:
        raise InvalidParameters("a queue message that names no job")
    return job_id
