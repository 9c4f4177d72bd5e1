"""The error envelope as pydantic models, one per error code of `shared.errors`; raises nothing."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from functions.openapi._part import Part
from shared.errors import (
    Conflict,
    ExportFailed,
    FieldProblem,
    InternalError,
    InvalidParameters,
    InvalidReportId,
    NotFound,
    QueryTimeout,
    RateLimitExceeded,
    ReportingError,
    Unauthorized,
    envelope_classes,
)

ErrorCode = StrEnum("ErrorCode", {error.code: error.code for error in envelope_classes()})  # type: ignore[misc] # named by data
ErrorCode.__doc__ = "What went wrong, for programs; the sentence beside it is for people."


class ErrorEnvelope(Part):
    """What every error says."""

    success: Literal[False]
    error: str = Field(description="What is wrong and what to do, in words.")
    request_id: str = Field(pattern="^[0-9a-f]{32}$", description="Quote it when you report a fault.")


class JobReference(Part):
    """The job that the request made, and that failed while the request waited for it."""

    job_id: str


class LimitReached(Part):
    """Which limit was reached."""

    limit: int = Field(description="So many are allowed within the window.")
    per: Literal["user", "address"]
    window_seconds: int


_OF_A_JOB = (JobReference | None, Field(None, description="Only where a job failed that the request was waiting for."))
_DETAILS: Mapping[type[ReportingError], tuple[Any, Any]] = {
    InvalidReportId: (list[str], Field(description="The ids of the reports that exist.")),
    InvalidParameters: (list[FieldProblem], Field(description="One entry for each field that is wrong.")),
    RateLimitExceeded: (LimitReached, ...),
    **dict.fromkeys((Conflict, ExportFailed, InternalError, NotFound, QueryTimeout, Unauthorized), _OF_A_JOB),
}


def error_models() -> dict[type[ReportingError], type[BaseModel]]:
    """The envelope of each error, with its own code and details."""
    return {error: _model(error) for error in envelope_classes()}


def model_name(error: type[ReportingError]) -> str:
    """The name of the error's schema."""
    return f"{error.__name__.removesuffix('Error')}Error"


def sentences(errors: Sequence[type[ReportingError]]) -> str:
    """What the errors mean, for people."""
    return " ".join(f"`{error.code}`: {error.__doc__}" for error in errors)


def _model(error: type[ReportingError]) -> type[BaseModel]:
    fields: dict[str, Any] = {"error_code": (Literal[error.code], ...)}
    if error in _DETAILS:
        fields["details"] = _DETAILS[error]
    return create_model(model_name(error), __base__=ErrorEnvelope, __doc__=error.__doc__, **fields)
