"""GET openapi.json: the contract of every route, for people and their tools; asks nobody who he is."""

import asyncio
import hashlib
import json
from functools import cache
from typing import Any

import azure.functions as func

from functions._http import Answer, respond
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that describes the others."""
    triggers, published = func.Blueprint(), cache(_published)

    @triggers.function_name("openapi")
    @triggers.route("openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    async def openapi(req: func.HttpRequest) -> func.HttpResponse:
        async def work() -> Answer:
            tag, document = await asyncio.to_thread(published)
            headers = {"ETag": tag, "Cache-Control": "public, max-age=300"}
            if tag in req.headers.get("If-None-Match", ""):
                return Answer({}, 304, headers)
            return Answer(document, headers=headers)

        return await respond(services, work)

    return triggers


def _published() -> tuple[str, dict[str, Any]]:
    """The entity tag and the document, made once for an app, when somebody asks for it first."""
    from functions.openapi._document import document

    made = document()
    digest = hashlib.sha256(json.dumps(made).encode()).hexdigest()[:32]
    return f'"{digest}"', made
