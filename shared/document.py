"""The document model: the neutral value between reports, which fill it, and formats, which draw it.

It knows neither a database nor a file format. All text is cleaned here, once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from itertools import islice
from types import NoneType
from typing import Self
from zoneinfo import ZoneInfo

MAX_TEXT = 32_767  # UTF-16 units of one spreadsheet cell; the tightest of the formats, so that all agree
CUT_MARK = " … [cut]"
_MAX_TOOLTIP = 250  # UTF-16 units: what spreadsheets show
_CLEANED_AT_ONCE = 500  # rows

_ANY_SIZE = Context(prec=400)  # digits: the largest floating number has 309 before its point

# Controls and what XML forbids, less surrogates, which are replaced so that the reader sees that something was there.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Kind(StrEnum):
    """What a column or a tile holds; formats choose alignment and number format by it."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MINUTES = "minutes"
    PERCENT = "percent"  # 0 to 100, never 0 to 1
    DATE = "date"
    DATE_TIME = "date-time"  # aware instants; formats show the document's zone
    DURATION = "duration"
    MONEY = "money"
    LINK = "link"
    BOOLEAN = "boolean"


class Tone(StrEnum):
    """How a state is to be coloured; the text always says it too."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class ChartKind(StrEnum):
    """The shapes of chart that every drawing format can make natively."""

    BAR = "bar"
    STACKED_BAR = "stacked-bar"
    LINE = "line"


@dataclass(frozen=True)
class Link:
    """A link cell: what stands in it, where it leads (None: plain text) and what is shown on hovering."""

    text: str
    url: str | None = None
    tooltip: str = ""
    photos: tuple[str, ...] = ()  # blob names of the photos it stands for, in order; not cleaned, never shown


Cell = str | int | float | Decimal | date | datetime | timedelta | bool | Link | None
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """A column: its machine key, exact heading and kind."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    decimals: int | None = None  # shown digits after the point; None: the kind's own
    long_text: bool = False  # may wrap over several lines
    few_values: bool = False  # so few different values that a format may share them
    date_format: str = ""  # strftime pattern where the report fixes one; "": the format's own
    tones: Mapping[str, Tone] = field(default_factory=dict)  # colour by the cell's text
    heat: bool = False  # coloured by the number's share of the largest in all such columns of the table


@dataclass(frozen=True)
class Table:
    """One table: columns, and rows as a callable that gives a fresh single-pass iterator each time.

    `count` is the number of rows where it is known before they are read, or a callable that finds it.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Row]]
    count: int | Callable[[], int] | None = None
    is_main: bool = False
    page_columns: tuple[str, ...] = ()  # keys shown on pages and slides; (): all
    empty_text: str = ""

    @classmethod
    def eager(cls, name: str, columns: Sequence[Column], rows: Sequence[Row], *, is_main: bool = False) -> Self:
        """A table whose few rows are held: summaries, pivots, whatever charts point at."""
        held = tuple(rows)
        return cls(name, tuple(columns), lambda: held, count=len(held), is_main=is_main)

    def with_rows(self, rows: Callable[[], Iterable[Row]]) -> Self:
        """The same table over other rows."""
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Kpi:
    """A tile: its value, the value of the previous period, and the formula in words. None is shown as n/a."""

    key: str
    label: str
    kind: Kind
    value: Cell
    previous: Cell = None
    formula: str = ""

    @property
    def change(self) -> float | None:
        """Value less previous value, in the tile's unit; None unless both are numbers."""
        if _is_number(self.value) and _is_number(self.previous):
            return float(self.value) - float(self.previous)  # type: ignore[arg-type] # both are numbers, as just asked
        return None


@dataclass(frozen=True)
class Series:
    """One line or one set of bars: a name and a value (or None: a gap) per category."""

    name: str
    values: tuple[float | int | None, ...]


@dataclass(frozen=True)
class Chart:
    """A chart over eager data: categories along the axis, one or more series, and its description in words."""

    key: str
    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    description: str = ""  # alternative text
    value_label: str = ""


@dataclass(frozen=True)
class Note:
    """A label and what it says: a line of Export Info or of a page's head."""

    label: str
    text: str


@dataclass(frozen=True)
class Exclusion:
    """Why rows stand outside a figure: the figure, the reason in words, and how many rows."""

    figure: str
    reason: str
    count: int


@dataclass(frozen=True)
class Facts:
    """What only drawing can know: rows per table, what was cut or left out, and the file's format."""

    format: str
    rows: Mapping[str, int]
    cut_texts: int = 0
    dropped_links: int = 0
    odd_values: int = 0
    photos_left_out: int = 0  # over the number that a file holds
    photos_unshown: int = 0  # missing, broken or too large: a placeholder stands for each


