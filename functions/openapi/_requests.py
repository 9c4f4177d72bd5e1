"""The body of generate-report: one model per report of the catalogue, told apart by `reportId`; validates nothing.

`shared.jobs.request` checks requests; the classes of parameters and output are the ones that it checks them with.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.alias_generators import to_camel

from shared.jobs.output import OutputParameters
from shared.jobs.request import formats_of
from shared.rendering import format_ids
from shared.reports import Report, catalogue

NAME = "GenerateReportRequest"
_REFERENCE = "#/components/schemas/"


class RequestEnvelope(BaseModel):
    """What every request for a report holds."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    output: OutputParameters
    requestor_id: Any = Field(None, deprecated=True, description="Sent by old clients, and ignored.")


def request_models() -> list[type[BaseModel]]:
    """The model of a request for each report, in order of their ids."""
    return [_model(report) for report in catalogue().values()]


def request_union(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a request for any report; narrows, in `schemas`, what depends on the formats that there are."""
    schemas[OutputParameters.__name__]["properties"]["format"]["enum"] = [*format_ids(), None]
    for report in catalogue().values():
        if (formats := formats_of(report)) != list(format_ids()):
            schemas[_name(report)]["properties"]["output"]["properties"] = {"format": {"enum": [*formats, None]}}
    references = {report.id: _REFERENCE + _name(report) for report in catalogue().values()}
    return {
        "description": "A request for one of the reports.",
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "reportId", "mapping": references},
    }


def examples() -> dict[str, Any]:
    """A request for last month's file of each report that takes periods, and one for a preview."""
    found = dict(_examples())
    preview = next(({**each["value"], "output": {"isPreview": True, "maxRows": 20}} for each in found.values()), None)
    return {**found, **({"preview": {"summary": "The first 20 rows at once", "value": preview}} if preview else {})}


def format_examples() -> dict[str, Any]:
    """A change of a bank's FSP report to three columns."""
    chosen = (("callReference", "Ticket"), ("completionDate", "Closed On"), ("photoEvidence", "Proof"))
    columns = [{"key": key, "heading": heading} for key, heading in chosen]
    return {"threeColumns": {"summary": "Three columns", "value": {"columns": columns}}}


def _examples() -> Iterator[tuple[str, Any]]:
    for report in catalogue().values():
        if "period" in report.parameters.model_fields:
            output = {"format": formats_of(report)[0]}
            value = {"reportId": report.id, "params": {"period": "last_month", **_choices(report)}, "output": output}
            yield report.id, {"summary": f"{report.name} of last month", "value": value}


def _choices(report: Report[Any]) -> dict[str, Any]:
    """The first of the values that may be chosen for each parameter that must be."""
    schema = report.parameters.model_json_schema(by_alias=True)
    return {name: schema["properties"][name]["enum"][0] for name in schema.get("required", [])}


def _name(report: Report[Any]) -> str:
    return "".join(part.title() for part in report.id.split("-")) + "Request"


def _model(report: Report[Any]) -> type[BaseModel]:
    report_id: Any = Literal[report.id]
    return create_model(
        _name(report),
        __base__=RequestEnvelope,
        __doc__=f"A request for {report.name}: {report.description}",
        report_id=(report_id, ...),
        params=(report.parameters, ...),
    )
