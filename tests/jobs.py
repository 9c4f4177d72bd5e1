"""What tests of the job pipeline share: a submitted job, its row, other settings, and a way to let time pass for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Row, Select, func, literal, select, update

from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.in_process_queue import InProcessQueue
from shared.jobs.relay import send
from shared.jobs.run import run_job
from shared.jobs.submit import Receipt, accept
from shared.ports import Services
from shared.tables import report_jobs
from shared.telemetry import RecordedTelemetry
from tests.world import World, request


def accepted(services: Services, world: World, subject: str, body: Mapping[str, Any] | None = None) -> Receipt:
    """The receipt of a new job; its message is not sent."""
    receipt = accept(services, world.caller(subject), body or request())
    assert isinstance(receipt, Receipt)
    return receipt


def submitted(services: Services, world: World, subject: str = "", body: Mapping[str, Any] | None = None) -> str:
    """A new job of an administrator (or of `subject`) whose message is sent, by its id."""
    job_id = accepted(services, world, subject or world.person(), body).job_id
    assert asyncio.run(send(services, job_id, None))
    return job_id


def run(services: Services, job_id: str) -> Row[Any]:
    """One delivery of the job's message; the row after it."""
    asyncio.run(run_job(services, job_id))
    return row_of(services, job_id)


def row_of(services: Services, job_id: str) -> Row[Any]:
    """The job's row."""
    with services.reporting.read() as connection:
        return connection.execute(select(report_jobs).where(report_jobs.c.job_id == job_id)).one()


def set_row(services: Services, job_id: str, **values: Any) -> None:
    """Changes the row behind the product's back, as passing time or an accident would."""
    with services.reporting.transaction() as connection:
        connection.execute(update(report_jobs).where(report_jobs.c.job_id == job_id).values(**values))


def with_settings(services: Services, **changes: Any) -> Services:
    """The same services under other settings."""
    return replace(services, settings=services.settings.model_copy(update=changes))


def seconds(number: float) -> timedelta:
    """A time span."""
    return timedelta(seconds=number)


def files(services: Services) -> MemoryBlobStore:
    """The twin that keeps the finished files."""
    return cast("MemoryBlobStore", services.files)


def queue(services: Services) -> InProcessQueue:
    """The twin of the queue."""
    return cast("InProcessQueue", services.queue)


def telemetry(services: Services) -> RecordedTelemetry:
    """What was recorded."""
    return cast("RecordedTelemetry", services.telemetry)


def endless_count() -> Select[Any]:
    """A statement that no database ever comes to the end of."""
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < 10**9))
    return select(func.count()).select_from(numbers)


def blob_names(services: Services) -> list[str]:
    """The names of all finished files."""
    return [each.name for each in services.files.list()]
