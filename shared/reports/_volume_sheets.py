"""The sheets of Rolling Volume, from counts by date and the backlog at the ends of periods; reads only bank names."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from shared.document import Cell, Column, Kind, Row, Table
from shared.reports._export_info import Reconciled
from shared.reports._metrics import average, share
from shared.reports._model import ReportData
from shared.reports._names import bank_members
from shared.reports._period import Granularity, Span, a_month_before, a_week_before, days_of
from shared.reports._period_ends import PeriodEnds
from shared.reports._volume import Volume

_PEAK_DAYS = 10
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TREND = (
    Column("period", "Period"),
    Column("totalCalls", "Total Calls", Kind.INTEGER),
    Column("newCalls", "New Calls", Kind.INTEGER),
    Column("completedCalls", "Completed Calls", Kind.INTEGER),
    Column("cancelledCalls", "Cancelled Calls", Kind.INTEGER),
    Column("pendingAtEnd", "Pending (End of Period)", Kind.INTEGER),
    Column("inProgressAtEnd", "In Progress (End of Period)", Kind.INTEGER),
    Column("avgDailyVolume", "Avg Daily Volume", Kind.DECIMAL, decimals=2),
    Column("weekOverWeek", "Week-over-Week Change %", Kind.PERCENT),
    Column("monthOverMonth", "Month-over-Month Change %", Kind.PERCENT),
    Column("note", "Note"),
)
_PEAK = (
    Column("rank", "Rank", Kind.INTEGER),
    Column("date", "Date", Kind.DATE),
    Column("weekday", "Weekday"),
    Column("totalCalls", "Total Calls", Kind.INTEGER),
)
_HOURS = (
    Column("weekday", "Weekday"),
    *(Column(f"hour{hour:02}", f"{hour:02}", Kind.INTEGER, heat=True) for hour in range(24)),
)
_BUSIEST = (Column("period", "Period"), Column("bank", "Bank"), Column("totalCalls", "Total Calls", Kind.INTEGER))


def over(counts: Counter[date], first: date, last: date) -> int:
    """The sum over some days."""
    return sum(counts[day] for day in days_of(first, last))


def peak_days(counts: Counter[date], dates: tuple[date, date]) -> list[tuple[date, int]]:
    """The days that have calls, most first, then the earliest."""
    days = [(day, counts[day]) for day in days_of(*dates) if counts[day]]
    return sorted(days, key=lambda pair: (-pair[1], pair[0]))


def trend(granularity: Granularity, spans: Sequence[Span], found: Volume, ends: PeriodEnds) -> Table:
    """Volume Trend: a row for every period, of those without calls too."""
    rows = [_line(granularity, span, found, ends) for span in spans]
    return Table.eager("Volume Trend", _TREND, rows, is_main=True)


def peaks(found: Volume, dates: tuple[date, date]) -> list[Table]:
    """Peak Days and Peak Hours; without a call, or a start, there are no rows."""
    days = peak_days(found.total, dates)[:_PEAK_DAYS]
    ranked: list[Row] = [
        (rank, day, _WEEKDAYS[day.weekday()], count) for rank, (day, count) in enumerate(days, start=1)
    ]
    hours: list[Row] = [
        (name, *(found.starts[weekday, hour] for hour in range(24))) for weekday, name in enumerate(_WEEKDAYS)
    ]
    return [
        Table.eager("Peak Days", _PEAK, ranked),
        Table.eager("Peak Hours", _HOURS, hours if found.starts else ()),
    ]


def busiest_banks(
    spans: Sequence[Span], found: Volume, dates: tuple[date, date], data: ReportData
) -> tuple[Table, Reconciled]:
    """The bank with most calls of each period that has any, the first by name of equals; and what no bank has."""
    by_bank = {key: count for key, count in found.by_bank.items() if dates[0] <= key[0] <= dates[1]}
    banks = [bank for bank in bank_members({bank for _, bank in by_bank}, data) if bank.value is not None]
    rows: list[Row] = []
    for span in spans:
        counts = Counter[str | None]()
        for day in days_of(span.first, span.last):
            counts.update({bank.value: by_bank.get((day, bank.value), 0) for bank in banks})
        most = max(banks, key=lambda bank: counts[bank.value], default=None)
        if most and counts[most.value]:
            rows.append((span.label, most.label, counts[most.value]))
    nobodys = sum(count for (_, bank), count in by_bank.items() if bank is None)
    left_out = Reconciled.of("Busiest Banks", sum(by_bank.values()), [("no bank", nobodys)])
    return Table.eager("Busiest Banks", _BUSIEST, rows), left_out


def _line(granularity: Granularity, span: Span, found: Volume, ends: PeriodEnds) -> Row:
    days = (span.first, span.last)
    total, end = over(found.total, *days), ends.of(span)
    week = None if granularity == "monthly" else _change(total, over(found.total, *a_week_before(span)))
    return (
        span.label,
        total,
        over(found.new, *days),
        over(found.completed, *days),
        over(found.cancelled.by_date, *days),
        end.pending if end else None,
        end.in_progress if end else None,
        average(total, span.days),
        week,
        _change(total, over(found.total, *a_month_before(granularity, span))),
        _note(span, over(found.cancelled.untold, *days), ends),
    )


def _change(now: int, before: int) -> float | None:
    return share(now - before, before)


def _note(span: Span, reconstructed: int, ends: PeriodEnds) -> Cell:
    parts = [
        f"partial: {span.first:%Y-%m-%d} to {span.last:%Y-%m-%d}" if span.is_partial else "",
        ends.remark(span),
        f"{reconstructed} cancelled by last update (reconstructed)" if reconstructed else "",
    ]
    return "; ".join(filter(None, parts)) or None
