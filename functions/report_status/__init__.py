"""GET report-status: where a job is, and the link to its file once there is one."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, respond, with_etag
from shared.jobs.status import status_answer
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that tells of one job."""
    triggers = func.Blueprint()

    @triggers.function_name("report_status")
    @triggers.route("functions/v1/report-status/{jobId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def report_status(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            body = await asyncio.to_thread(status_answer, services, caller, req.route_params["jobId"])
            return with_etag(Answer(body), req)

        return await respond(services, work)

    return triggers
