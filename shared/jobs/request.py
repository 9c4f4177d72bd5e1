"""A report request: from untrusted JSON to a report, its parameters and its output; decides nothing about rights."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.errors import FieldProblem, InvalidParameters, InvalidReportId
from shared.jobs.output import OutputParameters
from shared.rendering import format_ids
from shared.reports import Report, catalogue

_KNOWN = frozenset({"reportId", "params", "output", "requestorId"})  # requestorId: sent by old clients, means nothing
_MAX_PROBLEMS = 50
_MAX_DEPTH = 8  # a request's own values lie three deep; each walker of a deep one would overflow somewhere else
_SENTENCES = {
    "too_short": "must not be empty: leave it out to mean all",
    "too_long": "has too many values",
    "extra_forbidden": "is not known here",
    "tuple_type": "must be a list",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses the first, UTF-8 the others


@dataclass(frozen=True)
class ReportRequest:
    """A request whose every value is valid; `parameters` hold dates, no relative period."""

    report: Report[Any]
    parameters: Any
    output: OutputParameters


def formats_of(report: Report[Any]) -> list[str]:
    """The formats this report can be had in."""
    return [each for each in format_ids() if report.formats is None or each in report.formats]


def parsed(body: Mapping[str, Any], due: date, max_span_days: int) -> ReportRequest:
    """Validates a whole request body.

    Raises:
        InvalidReportId: the report does not exist.
        InvalidParameters: anything else is wrong; details has an entry per field, never the value.

    """
    require_storable(body)
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise InvalidParameters.of(*(FieldProblem(_safe(name), "unknown field") for name in unknown[:_MAX_PROBLEMS]))
    report = _report(body.get("reportId"))
    parameters = validated(report.parameters, body.get("params", {}), "params").resolved(due)
    output = validated(OutputParameters, body.get("output", {}), "output")
    if output.photo_link_hours is None and report.photo_link_hours is not None:
        output = output.model_copy(update={"photo_link_hours": report.photo_link_hours})
    if not output.is_preview and output.format not in formats_of(report):
        raise InvalidParameters.of(FieldProblem("output.format", f"must be one of {', '.join(formats_of(report))}"))
    if getattr(parameters, "span_days", 0) > max_span_days:
        message = f"the dates may span at most {max_span_days} days"
        raise InvalidParameters.of(FieldProblem("params.dateTo", message))
    return ReportRequest(report, parameters, output)


def require_storable(body: Mapping[str, Any]) -> None:
    """Raises `InvalidParameters` for text that no database takes, and for a body nested too deeply."""
    if any(_UNSTORABLE.search(text) for text in _texts(body)):
        raise InvalidParameters.of(FieldProblem("", "text must not hold NUL characters or lone surrogates"))


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Every text in the value, names included."""
    if depth > _MAX_DEPTH:
        raise InvalidParameters.of(FieldProblem("", "the body is nested too deeply"))
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield name
            yield from _texts(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, depth + 1)


def _report(report_id: object) -> Report[Any]:
    if not isinstance(report_id, str):
        raise InvalidParameters.of(FieldProblem("reportId", "must be the id of a report"))
    report = catalogue().get(report_id)
    if report is None:
        raise InvalidReportId(details=list(catalogue()))
    return report


def validated(model: type[BaseModel], value: object, path: str) -> Any:
    """The model of a JSON value that stands at `path` of the body; "" is the body itself.

    Raises:
        InvalidParameters: it is none; details has an entry per field, never the value.

    """
    if not isinstance(value, Mapping):
        raise InvalidParameters.of(FieldProblem(path, "must be an object"))
    try:
        # JSON's types, strictly: a list may be a tuple, a text is no number.
        return model.model_validate_json(json.dumps(value), strict=True, by_name=False)
    except ValidationError as error:
        raise InvalidParameters.of(*_problems(error, path)) from None


def _problems(error: ValidationError, path: str) -> Sequence[FieldProblem]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    # A list whose only item is wrong is also called too short: that says nothing more.
    parents = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    told = [each for each in found if each["type"] != "too_short" or each["loc"] not in parents]
    return [FieldProblem(_path(path, each["loc"]), _sentence(each)) for each in told[:_MAX_PROBLEMS]]


def _sentence(problem: ErrorDetails) -> str:
    """What is wrong, in words of ours where pydantic speaks of Python."""
    return _SENTENCES.get(problem["type"], problem["msg"])


def _path(root: str, location: Sequence[str | int]) -> str:
    return ".".join([*([root] if root else []), *(_safe(part) for part in location)])


def _safe(name: object) -> str:
    """A field's name as it may be echoed: names are the caller's text, so they are cut and kept plain."""
    return "".join(character for character in str(name)[:50] if character.isalnum() or character in "_-")
