"""GET and PUT fsp-formats: the columns of a bank's FSP report."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, json_body, respond
from shared.fsp_formats import change_format, format_answer
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The functions that tell and change a bank's columns."""
    triggers = func.Blueprint()

    @triggers.function_name("fsp_format")
    @triggers.route("functions/v1/fsp-formats/{bankId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def fsp_format(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            return Answer(await asyncio.to_thread(format_answer, services, caller, req.route_params["bankId"]))

        return await respond(services, work)

    @triggers.function_name("fsp_format_change")
    @triggers.route("functions/v1/fsp-formats/{bankId}", methods=["PUT"], auth_level=func.AuthLevel.ANONYMOUS)
    async def fsp_format_change(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller, bank = await identify(services, req), req.route_params["bankId"]
            return Answer(await asyncio.to_thread(change_format, services, caller, bank, json_body(req)))

        return await respond(services, work)

    return triggers
