"""Charts over the totals of calls that several reports show; reads nothing itself."""

from shared.document import Chart, ChartKind, Series
from shared.reports._call_totals import CallTotals
from shared.reports._pivot import words
from shared.tables import CALL_STATUSES


def by_status(totals: CallTotals) -> Chart:
    """A bar for each state a call can be in."""
    return Chart(
        "byStatus",
        "Calls by status",
        ChartKind.BAR,
        tuple(map(words, CALL_STATUSES)),
        (Series("Calls", tuple(totals.of(status).calls for status in CALL_STATUSES)),),
        "Number of calls in each status",
        "Calls",
    )
