"""Parameters for every report, read from its form: the fewest, the most, and each choice once; knows no report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import BaseModel

_DATES = ("dateFrom", "dateTo")
_EITHER_OR = {"period": _DATES}  # left out where the dates are given


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
    yield fewest | {name: values[0] for name, values in choices.items() if values}
    for name, values in choices.items():
        for value in values[1:]:
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
        if kind.get("type") == "array":
            items = next(_kinds(kind["items"], schema))
            if "enum" in items:
                return [list(items["enum"])]
            if name in world.lists:
                return [list(world.lists[name])] if world.lists[name] else []
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
