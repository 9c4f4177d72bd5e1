"""GET report-status: where a job is, and the link to its file once there is one; POST cancel: stop it."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, respond
from shared.jobs.cancel import cancel_job
from shared.jobs.status import find_job
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The functions that tell of one job, and stop it."""
    triggers = func.Blueprint()

    @triggers.function_name("report_status")
    @triggers.route("functions/v1/report-status/{jobId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def report_status(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            view = await asyncio.to_thread(find_job, services, caller.principal, req.route_params["jobId"])
            tag = view.tag(services.clock.now(), services.settings.link_lifetime)
            if req.headers.get("If-None-Match") == tag:
                return Answer({}, 304, {"ETag": tag})
            return Answer(await asyncio.to_thread(view.answer, services, caller), headers={"ETag": tag})

        return await respond(services, work)

    @triggers.function_name("report_cancel")
    @triggers.route("functions/v1/report-status/{jobId}/cancel", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
    async def report_cancel(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            body = await asyncio.to_thread(cancel_job, services, caller, req.route_params["jobId"])
            return Answer(body, 202, {"Location": body["statusUrl"]})

        return await respond(services, work)

    return triggers
