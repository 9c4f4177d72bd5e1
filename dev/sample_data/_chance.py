"""Choices that come out alike on every machine: seeded by text, with no function of the C library's mathematics."""

import hashlib
import uuid
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar

_NAMESPACE = uuid.UUID("5d0a0c1e-8a53-4a5e-9d0b-3c1f4b7a2e60").bytes
_VARIANTS = "89ab"
_Item = TypeVar("_Item")


def identity(*parts: object) -> str:
    """The id (UUID version 5) of the thing that these parts name: always the same one."""
    # As `uuid.uuid5`, which takes three times as long; a world has ten ids a call.
    digits = hashlib.sha1(_NAMESPACE + "/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANTS[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def stream(*parts: object) -> Random:
    """A source of chance of its own for the thing that these parts name."""
    return Random("/".join(map(str, parts)))


def weighted(*shares: tuple[_Item, int]) -> tuple[_Item, ...]:
    """Each item as often as its share says, for `Random.choice`, which is quicker than weights."""
    return tuple(item for item, share in shares for _ in range(share))


def happens(chance: Random, percent: float) -> bool:
    """True in so many of a hundred cases."""
    return chance.random() * 100 < percent


def skewed(chance: Random, items: Sequence[_Item]) -> _Item:
    """One of the items, the first ones far more often than the last."""
    return items[int(len(items) * chance.random() * chance.random())]


def money(chance: Random, least: int, most: int) -> Decimal:
    """An amount with cents."""
    return Decimal(chance.randrange(least * 100, most * 100 + 1)).scaleb(-2)
