"""Column types that mean the same on Azure SQL, PostgreSQL and SQLite; loads no dialect before it is connected to."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    UUID,
    BigInteger,
    Boolean,
    Date,
    Dialect,
    Double,
    Integer,
    Numeric,
    String,
    Unicode,
    UnicodeText,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

BINARY_COLLATION = "Latin1_General_100_BIN2"  # compares code units, as PostgreSQL's "C" and SQLite's BINARY do

Flag = Boolean
Day = Date
Count = Integer
Size = BigInteger
Real = Double
LongText = UnicodeText


def key_text(length: int = 50) -> TypeEngine[str]:
    """Text that is compared and indexed: a binary collation everywhere, so that all databases agree."""
    return (
        Unicode(length)
        .with_variant(Unicode(length, collation=BINARY_COLLATION), "mssql")
        .with_variant(String(length, collation="C"), "postgresql")
    )


def text(length: int = 255) -> TypeEngine[str]:
    """Text that is only shown."""
    return Unicode(length)


def money() -> Numeric[Any]:
    """An amount with two decimals."""
    return Numeric(12, 2)


class Guid(TypeDecorator[str]):
    """An id as lower-case text with dashes; UNIQUEIDENTIFIER or UUID underneath where the database has it."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type for such ids."""
        if dialect.name == "mssql":
            from sqlalchemy.dialects.mssql import UNIQUEIDENTIFIER

            return dialect.type_descriptor(UNIQUEIDENTIFIER(as_uuid=False))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(UUID(as_uuid=False))
        return dialect.type_descriptor(String(36))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Lower case, as it is stored and compared."""
        del dialect
        return None if value is None else value.lower()

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Lower case: SQL Server gives upper case."""
        del dialect
        return None if value is None else str(value).lower()


class Instant(TypeDecorator[datetime]):
    """An aware instant; DATETIME2 or ISO text in UTC without a zone, TIMESTAMPTZ on PostgreSQL."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type with microseconds; DATETIME on SQL Server would round to 3 ms."""
        if dialect.name == "mssql":
            from sqlalchemy.dialects.mssql import DATETIME2

            return dialect.type_descriptor(DATETIME2(6))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        from sqlalchemy.dialects.sqlite import DATETIME

        return dialect.type_descriptor(DATETIME())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; without the zone where the driver would silently drop an offset.

        Raises:
            ValueError: the instant is naive.

        """
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant needs a time zone"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """What makes the value; of SQLite's text in one step, as reports read hundreds of thousands of instants."""
        return _instant_of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware instant in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _instant_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class Json(TypeDecorator[Any]):
    """A JSON value; JSONB on PostgreSQL, checked text elsewhere."""

    impl = UnicodeText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB where it exists."""
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import JSONB

            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(UnicodeText())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Text with sorted keys, so that equal values are equal text."""
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value; text is parsed."""
        if value is None or dialect.name == "postgresql":
            return value
        return json.loads(value) if value else None