@dataclass(frozen=True)
class Document:
    """A report's whole content. A format drains the tables in order, one after another, then asks for `closing`."""

    report_id: str
    title: str
    subtitle: str
    zone: ZoneInfo
    generated_at: datetime
    data_as_of: datetime
    file_dates: str  # how the file's name tells the dates: `{from}_{to}` or `asof-{date}`
    tables: tuple[Table, ...]
    kpis: tuple[Kpi, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[Note, ...] = ()  # dates, scope and filters with names, for heads of pages
    closing: Callable[[Facts], Sequence[Table]] = lambda _facts: ()
    language: str = "en"
    empty_text: str = "No calls match these filters"

    @property
    def main(self) -> Table:
        """The table a format with only one shows."""
        return next((table for table in self.tables if table.is_main), self.tables[0])

    def with_tables(self, change: Callable[[Table], Table]) -> Self:
        """The same document with every table changed: how preview, progress and cancelling get at the rows."""
        return replace(self, tables=tuple(change(table) for table in self.tables))


def clean_text(value: object, limit: int = MAX_TEXT) -> str:
    """Text that every format can hold: no control characters, no lone surrogates, LF line ends, at most `limit` long.

    The length counts as spreadsheets count: an emoji is 2. Text over the limit ends in `CUT_MARK`. Clean text comes
    back as it is, without a copy.
    """
    return _cut(_legal(value if isinstance(value, str) else str(value)), limit)


def _legal(text: str) -> str:
    if not _UNCLEAN.search(text):
        return text
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def _cut(text: str, limit: int) -> str:
    if 2 * len(text) <= limit or len(units := text.encode("utf-16-le")) <= 2 * limit:  # two bytes a unit
        return text
    return units[: 2 * (limit - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK


def cleaned(rows: Iterable[Row], columns: Sequence[Column], on_cut: Callable[[], None] = lambda: None) -> Iterator[Row]:
    """The rows with the cells of text and link columns cleaned; other cells pass untouched.

    Reads at most 500 rows ahead. `on_cut` is called for every text or link that was longer than `MAX_TEXT`.
    """
    places = [index for index, column in enumerate(columns) if column.kind in {Kind.TEXT, Kind.LINK}]
    source = iter(rows)
    while batch := list(islice(source, _CLEANED_AT_ONCE)):
        cells: list[Sequence[Cell]] = list(zip(*batch, strict=True))
        unclean = [place for place in places if not _is_clean(cells[place])]
        for place in unclean:
            cells[place] = [_clean_cell(cell, on_cut) for cell in cells[place]]
        yield from zip(*cells, strict=True) if unclean else batch


def _is_clean(cells: Sequence[Cell]) -> bool:
    """Whether nothing in this column has to be changed; asked of all its cells at once."""
    if set(map(type, cells)) <= {str, NoneType}:
        return _are_clean([*filter(None, cells)], MAX_TEXT)  # type: ignore[list-item] # text, as just asked
    links = [cell for cell in cells if isinstance(cell, Link)]
    texts = [cell for cell in cells if isinstance(cell, str)] + [link.text for link in links]
    return _are_clean(texts, MAX_TEXT) and _are_clean([link.tooltip for link in links], _MAX_TOOLTIP)


def _are_clean(texts: Sequence[str], limit: int) -> bool:
    """False also where only a closer look could tell: long texts of other scripts may fit all the same."""
    joined = "".join(texts)
    if max(map(len, texts), default=0) * (1 if joined.isascii() else 2) > limit:
        return False
    return joined.replace("\n", "").isprintable() or not _UNCLEAN.search(joined)  # the first is three times as quick


def _clean_cell(cell: Cell, on_cut: Callable[[], None]) -> Cell:
    if isinstance(cell, Link):
        tooltip = clean_text(cell.tooltip, _MAX_TOOLTIP)
        return replace(cell, text=_fitting(cell.text, on_cut), tooltip=tooltip)
    return _fitting(cell, on_cut) if isinstance(cell, str) else cell


def _fitting(text: str, on_cut: Callable[[], None]) -> str:
    legal = _legal(text)
    fitting = _cut(legal, MAX_TEXT)
    if fitting is not legal:
        on_cut()
    return fitting


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """The finite value to `decimals` places, half away from zero and never −0; for display only (reports.md §1)."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    found = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_ANY_SIZE)
    return found or abs(found)  # a zero without its sign


def _is_number(value: Cell) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
