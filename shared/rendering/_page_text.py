"""Values as text for pages and slides: digits grouped, dates ordered and instants shown as a reader here expects.

Draws nothing, cleans nothing, and knows no file format.
"""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.clock import local_time
from shared.document import Cell, Column, Kind, Kpi, Link, rounded

MISSING = "n/a"  # what a tile without a value says
_MINUS, _NO_CHANGE = "−", "±"
_DECIMALS = {Kind.INTEGER: 0, Kind.MINUTES: 2, Kind.PERCENT: 2, Kind.MONEY: 2}  # where the column says nothing
_MOST_DECIMALS = 6  # of a number whose column says nothing: a place to a tenth of a metre
_UNITS = {Kind.MINUTES: " min", Kind.PERCENT: "%"}
_CHANGE_UNITS = {Kind.MINUTES: " min", Kind.PERCENT: " pp"}  # percentage points
_DAY_FIRST = "{day:02}-{month:02}-{year:04}"
_DATES = {
    "en-IN": _DAY_FIRST,
    "hi-IN": _DAY_FIRST,
    "en-GB": "{day:02}/{month:02}/{year:04}",
    "en-US": "{month:02}/{day:02}/{year:04}",
}
_ISO = "{year:04}-{month:02}-{day:02}"
_GROUP, _LAKH_GROUP = 3, 2  # digits


def page_text(cell: Cell, column: Column, zone: ZoneInfo, locale: str) -> str:
    """The cell as a reader sees it under its heading; "" for None and for numbers that are none.

    Numbers carry no unit, for headings name it. Instants are the wall clock of `zone` to the minute.
    """
    if isinstance(cell, Link):
        return cell.text
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, date):  # an instant is one too
        return _date_text(cell, column.date_format, zone, locale)
    if isinstance(cell, timedelta):
        return _duration_text(cell)
    return _number_text(cell, column, locale) if isinstance(cell, int | float | Decimal) else cell or ""


def tile_text(kpi: Kpi, zone: ZoneInfo, locale: str) -> str:
    """The tile's value with its unit (`12,34,567`, `42.50 min`, `87.50%`); `n/a` where there is none."""
    if kpi.value is None:
        return MISSING
    said = page_text(kpi.value, _column(kpi), zone, locale)
    return f"{said}{_UNITS.get(kpi.kind, '')}" if said else MISSING


def change_text(kpi: Kpi, zone: ZoneInfo, locale: str) -> str:
    """The change since the previous period with sign and unit (`+12`, `−3.20 pp`); "" where there is none.

    What rounds to nothing begins with `±`.
    """
    if kpi.change is None or not math.isfinite(kpi.change):
        return ""
    shown = page_text(abs(kpi.change), _column(kpi), zone, locale)
    sign = _NO_CHANGE if not shown.strip("0.") else "+" if kpi.change > 0 else _MINUS
    return f"{sign}{shown}{_CHANGE_UNITS.get(kpi.kind, '')}"


def instant_text(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """An aware instant as the wall clock of `zone`, to the minute."""
    local = local_time(at, zone)
    return f"{_day_text(local, '', locale)} {local:%H:%M}"


def _column(kpi: Kpi) -> Column:
    return Column(kpi.key, kpi.label, kpi.kind, decimals=2 if kpi.kind is Kind.DECIMAL else None)


def _date_text(day: date, date_format: str, zone: ZoneInfo, locale: str) -> str:
    if isinstance(day, datetime) and not date_format:
        return instant_text(day, zone, locale)
    local = local_time(day, zone) if isinstance(day, datetime) else day
    return _day_text(local, date_format, locale)


def _day_text(day: date, date_format: str, locale: str) -> str:
    if date_format:
        return day.strftime(date_format.replace("%Y", f"{day.year:04}"))  # C leaves out a year's leading zeros
    return _DATES.get(locale, _ISO).format(day=day.day, month=day.month, year=day.year)


def _duration_text(duration: timedelta) -> str:
    seconds = round(abs(duration.total_seconds()))
    sign = _MINUS if duration < timedelta(0) and seconds else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _number_text(value: float | Decimal, column: Column, locale: str) -> str:
    if not math.isfinite(value):
        return ""
    shown = _DECIMALS.get(column.kind) if column.decimals is None else column.decimals
    if shown is None:
        short = format(rounded(value, _MOST_DECIMALS), "f").rstrip("0").removesuffix(".")
        return short.replace("-", _MINUS)
    exact = rounded(value, shown)
    whole, point, fraction = format(abs(exact), "f").partition(".")
    grouped = whole if column.kind is Kind.PERCENT else _grouped(whole, locale)
    return f"{_MINUS if exact < 0 else ''}{grouped}{point}{fraction}"


def _grouped(digits: str, locale: str) -> str:
    """The digits with commas: by thousands, or by lakhs and crores where India reads."""
    if not locale.endswith("-IN"):
        return f"{int(digits):,}"
    head, tail = digits[:-_GROUP], digits[-_GROUP:]
    pairs = [head[max(end - _LAKH_GROUP, 0) : end] for end in range(len(head), 0, -_LAKH_GROUP)]
    return ",".join([*reversed(pairs), tail])
