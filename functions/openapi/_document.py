"""The OpenAPI 3.1 document: operations, schemas, headers and errors put together; the same code gives the same text."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from functions.openapi._answers import JobMessage
from functions.openapi._errors import error_models, model_name, sentences
from functions.openapi._headers import HEADERS, PARAMETERS
from functions.openapi._operations import OPERATIONS, TAGS, Operation, Outcome
from functions.openapi._requests import NAME, examples, format_examples, request_models, request_union
from shared.errors import ReportingError
from shared.fsp_formats import FspFormatRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

_JSON = "application/json"
_LICENSE = {"name": "MIT", "identifier": "MIT"}
_INTRODUCTION = """Reports on service calls: order one, follow its job, download the file.

Every error has one envelope: `error` says in words what is wrong, `errorCode` says it for programs, `details` where
there is more to say. Only the platform's own answers lack it: 404 for a route or method that does not exist, and
whatever a gateway in front says. Answers may gain fields: read past those that you do not know."""
_TOKEN = "Microsoft Entra ID access token. It says who you are; what you may see is looked up at every request."  # noqa: S105 a sentence


class _Untitled(GenerateJsonSchema):
    """Schemas without the titles that pydantic derives from names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never: the name is there already."""
        del schema
        return False


def document() -> dict[str, Any]:
    """The whole document, JSON-ready. It costs some 0.1 s, and loads every report's module."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "CoSTAR Reports", "version": "1", "description": _INTRODUCTION, "license": _LICENSE},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": PARAMETERS,
            "headers": {name: header for name, (_, header) in HEADERS.items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _TOKEN}
            },
        },
    }


def _schemas() -> dict[str, Any]:
    answers = [model for operation in OPERATIONS for outcome in operation.outcomes for model in outcome.models]
    errors = [model for error, model in error_models().items() if error in _told()]
    written: list[type[BaseModel]] = [*dict.fromkeys(answers), *errors, JobMessage]
    _, made = models_json_schema(
        [*_in_mode("validation", [*request_models(), FspFormatRequest]), *_in_mode("serialization", written)],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )
    schemas: dict[str, Any] = made["$defs"]
    for schema in schemas.values():
        schema.pop("title", None)
    schemas[NAME] = request_union(schemas)
    return dict(sorted(schemas.items()))


def _in_mode(
    mode: JsonSchemaMode, models: Iterable[type["BaseModel"]]
) -> list[tuple[type["BaseModel"], JsonSchemaMode]]:
    return [(model, mode) for model in models]


def _told() -> set[type[ReportingError]]:
    return set(chain.from_iterable(errors for each in OPERATIONS for errors in each.failures().values()))


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return paths


def _operation(operation: Operation) -> dict[str, Any]:
    head, *rest = operation.function.split("_")
    described: dict[str, Any] = {
        "operationId": head + "".join(word.title() for word in rest),
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description or f"{operation.summary}.",
        "security": {"required": [{"bearer": []}], "optional": [{}, {"bearer": []}], "none": []}[operation.sign_in],
    }
    if operation.parameters:
        described["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters]
    if operation.body:
        shown = examples() if operation.body == NAME else format_examples()
        body = {"schema": _reference(operation.body), "examples": shown}
        described["requestBody"] = {"required": True, "content": {_JSON: body}}
    answers = {str(outcome.status): _answer(operation, outcome) for outcome in operation.outcomes}
    failures = {str(status): _failure(status, errors) for status, errors in operation.failures().items()}
    return {**described, "responses": {**answers, **failures}}


def _answer(operation: Operation, outcome: Outcome) -> dict[str, Any]:
    """A good answer; those that no mapper makes (`health_live`) have no headers of ours."""
    headers = ("RequestId", "CacheControl", *outcome.headers) if operation.errors else ()
    answer: dict[str, Any] = {"description": outcome.description, "headers": _headers(headers)}
    if outcome.status == 304:  # noqa: PLR2004 HTTP's own number
        return answer
    references = [_reference(model.__name__) for model in outcome.models]
    schema = references[0] if len(references) == 1 else {"oneOf": references} if references else {"type": "object"}
    return {**answer, "content": {_JSON: {"schema": schema}}}


def _failure(status: int, errors: Sequence[type[ReportingError]]) -> dict[str, Any]:
    own = {401: ("WwwAuthenticate",), 429: ("RetryAfter",), 503: ("RetryAfter",)}.get(status, ())
    references = {error.code: f"#/components/schemas/{model_name(error)}" for error in errors}
    schema: dict[str, Any] = {"oneOf": [{"$ref": each} for each in references.values()]}
    if len(references) > 1:
        schema["discriminator"] = {"propertyName": "errorCode", "mapping": references}
    else:
        schema = schema["oneOf"][0]
    return {
        "description": sentences(errors),
        "headers": _headers(("RequestId", "CacheControl", *own)),
        "content": {_JSON: {"schema": schema}},
    }


def _headers(names: Sequence[str]) -> dict[str, Any]:
    return {HEADERS[name][0]: {"$ref": f"#/components/headers/{name}"} for name in names}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
