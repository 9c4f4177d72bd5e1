"""What every JSON object of an answer has in common, for its schema; holds no answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


def _left_out(schema: dict[str, Any]) -> None:
    """What there is none of is left out of an answer, never null."""
    for each in schema["properties"].values():
        if each.get("default", ...) is None:
            del each["default"]
            (kind,) = (option for option in each.pop("anyOf") if option != {"type": "null"})
            each.update(kind)


class Part(BaseModel):
    """A JSON object within an answer: camelCase names; a field with a default may be missing, but is never null."""

    model_config = ConfigDict(alias_generator=to_camel, json_schema_extra=_left_out)
