"""Every failure the product names, with its code, HTTP status and kind; knows no HTTP and no database.

A class docstring is the sentence a caller reads unless a better one is given. The codes are those of the envelope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class FailureKind(StrEnum):
    """Who has to act: the caller (never retried), nobody (it passes: retried), or us (a fault: counted as poison)."""

    CALLER = "caller"
    TRANSIENT = "transient"
    FAULT = "fault"


@dataclass(frozen=True)
class FieldProblem:
    """One refused field: where it is in the request, and what is wrong with it; never the value itself."""

    path: str
    problem: str


class ReportingError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    kind: ClassVar[FailureKind] = FailureKind.FAULT

    def __init__(self, message: str = "", *, details: Any = None, retry_after: int | None = None) -> None:
        """Takes the sentence for the caller, JSON-ready details, and seconds after which a retry makes sense."""
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.details = details
        self.retry_after = retry_after


class InternalError(ReportingError):
    """Something went wrong on our side; quote the requestId when you report it."""


class InvalidReportId(ReportingError):
    """There is no report with this id; details lists the reports that exist."""

    code, status, kind = "INVALID_REPORT_ID", 404, FailureKind.CALLER


class InvalidParameters(ReportingError):
    """The request has parameters that cannot be used; details says which and why."""

    code, status, kind = "INVALID_PARAMETERS", 400, FailureKind.CALLER

    @classmethod
    def of(cls, *problems: FieldProblem) -> "InvalidParameters":
        """Builds the error with one entry per refused field."""
        return cls(details=problem_entries(problems))


class Unauthenticated(ReportingError):
    """Sign in first: the request has no valid access token."""

    code, status, kind = "UNAUTHENTICATED", 401, FailureKind.CALLER


class Unauthorized(ReportingError):
    """You are signed in, but your role does not allow this."""

    code, status, kind = "UNAUTHORIZED", 403, FailureKind.CALLER


class NotFound(ReportingError):
    """There is no such thing, or it is not yours."""

    code, status, kind = "NOT_FOUND", 404, FailureKind.CALLER


class Conflict(ReportingError):
    """The request does not fit the current state."""

    code, status, kind = "CONFLICT", 409, FailureKind.CALLER


class PayloadTooLarge(ReportingError):
    """The body is larger than 256 KiB; send a smaller one."""

    code, status, kind = "PAYLOAD_TOO_LARGE", 413, FailureKind.CALLER


class UnsupportedMediaType(ReportingError):
    """Send the body as application/json."""

    code, status, kind = "UNSUPPORTED_MEDIA_TYPE", 415, FailureKind.CALLER


class RateLimitExceeded(ReportingError):
    """Too many reports were requested; try again later."""

    code, status, kind = "RATE_LIMIT_EXCEEDED", 429, FailureKind.CALLER


class QueryTimeout(ReportingError):
    """The report's query passed its time limit; choose fewer days or fewer banks."""

    code, status, kind = "QUERY_TIMEOUT", 504, FailureKind.CALLER


class ExportFailed(ReportingError):
    """The file could not be made."""

    code, status, kind = "EXPORT_FAILED", 500, FailureKind.FAULT


class StorageError(ReportingError):
    """File storage cannot be reached at the moment; try again shortly."""

    code, status, kind = "STORAGE_ERROR", 503, FailureKind.TRANSIENT


class DatabaseUnavailable(ReportingError):
    """The database cannot be reached at the moment; try again shortly."""

    code, status, kind = "DATABASE_UNAVAILABLE", 503, FailureKind.TRANSIENT


class JobCancelled(Exception):
    """The job was cancelled while it ran: stop, and leave nothing behind."""


class ClaimLost(Exception):
    """Another claim owns the job now: stop, and remove only what this attempt wrote."""


class QueueUnavailable(Exception):
    """The message could not be sent; the job's row is its outbox, and the timer sends it."""


def problem_entries(problems: Sequence[FieldProblem]) -> list[dict[str, str]]:
    """Field problems as the envelope shows them: a list of path and problem."""
    return [{"path": problem.path, "problem": problem.problem} for problem in problems]


def error_of(code: str | None) -> type[ReportingError]:
    """The class of an error code; an unknown one is a fault of ours."""
    return next((error for error in envelope_classes() if error.code == code), InternalError)


def envelope_classes() -> tuple[type[ReportingError], ...]:
    """The error classes a caller can meet, in order of their code."""
    return tuple(sorted(ReportingError.__subclasses__(), key=lambda error: error.code))
