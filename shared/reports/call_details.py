"""Call Details: one row per call with its client, engineer, times and photo evidence, newest scheduled date first."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from pydantic import Field

from shared.document import Chart, ChartKind, Document, Series, Table
from shared.reports import _call_figures as figures
from shared.reports._call_charts import by_status
from shared.reports._call_exclusions import reconciled
from shared.reports._call_rows import COLUMNS, ON_PAGES, call_rows
from shared.reports._call_totals import DaySums, with_previous
from shared.reports._calls import count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._figures import tiles
from shared.reports._model import Entry, ReportData
from shared.reports._parameters import BankFilter, DateRange, IdList, PriorityList, RegionList, StatusList, TypeList
from shared.reports._period import days_of

_FIGURES = (
    figures.TOTAL_CALLS,
    figures.COMPLETED,
    figures.COMPLETION_RATE,
    figures.AVG_RESPONSE,
    figures.AVG_RESOLUTION,
    figures.SLA_MET,
)


class CallDetailsParameters(DateRange, BankFilter):
    """The parameters of Call Details."""

    engineers: IdList | None = Field(None, description="Only calls assigned to these engineers.")
    regions: RegionList | None = Field(None, description="Only calls whose engineer is of these regions.")
    status: StatusList | None = Field(None, description="Only calls that are in these states now.")
    call_type: TypeList | None = Field(None, description="Only calls of these types.")
    priority: PriorityList | None = Field(None, description="Only calls of these priorities.")


def build(parameters: CallDetailsParameters, data: ReportData) -> Document:
    """The document: figures and charts are read now, the rows when a format asks for them."""
    dates = parameters.dates
    days, now, then = with_previous(parameters, data, dates)
    conditions = in_scope(parameters, data, dates)
    table = Table(
        "Call Details",
        COLUMNS,
        lambda: call_rows(data, conditions),
        now.all.calls,
        is_main=True,
        page_columns=ON_PAGES,
    )
    content = Content(
        tables=(table,),
        kpis=tiles(_FIGURES, now, then, data.settings),
        charts=(_per_day(days, dates), by_status(now)),
        reconciled=lambda: reconciled(_FIGURES, now),
        has_photo_links=True,
    )
    return dated_document("call-details", "Call Details", parameters, data, content)


def estimate(parameters: CallDetailsParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="calls",
    icon="file-text",
    estimated_time="2–5 min",
    async_threshold=5_000,
    parameters=CallDetailsParameters,
    build=build,
    estimate=estimate,
)


def _per_day(days: Sequence[DaySums], dates: tuple[date, date]) -> Chart:
    counts = Counter[date]()
    for each in days:
        counts[each.day] += each.sums.calls
    every_day = days_of(*dates)
    return Chart(
        "perDay",
        "Calls per day",
        ChartKind.LINE,
        tuple(f"{day:%Y-%m-%d}" for day in every_day),
        (Series("Calls", tuple(counts[day] for day in every_day)),),
        "Number of calls on each scheduled date",
        "Calls",
    )
