"""Holds real answers to the OpenAPI document: what it does not describe is reported, and what was met is remembered."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import httpx
from openapi_schema_validator import OAS31Validator, oas31_format_checker

_OF_THE_SERVER = frozenset({"date", "server", "content-length", "content-type", "connection", "transfer-encoding"})
_PREFIX = "#/components/"


@dataclass(frozen=True)
class Met:
    """One kind of answer: the operation, the status, and the error code or ""."""

    operation: str
    status: int
    code: str = ""


@dataclass
class Contract:
    """A document, the answers met so far, and the properties they had as (component, property)."""

    document: Mapping[str, Any]
    met: set[Met] = field(default_factory=set)
    properties: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._closed = _closed(self.document["components"])

    def problems(self, answer: httpx.Response) -> list[str]:
        """How an answer differs from what is described for its request."""
        method, path = answer.request.method, answer.request.url.path
        operation = self.operation(method, path)
        described = operation["responses"].get(str(answer.status_code))
        if described is None:
            return [f"{method} {path} answered {answer.status_code}, which is not described"]
        found = [*self._of_headers(answer, described), *self._of_body(answer, described)]
        code = "" if not answer.content else answer.json().get("errorCode", "") if answer.is_error else ""
        self.met.add(Met(operation["operationId"], answer.status_code, code))
        return [f"{method} {path} {answer.status_code}: {each}" for each in found]

    def operation(self, method: str, path: str) -> Mapping[str, Any]:
        """The operation of a request."""
        for template, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                found: Mapping[str, Any] = operations[method.lower()]
                return found
        raise AssertionError(f"{method} {path} is not described")

    def described(self) -> set[Met]:
        """Every kind of answer that the document knows."""
        return {
            Met(operation["operationId"], int(status), code)
            for operations in self.document["paths"].values()
            for operation in operations.values()
            for status, answer in operation["responses"].items()
            for code in self._codes(answer) or [""]
        }

    def properties_of_answers(self) -> set[tuple[str, str]]:
        """Every property that a good or bad answer may have, as (component, property)."""
        reached: set[str] = set()
        waiting = [
            name
            for operations in self.document["paths"].values()
            for operation in operations.values()
            for name in references(operation["responses"])
        ]
        while waiting:
            name = waiting.pop()
            if name not in reached and name.startswith("schemas/"):
                reached.add(name)
                waiting += references(self.component(name))
        return {(name, each) for name in reached for each in self.component(name).get("properties", {})}

    def component(self, name: str) -> Any:
        """A component by the end of its reference, such as `schemas/Job`."""
        kind, _, own = name.partition("/")
        return self.document["components"][kind][own]

    def schema_problems(self, schema: Mapping[str, Any], instance: Any) -> list[str]:
        """How an instance differs from a schema of the document, unknown fields included."""
        return self._differences(schema, instance, self._closed)

    def accepts(self, schema: Mapping[str, Any], instance: Any) -> bool:
        """Whether the document's schema, as it is published, takes the instance."""
        return not self._differences(schema, instance, self.document["components"])

    @staticmethod
    def _differences(schema: Mapping[str, Any], instance: Any, components: Any) -> list[str]:
        validator = OAS31Validator({**schema, "components": components}, format_checker=oas31_format_checker)
        return [f"{error.json_path} {error.message[:300]}" for error in validator.iter_errors(instance)]

    def _of_headers(self, answer: httpx.Response, described: Mapping[str, Any]) -> Iterator[str]:
        headers = {name.lower(): self._resolved(each) for name, each in described.get("headers", {}).items()}
        yield from (f"undescribed header {name}" for name in set(answer.headers) - set(headers) - _OF_THE_SERVER)
        for name, header in headers.items():
            text = answer.headers.get(name)
            if text is None:
                yield f"no header {name}"
            else:
                value = int(text) if header["schema"]["type"] == "integer" else text
                yield from (f"{name}: {each}" for each in self.schema_problems(header["schema"], value))

    def _of_body(self, answer: httpx.Response, described: Mapping[str, Any]) -> Iterator[str]:
        if "content" not in described:
            yield from ["a body"] if answer.content else []
            return
        kind = answer.headers["content-type"].partition(";")[0]
        if kind not in described["content"]:
            yield f"undescribed content type {kind}"
            return
        schema, body = described["content"][kind]["schema"], answer.json()
        yield from self.schema_problems(schema, body)
        self._note(schema, body)

    def _note(self, schema: Mapping[str, Any], instance: Any) -> None:
        """Remembers the properties of an instance by the components that describe them."""
        for option in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if self.accepts(option, instance):
                self._note(option, instance)
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_PREFIX)
            target = self.component(name)
            if isinstance(instance, dict):
                self.properties |= {(name, each) for each in target.get("properties", {}) if each in instance}
            self._note(target, instance)
        elif isinstance(instance, dict):
            for name, each in schema.get("properties", {}).items():
                if name in instance:
                    self._note(each, instance[name])
        elif isinstance(instance, list) and "items" in schema:
            for each in instance:
                self._note(schema["items"], each)

    def _codes(self, answer: Mapping[str, Any]) -> list[str]:
        """The error codes that an answer may carry."""
        names = [name for name in references(answer.get("content", {})) if name.startswith("schemas/")]
        found = [self.component(name).get("properties", {}).get("errorCode", {}) for name in sorted(set(names))]
        return [each["const"] for each in found if "const" in each]

    def _resolved(self, value: Mapping[str, Any]) -> Any:
        return self.component(value["$ref"].removeprefix(_PREFIX)) if "$ref" in value else value


def references(value: Any) -> Iterator[str]:
    """What the value refers to, by the ends of the references."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield str(value["$ref"]).removeprefix(_PREFIX)
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def _closed(components: Mapping[str, Any]) -> Any:
    """The components, with every object refusing what it does not describe."""
    closed = deepcopy(dict(components))
    for schema in closed["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return closed
