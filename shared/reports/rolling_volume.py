"""Rolling Volume: calls scheduled, created, completed and cancelled by period, the backlog left, and busy times."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from shared.document import Cell, Chart, ChartKind, Document, Kind, Kpi, Series
from shared.reports._backlog import Backlog
from shared.reports._calls import count_in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._metrics import average
from shared.reports._model import Entry, ReportData
from shared.reports._parameters import BankFilter, DateRange
from shared.reports._period import Granularity, Span, a_month_before, a_week_before, days_of, previous_dates, spans_of
from shared.reports._period_ends import PeriodEnds
from shared.reports._volume import Volume, all_permitted, volume
from shared.reports._volume_exclusions import reconciled
from shared.reports._volume_sheets import busiest_banks, over, peak_days, peaks, trend

_TILES = (
    ("total", "Total", Kind.INTEGER, "calls scheduled in the range"),
    ("new", "New", Kind.INTEGER, "calls created in the range"),
    ("completed", "Completed", Kind.INTEGER, "calls with status completed that were completed in the range"),
    ("avgDailyVolume", "Avg Daily Volume", Kind.DECIMAL, "calls scheduled in the range / days of the range"),
    ("peakDay", "Peak Day", Kind.DATE, "the day with the most calls scheduled, the first of equals"),
    (
        "backlogAtEnd",
        "Backlog at End",
        Kind.INTEGER,
        "calls pending, assigned or in progress at the last instant of the range, or at as-of where that is earlier",
    ),
)


class RollingVolumeParameters(DateRange, BankFilter):
    """The parameters of Rolling Volume."""

    granularity: Granularity = Field("daily", description="Length of a period: a day, an ISO week, or a month.")


def build(parameters: RollingVolumeParameters, data: ReportData) -> Document:
    """The document; every table is held. One stream is read: the log of calls that were open in the range."""
    dates, permitted = parameters.dates, all_permitted(parameters, data)
    spans = spans_of(parameters.granularity, *dates)
    found = volume(parameters, data, dates, _earliest(parameters.granularity, spans, dates))
    ends = PeriodEnds.read(permitted, data, spans)
    busiest, nobodys = busiest_banks(spans, found, dates, data)
    content = Content(
        tables=(trend(parameters.granularity, spans, found, ends), *peaks(found, dates), busiest),
        kpis=_tiles(found, ends, dates),
        charts=(_volumes(spans, found), _backlog(spans, ends)),
        reconciled=lambda: [*reconciled(permitted, data, dates, found.cancelled, ends.last), nobodys],
    )
    return dated_document("rolling-volume", "Rolling Volume", parameters, data, content)


def estimate(parameters: RollingVolumeParameters, data: ReportData) -> int:
    """Calls scheduled in the range."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="calls",
    icon="trending-up",
    estimated_time="1–2 min",
    async_threshold=10_000,
    parameters=RollingVolumeParameters,
    build=build,
    estimate=estimate,
)


def _earliest(granularity: Granularity, spans: Sequence[Span], dates: tuple[date, date]) -> date:
    """The first day that any change looks back to."""
    earlier = (day for span in spans for day in (a_week_before(span)[0], a_month_before(granularity, span)[0]))
    return min(previous_dates(*dates)[0], *earlier)


def _tiles(found: Volume, ends: PeriodEnds, dates: tuple[date, date]) -> tuple[Kpi, ...]:
    now = _figures(found, dates, ends.last)
    before = _figures(found, previous_dates(*dates), ends.before)
    return tuple(
        Kpi(key, label, kind, value, previous, formula)
        for (key, label, kind, formula), value, previous in zip(_TILES, now, before, strict=True)
    )


def _figures(found: Volume, dates: tuple[date, date], end: Backlog | None) -> tuple[Cell, ...]:
    """The values of the tiles over some dates, in their order."""
    total, most = over(found.total, *dates), peak_days(found.total, dates)
    return (
        total,
        over(found.new, *dates),
        over(found.completed, *dates),
        average(total, len(days_of(*dates))),
        most[0][0] if most else None,
        end.open if end else None,
    )


def _volumes(spans: Sequence[Span], found: Volume) -> Chart:
    named = (("Total", found.total), ("New", found.new), ("Completed", found.completed))
    return Chart(
        "volumes",
        "Calls per period",
        ChartKind.LINE,
        tuple(span.label for span in spans),
        tuple(Series(name, tuple(over(counts, span.first, span.last) for span in spans)) for name, counts in named),
        "Number of calls scheduled, created and completed in each period",
        "Calls",
    )


def _backlog(spans: Sequence[Span], ends: PeriodEnds) -> Chart:
    open_calls = tuple(end.open if end else None for end in map(ends.of, spans))
    return Chart(
        "backlog",
        "Backlog at end of period",
        ChartKind.BAR,
        tuple(span.label for span in spans),
        (Series("Open calls", open_calls),),
        "Number of calls pending, assigned or in progress at the end of each period",
        "Calls",
    )
