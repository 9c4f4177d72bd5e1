"""HTTP triggers: finds the function of a request, runs it and gives its answer; reads no token and adds no envelope."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import azure.functions as func
from azure.functions.decorators.http import HttpTrigger
from azure.functions.http import HttpRequest
from starlette.requests import Request
from starlette.responses import Response

from dev.host.errors import HostError
from dev.host.functions import HostedFunction
from dev.host.invocation import Invoker
from dev.host.options import HostOptions
from dev.host.routes import RouteTemplate, path_segments

log = logging.getLogger("dev.host")

_NOT_FOUND, _TOO_LARGE, _FAILED, _TIMED_OUT, _NO_CONTENT = 404, 413, 500, 504, 204


@dataclass(frozen=True)
class HttpRoute:
    """A function's template and methods (empty: every method)."""

    function: HostedFunction
    template: RouteTemplate
    methods: frozenset[str]

    @classmethod
    def of(cls, function: HostedFunction, trigger: HttpTrigger, prefix: str) -> Self:
        """The route of an HTTP function below the prefix of host.json."""
        methods = frozenset(str(method.value) for method in trigger.methods or ())
        return cls(function, RouteTemplate.parse(str(trigger.route), prefix), methods)

    def allows(self, method: str) -> bool:
        """Whether the function takes this method; a wrong one is an unknown route to the host."""
        return not self.methods or method in self.methods

    def clashes(self, other: "HttpRoute") -> bool:
        """Whether the Functions host would refuse the second: the same template with a method in common."""
        share = not self.methods or not other.methods or bool(self.methods & other.methods)
        return share and self.template.text.lower() == other.template.text.lower()


class HttpFunctions:
    """All HTTP functions of an app behind one address."""

    def __init__(self, functions: Sequence[HostedFunction], options: HostOptions, invoker: Invoker) -> None:
        """Takes functions in alphabetical order: the first that matches answers.

        Raises:
            HostError: for a template that cannot be served, or two functions with the same route.

        """
        self._options, self._invoker = options, invoker
        self.routes = [
            HttpRoute.of(each, each.trigger, options.route_prefix)
            for each in functions
            if isinstance(each.trigger, HttpTrigger)
        ]
        self._unfinished: set[asyncio.Task[Any]] = set()
        for one, other in combinations(self.routes, 2):
            if one.clashes(other):
                raise HostError(f"Functions {one.function.name} and {other.function.name} have the same route.")

    async def answer(self, request: Request) -> Response:
        """The function's answer, or the host's own: 404, 413, 500 and 504 without a body."""
        found = self.find(request)
        if found is None:
            return Response(status_code=_NOT_FOUND)
        body = await self._body(request)
        if body is None:
            return Response(status_code=_TOO_LARGE, headers={"Connection": "close"})
        function, values = found
        running = asyncio.create_task(self._invoker.run(function, _function_request(request, values, body)))
        self._unfinished.add(running)  # a function runs on after its caller was cut off, as in Azure
        running.add_done_callback(self._unfinished.discard)
        done, _ = await asyncio.wait({running}, timeout=self._options.response_limit.total_seconds())
        if not done:
            return Response(status_code=_TIMED_OUT)
        outcome = running.result()
        if outcome.error or not isinstance(outcome.result, func.HttpResponse | str | None):
            log.error("Function %s gave no answer: %r", function.name, outcome.error or type(outcome.result))
            return Response(status_code=_FAILED)
        return _response(outcome.result)

    def find(self, request: Request) -> tuple[HostedFunction, Mapping[str, str]] | None:
        """The function that answers this request and its route's values, or None."""
        segments = path_segments(_raw_path(request))
        for route in self.routes:
            values = route.template.match(segments) if route.allows(request.method) else None
            if values is not None:
                return route.function, values
        return None

    async def _body(self, request: Request) -> bytes | None:
        """The whole body, or None as soon as it is too large."""
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > self._options.body_limit:
                return None
            parts.append(part)
        return b"".join(parts)


def _function_request(request: Request, values: Mapping[str, str], body: bytes) -> HttpRequest:
    query_text = f"?{request.url.query}" if request.url.query else ""
    query: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        query[name] = f"{query[name]},{value}" if name in query else value
    return HttpRequest(
        method=request.method,
        url=f"{request.base_url.replace(path='')}{_raw_path(request)}{query_text}",
        headers=_headers(request),
        params=query,
        route_params=dict(values),
        body_type="bytes",
        body=body,
    )


def _raw_path(request: Request) -> str:
    raw_path: bytes = request.scope["raw_path"]
    return raw_path.decode("latin-1")


def _headers(request: Request) -> dict[str, str]:
    """The headers, repeated ones joined by commas, with the caller's address added last as Azure's front end does."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    address = request.client.host if request.client else ""
    headers["x-forwarded-for"] = ",".join(filter(None, (headers.get("x-forwarded-for"), address)))
    return headers


def _response(result: func.HttpResponse | str | None) -> Response:
    """What a function returned as HTTP; of a repeated header the last counts, but every cookie is kept."""
    if result is None:
        return Response(status_code=_NO_CONTENT)
    if isinstance(result, str):
        return Response(result, media_type="text/plain")
    response = Response(result.get_body(), result.status_code)
    charset = f"; charset={result.charset}" if result.mimetype.startswith("text/") else ""
    response.headers["content-type"] = f"{result.mimetype}{charset}"
    for name, value in result.headers.items():
        if name.lower() == "set-cookie":
            response.headers.append(name, value)
        else:
            response.headers[name] = value
    return response
