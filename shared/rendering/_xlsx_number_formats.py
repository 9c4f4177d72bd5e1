"""The number formats of columns: digits, grouping and order of dates by locale; never touches a value."""

import re

from shared.document import Column, Kind

DECIMALS = {Kind.MINUTES: 2, Kind.PERCENT: 2, Kind.MONEY: 2, Kind.INTEGER: 0}  # shown where the column says nothing
TEXT = "@"  # text stays text also when somebody edits the cell

_DATES = {"en-IN": "dd-mm-yyyy", "hi-IN": "dd-mm-yyyy", "en-GB": "dd/mm/yyyy", "en-US": "mm/dd/yyyy"}
_ISO = "yyyy-mm-dd"
_LAKHS = r"[>=10000000]##\,##\,##\,##0{0};[>=100000]##\,##\,##0{0};#,##0{0}"
_STRFTIME = {
    "d": "dd",
    "m": "mm",
    "b": "mmm",
    "B": "mmmm",
    "y": "yy",
    "Y": "yyyy",
    "a": "ddd",
    "A": "dddd",
    "H": "hh",
    "M": "mm",
    "S": "ss",
}
_DIRECTIVE_OR_WORD = re.compile("%(.)|[^%/:. -]+")


def number_format(column: Column, locale: str) -> str:
    """The number format of a column's cells in this locale (`en-IN`)."""
    kind, dates = column.kind, _DATES.get(locale, _ISO)
    if kind in {Kind.DATE, Kind.DATE_TIME} and column.date_format:
        return _DIRECTIVE_OR_WORD.sub(_excel_word, column.date_format)
    fixed = {
        Kind.TEXT: TEXT,
        Kind.LINK: TEXT,
        Kind.BOOLEAN: TEXT,
        Kind.DATE: dates,
        Kind.DATE_TIME: f"{dates} hh:mm:ss",
        Kind.DURATION: "[h]:mm:ss",
    }
    return fixed.get(kind) or _number(kind, column.decimals, locale)


def _number(kind: Kind, decimals: int | None, locale: str) -> str:
    shown = DECIMALS.get(kind) if decimals is None else decimals
    if shown is None:
        return "General"
    point = "." + "0" * shown if shown else ""
    if kind is Kind.PERCENT:
        return f"0{point}"
    return _LAKHS.format(point) if locale.endswith("-IN") else f"#,##0{point}"


def _excel_word(match: re.Match[str]) -> str:
    """A directive of strftime in Excel's letters; any other word as it stands, in quotes."""
    bare = match[0].replace('"', "")
    return _STRFTIME.get(match[1] or "", f'"{bare}"')
