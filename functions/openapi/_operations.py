"""What each HTTP function promises: what it takes, how it answers, and how it may refuse; runs none of them."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from functions.openapi._answers import (
    AcceptedReport,
    CancelledJob,
    Catalogue,
    FspFormat,
    GeneratedReport,
    Job,
    Liveness,
    PhotoLinks,
    Preview,
    Readiness,
    ReportOptions,
)
from shared.errors import (
    Conflict,
    DatabaseUnavailable,
    ExportFailed,
    InternalError,
    InvalidParameters,
    InvalidReportId,
    NotFound,
    PayloadTooLarge,
    QueryTimeout,
    RateLimitExceeded,
    ReportingError,
    StorageError,
    Unauthenticated,
    Unauthorized,
    UnsupportedMediaType,
)

TAGS = {
    "Reports": "What reports there are, and how to order one.",
    "Jobs": "Following a report that is being made, and stopping it.",
    "Photos": "Photo evidence of the calls.",
    "Health": "Probes for the platform.",
    "Contract": "This document.",
}
_V1 = "/functions/v1"


@dataclass(frozen=True)
class Outcome:
    """A good answer: its status, what it means, the models its body may have, and headers by their component."""

    status: int
    description: str
    models: tuple[type[BaseModel], ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path. `function` is its name in the host; `parameters` are names of components."""

    function: str
    method: Literal["get", "post", "put"]
    path: str
    tag: str
    summary: str
    description: str = ""
    outcomes: tuple[Outcome, ...]
    errors: tuple[type[ReportingError], ...] = (InternalError,)
    parameters: tuple[str, ...] = ()
    body: str = ""
    sign_in: Literal["required", "optional", "none"] = "required"

    def failures(self) -> dict[int, list[type[ReportingError]]]:
        """The errors by their status, with those of the sign-in: its keys, when away, are an INTERNAL_ERROR of 503."""
        found: dict[int, list[type[ReportingError]]] = {}
        for error in self.errors:
            found.setdefault(error.status, []).append(error)
        if self.sign_in == "required":
            for error in (Unauthenticated, Unauthorized, DatabaseUnavailable):
                found.setdefault(error.status, []).append(error)
            found[DatabaseUnavailable.status].append(InternalError)
        return dict(sorted(found.items()))


def _unchanged(what: str) -> Outcome:
    return Outcome(304, f"{what} is still as `If-None-Match` has it.", headers=("ETag",))


OPERATIONS = (
    Operation(
        function="reports",
        method="get",
        path=f"{_V1}/reports",
        tag="Reports",
        summary="The reports you may run",
        description="Each with its formats and the JSON Schema of its parameters.",
        outcomes=(Outcome(200, "The catalogue.", (Catalogue,)),),
    ),
    Operation(
        function="report_options",
        method="get",
        path=f"{_V1}/report-options",
        tag="Reports",
        summary="The values of the filters",
        description="Banks, engineers and regions that you may choose from, by name.",
        outcomes=(Outcome(200, "The choices.", (ReportOptions,)),),
    ),
    Operation(
        function="generate_report",
        method="post",
        path=f"{_V1}/generate-report",
        tag="Reports",
        summary="Order a report, or preview one",
        description="Writes a job that makes the file. A small report is waited for and answered with its link; "
        "otherwise follow the job at `statusUrl`. With `output.isPreview` the first rows come at once and no file is "
        "made. Files and previews have limits per hour; refused requests do not count.",
        parameters=("IdempotencyKey", "Prefer", "Traceparent"),
        body="GenerateReportRequest",
        outcomes=(
            Outcome(200, "The preview, or the link to the finished file.", (Preview, GeneratedReport)),
            Outcome(202, "The file is being made.", (AcceptedReport,), ("Location", "RetryAfter")),
        ),
        errors=(
            *(InvalidParameters, InvalidReportId, NotFound, Conflict, PayloadTooLarge, UnsupportedMediaType),
            *(RateLimitExceeded, ExportFailed, InternalError, StorageError, QueryTimeout),
        ),
    ),
    Operation(
        function="report_status",
        method="get",
        path=f"{_V1}/report-status/{{jobId}}",
        tag="Jobs",
        summary="How far a job is",
        description="With a fresh link to the file once it is finished. Another person's job is not found.",
        parameters=("JobId", "IfNoneMatch"),
        outcomes=(Outcome(200, "The job.", (Job,), ("ETag",)), _unchanged("The job")),
        errors=(NotFound, InternalError, StorageError),
    ),
    Operation(
        function="report_cancel",
        method="post",
        path=f"{_V1}/report-status/{{jobId}}/cancel",
        tag="Jobs",
        summary="Stop a job",
        description="It takes no body. The worker stops within seconds and leaves no file.",
        parameters=("JobId",),
        outcomes=(Outcome(202, "The job stops.", (CancelledJob,), ("Location",)),),
        errors=(NotFound, Conflict, InternalError),
    ),
    Operation(
        function="photo",
        method="get",
        path=f"{_V1}/photos/{{photoId}}",
        tag="Photos",
        summary="Links to a photo and its neighbours",
        description="Links of minutes to a photo and to the other photos of its call. A photo of a call that you may "
        "not see is not found. A link may lead nowhere: storage is not asked whether the picture is there.",
        parameters=("PhotoId",),
        outcomes=(Outcome(200, "The links.", (PhotoLinks,)),),
        errors=(NotFound, InternalError, StorageError),
    ),
    Operation(
        function="fsp_format",
        method="get",
        path=f"{_V1}/fsp-formats/{{bankId}}",
        tag="Reports",
        summary="The columns of a bank's FSP report",
        description="Those that `fspFormat: custom` gives. A bank that you may not see is not found.",
        parameters=("BankId",),
        outcomes=(Outcome(200, "The columns.", (FspFormat,)),),
        errors=(NotFound, InternalError),
    ),
    Operation(
        function="fsp_format_change",
        method="put",
        path=f"{_V1}/fsp-formats/{{bankId}}",
        tag="Reports",
        summary="Choose the columns of a bank's FSP report",
        description="From now on `fspFormat: custom` gives these columns, in this order, under these headings.",
        parameters=("BankId",),
        body="FspFormatRequest",
        outcomes=(Outcome(200, "The columns, as they are now.", (FspFormat,)),),
        errors=(InvalidParameters, NotFound, PayloadTooLarge, UnsupportedMediaType, InternalError),
    ),
    Operation(
        function="health_live",
        method="get",
        path="/health/live",
        tag="Health",
        summary="Whether the process answers",
        outcomes=(Outcome(200, "It does.", (Liveness,)),),
        errors=(),
        sign_in="none",
    ),
    Operation(
        function="health_ready",
        method="get",
        path="/health/ready",
        tag="Health",
        summary="Whether the product can work",
        description="Asks databases, queue and storage. A signed-in administrator of all banks is told which fails.",
        outcomes=(Outcome(200, "It can.", (Readiness,)), Outcome(503, "A part is out of reach.", (Readiness,))),
        sign_in="optional",
    ),
    Operation(
        function="openapi",
        method="get",
        path="/openapi.json",
        tag="Contract",
        summary="This document",
        parameters=("IfNoneMatch",),
        outcomes=(Outcome(200, "OpenAPI 3.1, as JSON.", headers=("ETag",)), _unchanged("The document")),
        sign_in="none",
    ),
)
