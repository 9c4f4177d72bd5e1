"""Endless: reads for hours from any database; one statement, no row of anybody's."""

from sqlalchemy import Select, func, literal, select

from shared.document import Document
from shared.reports import call_details
from shared.reports._model import Entry, ReportData
from shared.reports._parameters import DateRange


class EndlessParameters(DateRange):
    """The parameters of Endless."""


def build(parameters: EndlessParameters, data: ReportData) -> Document:
    """Would be Call Details, if it came to that."""
    data.reader.all(_numbers())
    return call_details.build(call_details.CallDetailsParameters.model_validate(parameters.model_dump()), data)


def estimate(parameters: EndlessParameters, data: ReportData) -> int:
    """None."""
    del parameters, data
    return 0


def _numbers() -> Select[int]:
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < 10**9))
    return select(func.count()).select_from(numbers)


ENTRY = Entry(
    category="calls",
    icon="clock",
    estimated_time="hours",
    async_threshold=5_000,
    parameters=EndlessParameters,
    build=build,
    estimate=estimate,
)
