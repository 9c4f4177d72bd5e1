"""What a field of a CSV file means in a column of a table: text in, a typed value or a problem out; reads no file."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Integer, Numeric, String

from shared.tables import Guid, Instant, Json

Convert = Callable[[str], Any]

_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_AMOUNT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def converter(column: Column[Any]) -> Convert:
    """What turns a field that is not empty into the column's value; it raises `ValueError` that tells the problem."""
    for kind, make in _CONVERTERS:
        if isinstance(column.type, kind):
            return make(column.type)
    raise TypeError(f"no field can be read into {column.table.name}.{column.name}")


def _guid(_type: Any) -> Convert:
    def convert(field: str) -> str:
        try:
            return str(UUID(field))
        except ValueError:
            raise ValueError("is not an id such as 0f8fad5b-d9cb-469f-a165-70867728950e") from None

    return convert


def _instant(_type: Any) -> Convert:
    def convert(field: str) -> datetime:
        try:
            at = datetime.fromisoformat(field)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError("is not an instant such as 2025-01-31T10:15:00Z") from None
        raise ValueError("has no time zone; write 2025-01-31T10:15:00Z or 2025-01-31T15:45:00+05:30")

    return convert


def _json(_type: Any) -> Convert:
    def convert(field: str) -> Any:
        try:
            value = json.loads(field, parse_constant=_refuse_constant)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
        return value

    return convert


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _flag(_type: Any) -> Convert:
    def convert(field: str) -> bool:
        try:
            return _WORDS[field.lower()]
        except KeyError:
            raise ValueError("is none of 1, true, yes, 0, false, no") from None

    return convert


def _day(_type: Any) -> Convert:
    def convert(field: str) -> date:
        try:
            return date.fromisoformat(field)
        except ValueError:
            raise ValueError("is not a date such as 2025-01-31") from None

    return convert


def _integer(kind: Any) -> Convert:
    limit = 2 ** (63 if isinstance(kind, BigInteger) else 31)

    def convert(field: str) -> int:
        if not _INTEGER.fullmatch(field):
            raise ValueError("is not a whole number")
        number = int(field) if len(field) <= len(str(limit)) + 1 else limit
        if not -limit <= number < limit:
            raise ValueError(f"lies outside {-limit} to {limit - 1}")
        return number

    return convert


def _real(_type: Any) -> Convert:
    def convert(field: str) -> float:
        number = float(field) if _REAL.fullmatch(field) else float("inf")
        if abs(number) == float("inf"):
            raise ValueError("is not a number such as 12.5")
        return number

    return convert


def _amount(kind: Any) -> Convert:
    scale: int = kind.scale
    before: int = kind.precision - kind.scale

    def convert(field: str) -> Decimal:
        if not _AMOUNT.fullmatch(field):
            raise ValueError("is not an amount such as 12.50")
        whole, _, decimals = field.lstrip("+-").partition(".")
        if len(decimals.rstrip("0")) > scale or len(whole.lstrip("0")) > before:
            raise ValueError(f"has more than {before} digits before the point or {scale} after it")
        return Decimal(field)

    return convert


def _text(kind: Any) -> Convert:
    limit: int | None = kind.length

    def convert(field: str) -> str:
        if "\x00" in field:
            raise ValueError("holds a NUL character")
        if limit and (len(field) if field.isascii() else len(field.encode("utf-16-le")) // 2) > limit:
            raise ValueError(f"is longer than {limit} characters")
        return field

    return convert


# The order matters: the product's own types and the floating numbers are special cases of later ones.
_CONVERTERS: tuple[tuple[type, Callable[[Any], Convert]], ...] = (
    (Guid, _guid),
    (Instant, _instant),
    (Json, _json),
    (Boolean, _flag),
    (Date, _day),
    (Integer, _integer),
    (Float, _real),
    (Numeric, _amount),
    (String, _text),
)
