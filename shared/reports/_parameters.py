"""The building blocks of report parameters: one pydantic class per report is form, validation and OpenAPI schema."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.reports._period import Period, dates_of

MAX_VALUES = 5_000  # values of one filter
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2999, 12, 31)  # a period before or after it still has dates
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

CallStatus = Literal["pending", "assigned", "in_progress", "completed", "cancelled"]
CallType = Literal["installation", "swap", "deinstallation", "maintenance", "breakdown"]
Priority = Literal["urgent", "high", "medium", "low"]


def _iso_date(value: object) -> object:
    """A plain date only: pydantic alone would take a number or a midnight."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        with suppress(ValueError):  # the 30th of February
            return date.fromisoformat(value)
    kind, message = "iso_date", "must be a date as YYYY-MM-DD"
    raise PydanticCustomError(kind, message)


def _usual_date(value: date) -> date:
    if not FIRST_DATE <= value <= LAST_DATE:
        kind, message = "unusual_date", f"must be from {FIRST_DATE} to {LAST_DATE}"
        raise PydanticCustomError(kind, message)
    return value


def _guid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        kind, message = "id", "must be an id"
        raise PydanticCustomError(kind, message) from None


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


Id = Annotated[str, AfterValidator(_guid), Field(json_schema_extra={"format": "uuid"})]
IsoDate = Annotated[date, BeforeValidator(_iso_date), AfterValidator(_usual_date)]
_List = (Field(min_length=1, max_length=MAX_VALUES), AfterValidator(_distinct))
IdList = Annotated[tuple[Id, ...], *_List]
StatusList = Annotated[tuple[CallStatus, ...], *_List]
TypeList = Annotated[tuple[CallType, ...], *_List]
PriorityList = Annotated[tuple[Priority, ...], *_List]
RegionList = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], *_List]


class ReportParameters(BaseModel):
    """What every report's parameters share: camelCase names, no unknown ones, no change after validation."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    def resolved(self, due: date) -> Self:
        """The same parameters with everything relative made absolute, as of the local date the run is due."""
        del due
        return self

    def to_json(self) -> dict[str, Any]:
        """As they stand in the job's row: camelCase, without what was not given."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class BankFilter(ReportParameters):
    """The bank filter that every CoSTAR report has."""

    banks: IdList | None = Field(None, description="Only these banks; left out: all you may see.")


_IS_PERIOD: dict[str, Any] = {"properties": {"period": {"type": "string"}}, "required": ["period"]}
_NO_DATES: dict[str, Any] = {"properties": {"dateFrom": {"type": "null"}, "dateTo": {"type": "null"}}}
_DATES: dict[str, Any] = {
    "properties": {"dateFrom": {"type": "string"}, "dateTo": {"type": "string"}},
    "required": ["dateFrom", "dateTo"],
}


class DateRange(ReportParameters):
    """Either two dates, both included, or a relative period."""

    model_config = ConfigDict(json_schema_extra={"if": _IS_PERIOD, "then": _NO_DATES, "else": _DATES})

    date_from: IsoDate | None = Field(None, description="First scheduled date, included.")
    date_to: IsoDate | None = Field(None, description="Last scheduled date, included.")
    period: Period | None = Field(None, description="A period relative to the day of the run, instead of dates.")

    @model_validator(mode="after")
    def _dates_or_period(self) -> Self:
        self.require_dates()
        return self

    def require_dates(self) -> None:
        """Raises `PydanticCustomError` unless there are two dates in their order, or a period, and not both."""
        dates = (self.date_from, self.date_to)
        if self.period is not None and dates != (None, None):
            kind, message = "either_or", "give dateFrom and dateTo, or period, not both"
            raise PydanticCustomError(kind, message)
        if self.period is None and None in dates:
            kind, message = "missing", "give dateFrom and dateTo, or period"
            raise PydanticCustomError(kind, message)
        if self.date_from and self.date_to and self.date_from > self.date_to:
            kind, message = "reversed", "dateFrom must not be after dateTo"
            raise PydanticCustomError(kind, message)

    def resolved(self, due: date) -> Self:
        """The period as dates."""
        if self.period is None:
            return self
        first, last = dates_of(self.period, due)
        return self.model_copy(update={"date_from": first, "date_to": last, "period": None})

    @property
    def dates(self) -> tuple[date, date]:
        """First and last day, after `resolved`."""
        if self.date_from is None or self.date_to is None:
            message = "a period has to be resolved before its dates are asked for"
            raise ValueError(message)
        return self.date_from, self.date_to

    @property
    def span_days(self) -> int:
        """Days in the range, both ends included."""
        first, last = self.dates
        return (last - first).days + 1
