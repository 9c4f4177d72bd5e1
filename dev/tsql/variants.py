"""Parameters for every report, read from its form: the fewest, the most, and each choice once; knows no report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import BaseModel

_DATES = ("dateFrom", "dateTo")
_EITHER_OR = {"period": _DATES}  # left out where the dates are given
_ALONE = {"asOf"}  # stands instead of another that is not needed either


class UnknownParameter(Exception):
    """A parameter that nothing here has a value for; the message says what to do."""


@dataclass(frozen=True)
class World:
    """What there is to ask for: the first and last day, and lists of ids or names by the parameter they are for."""

    days: tuple[date, date]
    lists: Mapping[str, Sequence[str]]

    def without(self, name: str) -> "World":
        """The same without a list: for somebody who may not choose from it."""
        return replace(self, lists={key: values for key, values in self.lists.items() if key != name} | {name: ()})


def variants(parameters: type[BaseModel], world: World) -> Iterator[dict[str, Any]]:
    """The parameters as a request has them.

    Raises:
        UnknownParameter: a field has neither choices of its own nor a list in the world.

    """
    schema = parameters.model_json_schema(by_alias=True)
    dates = {name: day.isoformat() for name, day in zip(_DATES, world.days, strict=True)}
    fewest = {name: day for name, day in dates.items() if name in schema["properties"]}
    choices = {
        name: _choices(name, field, schema, world)
        for name, field in schema["properties"].items()
        if name not in fewest and not (name in _EITHER_OR and fewest)
    }
    needed = {name: values[0] for name, values in choices.items() if name in schema.get("required", ())}
    yield fewest | needed
    yield fewest | {name: values[0] for name, values in choices.items() if values and name not in _ALONE}
    for name, values in choices.items():
        for value in values if name in _ALONE else values[1:]:
            yield fewest | needed | {name: value}


def _choices(name: str, field: Mapping[str, Any], schema: Mapping[str, Any], world: World) -> list[Any]:
    """The values to try; none where the world's list is empty."""
    for kind in _kinds(field, schema):
        if "enum" in kind or "const" in kind:
            return list(kind.get("enum", [kind.get("const")]))
        if kind.get("type") == "boolean":
            return [True, False]
        if kind.get("type") in {"integer", "number"}:
            return [kind.get("default", field.get("default")) or kind.get("minimum", 1)]
        if kind.get("format") == "date":
            return [day.isoformat() for day in reversed(world.days)]
        if kind.get("type") == "array" and "enum" in (items := next(_kinds(kind["items"], schema))):
            return [list(items["enum"])]
        if kind.get("type") in {"array", "string"} and name in world.lists:
            values = list(world.lists[name])
            return values if kind["type"] == "string" else [values] if values else []
    message = (
        f"parameter {name}: dev/tsql/variants.py knows no value for it; give the world of dev/tsql/flows.py a list"
    )
    raise UnknownParameter(message)


def _kinds(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The alternatives of a field but null, with references followed."""
    for each in field.get("anyOf", [field]):
        kind = schema["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        if kind.get("type") != "null":
            yield kind
