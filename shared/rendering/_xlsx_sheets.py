"""Drains tables into sheets: rows as finished spreadsheet XML in temporary files; knows nothing of the workbook."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from shared.document import Column, Kind, Link, Row, Table, clean_text
from shared.rendering._xlsx_cells import Slot, Tally, Writer, writer
from shared.rendering._xlsx_links import MOST, Links
from shared.rendering._xlsx_names import SheetNames
from shared.rendering._xlsx_styles import Styles
from shared.rendering._xlsx_text import text_end, text_ends
from shared.rendering._xlsx_widths import LOOKED_AT, Widths
from shared.rendering._zip import Deflated

_LARGEST_BATCH = 1_000  # rows
_BATCH_SIZE = 4 << 20  # characters of XML that a batch should make: rows may be long
_HEADING_HEIGHT = ' ht="20"'
_NUMBER = "\0"  # stands for the row's number in its template


@dataclass(frozen=True)
class Limits:
    """What Excel takes on one sheet, and how many photos a file holds."""

    rows: int = 1_048_576  # the heading's included
    links: int = MOST
    photos: int = 500  # held in memory, all of them


@dataclass(frozen=True)
class Desk:
    """What the sheets of one workbook share; `stack` drops their temporary files."""

    styles: Styles
    zone: ZoneInfo
    locale: str
    limits: Limits
    stack: ExitStack
    names: SheetNames = field(default_factory=SheetNames)
    tally: Tally = field(default_factory=Tally)


class Sheet:
    """One sheet on its way: its rows so far, and the links in them."""

    def __init__(self, table: Table, widths: Widths, desk: Desk) -> None:
        """Begins with the headings."""
        self.name, self.columns, self.widths = desk.names.take(table.name), table.columns, widths
        self.rows, self.links = Deflated(), Links(desk.limits.links)
        desk.stack.callback(self.rows.close)
        desk.stack.callback(self.links.close)
        self.letters = _letters(len(table.columns))
        self.count = 0  # rows of data
        self.last_row = 0
        self._writers = [self._writer(column, place, desk) for place, column in enumerate(table.columns)]
        heading = desk.styles.heading()
        ends = text_ends([clean_text(column.label) for column in table.columns])
        self._write([(f' s="{heading}"%s', [end]) for end in ends], [_HEADING_HEIGHT])

    def add(self, columnwise: Sequence[Sequence[Any]]) -> int:
        """Adds rows, given as columns; the number of characters that they make."""
        self.count += len(columnwise[0])
        slots = [write(cells) for write, cells in zip(self._writers, columnwise, strict=True)]
        return self._write(slots, self.widths.heights(columnwise))

    def say(self, text: str, style: int) -> None:
        """Adds a row with nothing but a text, which no row of data is."""
        ends = [text_end(clean_text(text)), *[text_end("")] * (len(self.columns) - 1)]
        self._write([(f' s="{style}"%s', [end]) for end in ends])

    def _write(self, slots: Sequence[Slot], heights: Sequence[str] = ("",)) -> int:
        first = self.last_row + 1
        cells = "".join(
            f'<c r="{letter}{_NUMBER}"{slot}' for letter, (slot, _) in zip(self.letters, slots, strict=True)
        )
        template = f'<row r="{_NUMBER}"%s>{cells}</row>'
        rows = zip(heights, *(values for _, values in slots), strict=True)
        lines = [template.replace(_NUMBER, str(number)) % row for number, row in enumerate(rows, first)]
        self.last_row += len(lines)
        xml = b"".join(map(str.encode, lines))  # one string of all would be as wide as its widest sign
        self.rows.write(xml)
        return len(xml)

    def _writer(self, column: Column, place: int, desk: Desk) -> Writer:
        style = desk.styles.body(column)
        if column.kind is not Kind.LINK:
            return writer(column, style, desk.zone, desk.tally)
        letter, plain = self.letters[place], f' s="{style}"'
        linked = f' s="{desk.styles.body(column, is_link=True)}"'

        def write(cells: Sequence[Link | str | None]) -> Slot:
            texts = [cell.text if isinstance(cell, Link) else cell or "" for cell in cells]
            is_linked = self.links.add(letter, self.last_row + 1, cells)
            ends = zip(is_linked, text_ends(texts), strict=True)
            return "%s", [linked + end if leads else plain + end for leads, end in ends]

        return write


def drain(
    table: Table, rows: Iterable[Row], desk: Desk, empty_text: str, measure: type[Widths] = Widths
) -> list[Sheet]:
    """The sheets that a table's rows take: one, or as many as the limit asks for; an empty one says `empty_text`."""
    widths, capacity = measure(table.columns, desk.locale), desk.limits.rows - 1
    sheets = [Sheet(table, widths, desk)]
    source, size = iter(rows), LOOKED_AT  # all that the widths are found from
    while batch := list(islice(source, min(size, capacity - sheets[-1].count or capacity))):
        if sheets[-1].count == capacity:
            sheets.append(Sheet(table, widths, desk))
        columnwise = list(zip(*batch, strict=True))
        widths.see(columnwise)
        made = sheets[-1].add(columnwise)
        size = max(1, min(_LARGEST_BATCH, len(batch) * _BATCH_SIZE // made))
    if not sheets[0].count:
        sheets[0].say(empty_text, desk.styles.body(Column("", "")))
    return sheets


def _letters(count: int) -> list[str]:
    from openpyxl.utils import get_column_letter

    return [get_column_letter(place) for place in range(1, count + 1)]
