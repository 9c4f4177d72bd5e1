"""GET report-status: where a job is, and the link to its file once there is one."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, respond
from shared.jobs.status import find_job
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that tells of one job."""
    triggers = func.Blueprint()

    @triggers.function_name("report_status")
    @triggers.route("functions/v1/report-status/{jobId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def report_status(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            view = await asyncio.to_thread(find_job, services, caller.principal, req.route_params["jobId"])
            if req.headers.get("If-None-Match") == view.tag:
                return Answer({}, 304, {"ETag": view.tag})
            return Answer(await asyncio.to_thread(view.answer, services, caller), headers={"ETag": view.tag})

        return await respond(services, work)

    return triggers
