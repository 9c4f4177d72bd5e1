"""GET reports and GET report-options: what there is to choose from."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, respond
from shared.jobs.catalogue import options_answer, reports_answer
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The functions that list reports and filter values."""
    triggers = func.Blueprint()

    @triggers.function_name("reports")
    @triggers.route("functions/v1/reports", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def reports(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            return Answer(reports_answer((await identify(services, req)).principal))

        return await respond(services, work)

    @triggers.function_name("report_options")
    @triggers.route("functions/v1/report-options", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def report_options(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            principal = (await identify(services, req)).principal
            return Answer(await asyncio.to_thread(options_answer, services, principal))

        return await respond(services, work)

    return triggers
