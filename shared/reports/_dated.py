"""Puts the document of a report over a range of scheduled dates together; reads nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.document import Chart, Document, Kpi, Note, Table
from shared.reports._export_info import Reconciled, Told, closing
from shared.reports._model import ReportData
from shared.reports._names import filter_notes
from shared.reports._parameters import DateRange


@dataclass(frozen=True)
class Content:
    """What the report itself made; previews and CSV files do without what is reconciled."""

    tables: Sequence[Table]
    kpis: Sequence[Kpi]
    charts: Sequence[Chart]
    reconciled: Callable[[], Sequence[Reconciled]]
    has_photo_links: bool = False
    notes: Sequence[Note] = ()  # parameters of its own, in words


def dated_document(report_id: str, title: str, parameters: DateRange, data: ReportData, content: Content) -> Document:
    """The document with its head, its file's dates and Export Info. Asks the database for the filters' names."""
    first, last = (f"{day:%Y-%m-%d}" for day in parameters.dates)
    notes = (*filter_notes(parameters, data), *content.notes)
    told = Told(title, parameters, notes, content.kpis, content.reconciled, has_photo_links=content.has_photo_links)
    return Document(
        report_id=report_id,
        title=title,
        subtitle=f"{first} to {last}",
        zone=data.settings.zone,
        generated_at=data.generated_at,
        data_as_of=data.reader.as_of,
        file_dates=f"{first}_{last}",
        tables=tuple(content.tables),
        kpis=tuple(content.kpis),
        charts=tuple(content.charts),
        notes=notes,
        closing=closing(data, told),
    )
