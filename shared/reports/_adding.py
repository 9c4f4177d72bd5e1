"""Adds up frozen values field by field; knows neither calls nor reports."""

from collections.abc import Iterable
from dataclasses import fields
from math import fsum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def added(kind: type[T], parts: Iterable[T]) -> T:
    """All of these together: each field of the dataclass `kind` is the sum of theirs.

    Fields ending in `_minutes` are floating; their sum does not depend on the order of the parts.
    """
    held = list(parts)
    if len(held) == 1:
        return held[0]
    values = {each.name: [getattr(part, each.name) for part in held] for each in fields(kind)}
    sums: dict[str, Any] = {
        name: fsum(each) if name.endswith("_minutes") else sum(each) for name, each in values.items()
    }
    return kind(**sums)
