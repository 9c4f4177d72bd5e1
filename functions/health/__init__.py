"""GET health: whether the process lives, and whether it can work."""

import azure.functions as func

from functions._http import Answer, identify, respond
from shared.errors import ReportingError
from shared.health import ready_answer
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The two probes."""
    triggers = func.Blueprint()

    @triggers.function_name("health_live")
    @triggers.route("health/live", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def health_live(req: func.HttpRequest) -> func.HttpResponse:
        del req
        return func.HttpResponse('{"status": "alive"}', mimetype="application/json")

    @triggers.function_name("health_ready")
    @triggers.route("health/ready", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def health_ready(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            is_ready, body = await ready_answer(services, with_parts=await _is_administrator(services, req))
            return Answer(body, 200 if is_ready else 503)

        return await respond(services, work)

    return triggers


async def _is_administrator(services: Services, req: func.HttpRequest) -> bool:
    """Probes come without a token; one that cannot be checked now earns no details."""
    if "Authorization" not in req.headers:
        return False
    try:
        return (await identify(services, req)).principal.is_unrestricted
    except ReportingError:
        return False
