"""GET photos: links of minutes to a photo and to the others of its call."""

import asyncio

import azure.functions as func

from functions._http import Answer, identify, respond
from shared.photos import photo_answer
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that opens photo evidence."""
    triggers = func.Blueprint()

    @triggers.function_name("photo")
    @triggers.route("functions/v1/photos/{photoId}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def photo(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            caller = await identify(services, req)
            return Answer(await asyncio.to_thread(photo_answer, services, caller, req.route_params["photoId"]))

        return await respond(services, work)

    return triggers
