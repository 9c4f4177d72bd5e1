"""POST generate-report: a preview at once, a small report's file within the wait, otherwise a job to follow."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, json_body, respond
from shared.errors import DatabaseUnavailable, StorageError
from shared.jobs.relay import send
from shared.jobs.status import generated_answer
from shared.jobs.submit import Caller, Headers, Receipt, accept
from shared.jobs.wait import WaitingRoom
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that takes report requests."""
    triggers, room = func.Blueprint(), WaitingRoom(services)

    @triggers.function_name("generate_report")
    @triggers.route("functions/v1/generate-report", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
    async def generate_report(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            headers = Headers(req.headers.get("Idempotency-Key"), req.headers.get("traceparent"))
            accepted = await asyncio.to_thread(accept, services, caller, json_body(req), headers)
            if not isinstance(accepted, Receipt):
                return Answer(accepted)
            waits = "respond-async" not in req.headers.get("Prefer", "")
            return await _follow(services, room, caller, accepted, waits=waits)

        return await respond(services, work)

    return triggers


async def _follow(services: Services, room: WaitingRoom, caller: Caller, receipt: Receipt, *, waits: bool) -> Answer:
    """Rings the queue, and waits where the report is small.

    The job is accepted, whatever is out of reach from here on: then the answer is the job, to be asked for again.
    """
    try:
        sent = not receipt.is_new or await send(services, receipt.job_id, receipt.trace)
        seconds = services.settings.sync_wait.total_seconds() if sent and waits and receipt.is_small else 0
        if await room.wait(receipt.job_id, seconds):
            return Answer(await asyncio.to_thread(generated_answer, services, caller, receipt.job_id))
    except (DatabaseUnavailable, StorageError):
        pass
    return _accepted(receipt)


def _accepted(receipt: Receipt) -> Answer:
    url = f"/functions/v1/report-status/{receipt.job_id}"
    body = {
        "success": True,
        "jobId": receipt.job_id,
        "status": "queued",
        "estimatedCompletionSeconds": receipt.estimated_seconds,
        "statusUrl": url,
    }
    return Answer(body, 202, {"Location": url, "Retry-After": "1"})
