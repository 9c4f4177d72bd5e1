"""Bank Volumes: calls per bank in the period, the busiest bank first."""

from pydantic import Field
from sqlalchemy import func, select

from shared.document import Column, Document, Kind, Table
from shared.reports._calls import call, count_in_scope, in_scope
from shared.reports._export_info import Told, closing
from shared.reports._model import Entry, ReportData
from shared.reports._names import filter_notes
from shared.reports._parameters import BankFilter, DateRange
from shared.tables import banks, calls

COLUMNS = (Column("bank", "Bank"), Column("calls", "Calls", Kind.INTEGER))


class BankVolumesParameters(DateRange, BankFilter):
    """The parameters of Bank Volumes."""

    min_calls: int = Field(1, ge=1, le=1_000, description="Only banks with at least so many calls.")


def build(parameters: BankVolumesParameters, data: ReportData) -> Document:
    """The document: one eager table."""
    first, last = parameters.dates
    count = func.count().label("count")
    statement = (
        select(banks.c.name, count)
        .select_from(calls.join(banks, banks.c.id == call.client_bank))
        .where(*in_scope(parameters, data, (first, last)))
        .group_by(banks.c.name)
        .having(count >= parameters.min_calls)
        .order_by(count.desc(), banks.c.name)
    )
    table = Table.eager("Banks", COLUMNS, [tuple(row) for row in data.reader.all(statement)], is_main=True)
    notes = tuple(filter_notes(parameters, data))
    return Document(
        report_id="bank-volumes",
        title="Bank Volumes",
        subtitle=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
        zone=data.settings.zone,
        generated_at=data.generated_at,
        data_as_of=data.reader.as_of,
        file_dates=f"{first:%Y-%m-%d}_{last:%Y-%m-%d}",
        tables=(table,),
        notes=notes,
        closing=closing(data, Told("Bank Volumes", parameters, notes, (), tuple)),
    )


def estimate(parameters: BankVolumesParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="banks",
    icon="building",
    estimated_time="seconds",
    async_threshold=5_000,
    parameters=BankVolumesParameters,
    build=build,
    estimate=estimate,
)
