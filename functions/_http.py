"""HTTP as the triggers see it: who asks, the JSON body, and the one mapper from results and errors to answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import azure.functions as func

from shared.access.principal import find_principal
from shared.access.token import subject_of
from shared.errors import (
    FieldProblem,
    InternalError,
    InvalidParameters,
    NotFound,
    PayloadTooLarge,
    ReportingError,
    Unauthenticated,
    Unauthorized,
    UnsupportedMediaType,
)
from shared.jobs.submit import Caller
from shared.ports import Services
from shared.telemetry import Event

MAX_BODY = 256 * 1024  # bytes
_JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What a use case answers: a JSON body, its status and further headers."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


async def respond(services: Services, work: Callable[[], Awaitable[Answer]]) -> func.HttpResponse:
    """The answer of `work`, or the envelope of whatever went wrong; nothing else ever leaves a trigger."""
    request_id = uuid4().hex
    try:
        return _response(await work(), request_id)
    except ReportingError as error:
        if isinstance(error, Unauthenticated | Unauthorized | NotFound):
            services.telemetry.event(Event.ACCESS_REFUSED, error_code=error.code, metadata={"requestId": request_id})
        if isinstance(error, InternalError):
            services.telemetry.fault(error, request_id)
        return _response(envelope(error, request_id), request_id)
    except Exception as error:  # noqa: BLE001 the HTTP mapper: a fault of ours becomes INTERNAL_ERROR
        services.telemetry.fault(error, request_id)
        return _response(envelope(InternalError(), request_id), request_id)


def envelope(error: ReportingError, request_id: str) -> Answer:
    """The one shape of every error."""
    body: dict[str, Any] = {"success": False, "error": str(error), "errorCode": error.code}
    if error.details is not None:
        body["details"] = error.details
    headers = {}
    if error.retry_after is not None or error.status == 503:  # noqa: PLR2004 HTTP's own number
        headers["Retry-After"] = str(error.retry_after or 5)
    if error.status == 401:  # noqa: PLR2004 HTTP's own number
        headers["WWW-Authenticate"] = "Bearer"
    return Answer({**body, "requestId": request_id}, error.status, headers)


async def identify(services: Services, request: func.HttpRequest) -> Caller:
    """Who asks: the token gives the subject, user_profiles everything else."""
    principal = await asyncio.to_thread(_principal, services, request.headers.get("Authorization"))
    return Caller(principal, client_address(request.headers, services.settings.trusted_hops))


def _principal(services: Services, authorization: str | None) -> Any:
    return find_principal(services.costar, subject_of(authorization, services.token_keys, services.settings))


def client_address(headers: Mapping[str, str], trusted_hops: int) -> str | None:
    """The caller's address: the entry that the outermost trusted proxy appended; entries before it prove nothing."""
    entries = [entry.strip() for entry in headers.get("X-Forwarded-For", "").split(",") if entry.strip()]
    if not trusted_hops or len(entries) < trusted_hops:
        return None
    address = entries[-trusted_hops]
    if address.startswith("["):
        return address[1:].partition("]")[0][:50]
    return (address.partition(":")[0] if address.count(":") == 1 else address)[:50]


def json_body(request: func.HttpRequest) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        UnsupportedMediaType, PayloadTooLarge, InvalidParameters: it is not one.

    """
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise UnsupportedMediaType
    raw = request.get_body()
    if len(raw) > MAX_BODY:
        raise PayloadTooLarge
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidParameters.of(FieldProblem("", "the body is not valid JSON in UTF-8")) from None
    if not isinstance(body, dict):
        raise InvalidParameters.of(FieldProblem("", "the body must be a JSON object"))
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _response(answer: Answer, request_id: str) -> func.HttpResponse:
    body = b"" if answer.status == 304 else json.dumps(answer.body, ensure_ascii=False).encode()  # noqa: PLR2004 HTTP's
    headers = {"X-Request-Id": request_id, "Cache-Control": "no-store", **answer.headers}
    return func.HttpResponse(body, status_code=answer.status, headers=headers, mimetype=_JSON, charset="utf-8")
