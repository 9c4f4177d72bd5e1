"""Tables of PDF files: which columns are shown, how wide they are, and their rows made ready, batch by batch.

Rows are read once and never held; how they lie on pages is the grid's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from shared.document import Column, Kind, Row, Table
from shared.rendering._model import Pictures
from shared.rendering._pdf_canvas import Canvas, Place
from shared.rendering._pdf_cells import Filled, Maker, Manner, add_pictures, texts
from shared.rendering._pdf_columns import Measure, Plan, measured, planned
from shared.rendering._pdf_grid import Grid, Header
from shared.rendering._pdf_paper import Colour
from shared.rendering._pdf_pictures import WIDTH as PICTURES_WIDTH
from shared.rendering._pdf_pictures import shown

_SAMPLE = 200  # rows that columns are measured by
_BATCH = 100  # rows made ready at once
_CHIP_EXTRA = 1.4  # em that a state's ground takes beside its text
_PICTURES_AT = 8  # points of letters that a column of pictures is measured at


@dataclass(frozen=True)
class Setting:
    """How all tables of a document are drawn: on what, in which colour and manner, and with which photos."""

    canvas: Canvas
    brand: Colour
    manner: Manner
    pictures: Pictures | None


def draw_table(table: Table, setting: Setting, empty_text: str, *, on_new_page: bool = False) -> tuple[int, Place]:
    """Draws a table where the page stands; how many rows it had, and where it begins."""
    chosen = _chosen(table)
    columns = [table.columns[place] for place in chosen]
    source = (_cells(row, chosen) for row in table.rows())
    sample = list(islice(source, _SAMPLE))
    plan = _plan(columns, sample, setting)
    header = Header(table.name, [column.label for column in columns], _hidden(table, columns), on_new_page)
    grid = Grid(header, plan, setting.canvas, setting.brand)
    count = 0
    together = table.count if isinstance(table.count, int) else None
    for cells in _ready(columns, plan, sample, source, setting):
        grid.place(cells, together)
        count += 1
    if count == 0:
        grid.say(empty_text)
    return count, grid.finish()


def _chosen(table: Table) -> list[int]:
    """The places of the columns that pages show."""
    if not table.page_columns:
        return list(range(len(table.columns)))
    places = {column.key: place for place, column in enumerate(table.columns)}
    return [places[key] for key in table.page_columns]


def _cells(row: Row, chosen: Sequence[int]) -> Row:
    return tuple(row[place] for place in chosen) if len(chosen) != len(row) else row


def _hidden(table: Table, columns: Sequence[Column]) -> str:
    """What is said of columns that pages do not show."""
    if len(columns) == len(table.columns):
        return ""
    return f"{len(columns)} of {len(table.columns)} columns; the full set is in XLSX and CSV"


def _plan(columns: Sequence[Column], sample: Sequence[Row], setting: Setting) -> Plan:
    return planned(columns, [_measure(column, place, sample, setting) for place, column in enumerate(columns)])


def _measure(column: Column, place: int, sample: Sequence[Row], setting: Setting) -> Measure:
    said = list(texts(column, [row[place] for row in sample], setting.manner))
    found = measured(column, said, setting.canvas.typesetter, extra=_CHIP_EXTRA if column.tones else 0)
    if column.kind is not Kind.LINK or setting.pictures is None:
        return found
    width = PICTURES_WIDTH / _PICTURES_AT
    return Measure(max(found.least, width), max(found.wish, width), found.usual)


def _ready(
    columns: Sequence[Column], plan: Plan, sample: Sequence[Row], source: Iterator[Row], setting: Setting
) -> Iterator[tuple[Filled, ...]]:
    """The rows' cells, ready to be drawn."""
    frames = {frame.index: frame for band in reversed(plan.bands) for frame in band}
    typesetter, hottest = setting.canvas.typesetter, _hottest(columns, sample)
    makers = [
        Maker(column, frames[place], plan.size, setting.manner, typesetter, hottest if column.heat else 0).batches()
        for place, column in enumerate(columns)
    ]
    rows = chain(sample, source)
    while batch := list(islice(rows, _BATCH)):
        made = [make(cells) for make, cells in zip(makers, zip(*batch, strict=True), strict=True)]
        _add_pictures(columns, batch, made, setting)
        yield from zip(*made, strict=True)


def _hottest(columns: Sequence[Column], sample: Sequence[Row]) -> float:
    """The largest number of a heat map; such tables are short."""
    hot = [place for place, column in enumerate(columns) if column.heat]
    numbers = (row[place] for row in sample for place in hot)
    return max((number for number in numbers if isinstance(number, int | float)), default=0)


def _add_pictures(
    columns: Sequence[Column], rows: Sequence[Row], made: Sequence[Sequence[Filled]], setting: Setting
) -> None:
    for place, column in enumerate(columns):
        if column.kind is Kind.LINK and setting.pictures is not None:
            links: list[Any] = [row[place] for row in rows]
            for filled, found in zip(made[place], shown(links, setting.pictures), strict=True):
                if found is not None:
                    add_pictures(filled, found, setting.manner.tally)
