"""Puts the host together: sign-in, functions and page behind one address, timers and queues beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from dev.host.http import HttpFunctions

EXPOSED_HEADERS = ("Location", "Retry-After", "ETag", "Content-Disposition")
_SENT_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Loop = Callable[[], Coroutine[Any, Any, None]]
log = logging.getLogger("dev.host")


def development_host(
    routes: Sequence[BaseRoute],
    *,
    cors_origins: Sequence[str],
    loops: Sequence[Loop],
    on_stop: Callable[[], None],
) -> Starlette:
    """The ASGI application: its routes, and the loops that run as long as it is up."""

    @asynccontextmanager
    async def running(_application: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(loop()) for loop in loops]
        for task in tasks:
            task.add_done_callback(_report)
        yield
        for task in tasks:  # without notice, as Azure does: the work of a function may be cut anywhere
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        on_stop()

    application = Starlette(
        routes=routes,
        middleware=[_cors(cors_origins)] if cors_origins else [],
        exception_handlers={HTTPException: _unknown, ClientDisconnect: _unknown},
        lifespan=running,
    )
    application.router.redirect_slashes = False
    return application


class FunctionsRoute(BaseRoute):
    """All HTTP functions as one route, which matches where a function does."""

    def __init__(self, functions: HttpFunctions) -> None:
        """Takes the functions."""
        self._functions = functions

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a function answers this request."""
        found = scope["type"] == "http" and self._functions.find(Request(scope)) is not None
        return (Match.FULL if found else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """No function can be named here."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the function answer."""
        response = await self._functions.answer(Request(scope, receive))
        await response(scope, receive, send)


def _report(task: asyncio.Task[None]) -> None:
    """Says at once what would pass unseen until the host stops."""
    if not task.cancelled() and (error := task.exception()):
        log.error("A trigger of the development host stopped working.", exc_info=error)


def _cors(origins: Sequence[str]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=_METHODS,
        allow_headers=_SENT_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )


def _unknown(_request: Request, _error: Exception) -> Response:
    """The Functions host knows no 405: a wrong method is an unknown route; who left in mid-request reads nothing."""
    return Response(status_code=404)
