"""Whether the product can work: every adapter's ping, all at once, each judged by itself."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from shared.errors import QueueUnavailable, ReportingError
from shared.ports import Services

_LIMIT_SECONDS = 8.0


async def ready_answer(services: Services, *, with_parts: bool) -> tuple[bool, dict[str, Any]]:
    """Whether all parts answer, and the body that says so; the parts by name are for administrators only."""
    names = ("database", "queue", "storage")
    answers = await asyncio.gather(
        _answers(asyncio.to_thread(services.reporting.ping), asyncio.to_thread(services.costar.ping)),
        _answers(services.queue.ping()),
        _answers(asyncio.to_thread(services.files.ping)),
    )
    is_ready = all(answers)
    body: dict[str, Any] = {"status": "ready" if is_ready else "unavailable"}
    if with_parts:
        body["parts"] = {name: "ok" if ok else "unreachable" for name, ok in zip(names, answers, strict=True)}
    return is_ready, body


async def _answers(*pings: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(asyncio.gather(*pings), _LIMIT_SECONDS)
    except (ReportingError, QueueUnavailable, TimeoutError):
        return False
    return True
