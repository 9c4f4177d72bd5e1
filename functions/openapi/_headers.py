"""The headers and parameters of the contract as OpenAPI components; reads no request."""

from typing import Any

from shared.jobs.messages import JOB_ID


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string", **schema}}


def _parameter(name: str, description: str, place: str = "header", **schema: Any) -> dict[str, Any]:
    more = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": description, **more, "schema": {"type": "string", **schema}}


HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "RequestId": ("X-Request-Id", _header("The request, as our logs know it.", pattern="^[0-9a-f]{32}$")),
    "CacheControl": ("Cache-Control", _header("How long the answer may be kept: as a rule not at all.")),
    "ETag": ("ETag", _header("The state of what was answered, for `If-None-Match`.", pattern='^"[0-9a-f]{32}"$')),
    "Location": ("Location", _header("Path of report-status for the job.", format="uri-reference")),
    "RetryAfter": ("Retry-After", _header("Seconds after which to ask again.", type="integer", minimum=1)),
    "WwwAuthenticate": ("WWW-Authenticate", _header("How to sign in.", const="Bearer")),
}

PARAMETERS: dict[str, dict[str, Any]] = {
    "JobId": _parameter("jobId", "The job, as generate-report named it.", "path", pattern=f"^{JOB_ID.pattern}$"),
    "BankId": _parameter("bankId", "The bank.", "path", format="uuid"),
    "PhotoId": _parameter("photoId", "The photo.", "path", format="uuid"),
    "IdempotencyKey": _parameter(
        "Idempotency-Key",
        "Makes repeats harmless: the same key with the same body is the same job, and does not count against limits; "
        "with another body it is a CONFLICT. Keys are forgotten after a day. Visible ASCII characters.",
        pattern="^[!-~]{1,128}$",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
    "Prefer": _parameter("Prefer", "`respond-async`: do not wait for the file.", examples=["respond-async"]),
    "IfNoneMatch": _parameter("If-None-Match", "An `ETag` you were given: no body comes where it still holds."),
    "Traceparent": _parameter(
        "traceparent",
        "W3C trace context; without one, or with one that cannot be read, a new trace begins.",
        examples=["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    ),
}
