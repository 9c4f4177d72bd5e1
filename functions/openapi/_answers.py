"""The shape of every answer as a pydantic model, for the OpenAPI document; builds no answer, and checks none.

Tests hold the real answers to these models. Clients should read past fields that they do not know.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from functions.openapi._errors import ErrorCode
from functions.openapi._part import Part
from shared.document import ChartKind, Kind
from shared.jobs.messages import JOB_ID
from shared.jobs.states import Phase, Status


class Success(Part):
    """What every good answer of the report routes says."""

    success: Literal[True]


JobId = Annotated[str, Field(pattern=f"^{JOB_ID.pattern}$", examples=["job_01kfw3m8y2c4v6x8z0b1d3f5h7"])]
StatusUrl = Annotated[
    str, Field(json_schema_extra={"format": "uri-reference"}, description="Path of report-status for this job.")
]
Percent = Annotated[int, Field(ge=0, le=100)]
JsonSchema = dict[str, Any]


class Link(Part):
    """A cell that leads somewhere: what stands in it, and the address, if any."""

    text: str
    url: str | None


Cell = str | float | bool | Link | None
CELL = "Texts, full numbers, true or false, links; dates and times as ISO 8601 with the offset of the business zone."


class ReportEntry(Part):
    """A report of the catalogue."""

    id: str = Field(examples=["call-details"])
    name: str
    description: str
    category: str
    icon: str
    estimated_time: str = Field(description="How long it usually takes, in words.")
    async_threshold: int = Field(description="Rows above which generate-report does not wait for the file.")
    domain: Literal["costar", "qbr"]
    parameters: JsonSchema = Field(description="JSON Schema of `params` of a request for this report.")
    formats: list[str] = Field(description="What `output.format` may be.")


class Catalogue(Success):
    """The reports that the caller may run."""

    reports: list[ReportEntry]
    output: JsonSchema = Field(description="JSON Schema of `output` of a request.")


class Choice(Part):
    """A value that a filter may have."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    name: str


class EngineerChoice(Choice):
    """An engineer that a filter may have."""

    region: str | None


class ReportOptions(Success):
    """The values that the filters may have, within the banks that the caller may see."""

    banks: list[Choice]
    engineers: list[EngineerChoice]
    regions: list[str]


class SheetColumn(Part):
    """A column of a sheet."""

    key: str
    label: str
    type: Kind


class Sheet(Part):
    """A table of the report and its first rows."""

    name: str
    columns: list[SheetColumn]
    rows: list[list[Cell]] = Field(description=f"A list per row, in order of the columns. {CELL}")
    total_rows: int
    truncated: bool = Field(description="Whether the report has more rows than these.")


class Tile(Part):
    """A figure of the report, and that of the period before."""

    key: str
    label: str
    type: Kind
    value: Cell
    previous: Cell
    change: float | None = Field(description="Value less previous value; null unless both are numbers.")


class ChartSeries(Part):
    """One line, or one set of bars."""

    name: str
    values: list[float | None] = Field(description="One per category; null is a gap.")


class PreviewChart(Part):
    """The data of a chart."""

    key: str
    title: str
    type: ChartKind
    categories: list[str]
    series: list[ChartSeries]


class Preview(Success):
    """The first rows of a report, with its figures and charts; no file is made."""

    report_id: str
    sheets: list[Sheet]
    kpis: list[Tile]
    charts: list[PreviewChart]
    row_count: int = Field(description="Rows in this answer.")
    total_rows: int = Field(description="Rows of the whole report.")
    data_as_of: datetime = Field(description="The instant at which the data were read.")


class FileLink(Success):
    """Where the finished file is; the four fields are missing once the file has expired."""

    download_url: str | None = Field(
        None, json_schema_extra={"format": "uri"}, description="Opens this one file, without a token."
    )
    filename: str | None = Field(None)
    file_size: int | None = Field(None, description="Bytes.")
    expires_at: datetime | None = Field(None, description="When this link stops working; report-status gives new ones.")


class GeneratedReport(FileLink):
    """A report whose file is finished."""

    report_id: str
    job_id: JobId
    row_count: int
    generated_at: datetime


class AcceptedReport(Success):
    """A job that makes the file: ask its `statusUrl` how far it is."""

    job_id: JobId
    status: Status
    estimated_completion_seconds: int = Field(ge=1)
    status_url: StatusUrl


class Job(FileLink):
    """Where a job is, and the link to its file once there is one."""

    job_id: JobId
    report_id: str
    status: Status
    progress: Percent
    phase: Phase
    message: str = Field(description="What it is doing, or why it failed, in words.")
    rows_done: int
    rows_total: int | None = Field(None, description="Rows to expect, while nobody knows better.")
    row_count: int | None = Field(None, description="Rows of the finished file.")
    error: str | None = Field(None, description="Why the job failed, in words.")
    error_code: ErrorCode | None = Field(None, description="Why the job failed.")
    created_at: datetime
    started_at: datetime | None = Field(None)
    completed_at: datetime | None = Field(None, description="When it ended, however it did.")


class CancelledJob(Success):
    """A job that stops: at once where nobody worked on it yet, within seconds where somebody does."""

    job_id: JobId
    status: Literal["processing", "cancelled"]
    status_url: StatusUrl


class FspColumnChoice(Part):
    """A column of the FSP report, and the heading over it."""

    key: str
    heading: str


class FspFormat(Success):
    """The columns of a bank's FSP report, in their order."""

    bank_id: str = Field(json_schema_extra={"format": "uuid"})
    is_custom: bool = Field(description="Whether the bank has columns of its own; if not, these are the standard ones.")
    columns: list[FspColumnChoice]
    available: list[FspColumnChoice] = Field(description="All columns there are, under their standard headings.")


PhotoUrl = Annotated[
    str | None,
    Field(json_schema_extra={"format": "uri"}, description="Shows this one picture, without a token."),
]


class Photo(Part):
    """A photo of a call; without `url` where no file in storage can have its name."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    kind: str = Field(examples=["before", "after", "installation", "final", "signature", "other"])
    taken_at: datetime | None = Field(None)
    url: PhotoUrl = Field(None)


class PhotoLinks(Success):
    """Links to a photo and to those of the same call, this one among them."""

    url: PhotoUrl = Field(None)
    expires_at: datetime = Field(description="When the links stop working.")
    call_number: str
    photo_count: int = Field(description="Photos of the call; at most 200 of them are listed.")
    photos: list[Photo] = Field(description="In order of the names of their files.")


class Liveness(Part):
    """The process answers."""

    status: Literal["alive"]


class Parts(Part):
    """What the product needs, each by itself."""

    database: Literal["ok", "unreachable"]
    queue: Literal["ok", "unreachable"]
    storage: Literal["ok", "unreachable"]


class Readiness(Part):
    """Whether the product can work; which part cannot is told to unrestricted administrators only."""

    status: Literal["ready", "unavailable"]
    parts: Parts | None = Field(None)


class JobMessage(Part):
    """What the queue carries: a job whose row exists. This app sends it and reads it; the row says everything else."""

    job_id: JobId
