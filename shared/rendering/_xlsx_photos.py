"""The sheet of photos of an XLSX workbook: thumbnails of those that the report's link cells stand for, a row each.

It is held in memory, so that there is a limit to it. It asks for no photo that no row of the report has.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.document import Cell, Column, Kind, Link, Row, Table, clean_text
from shared.rendering._model import PICTURES_AT_ONCE, Pictures
from shared.rendering._thumbnails import LONGEST_SIDE, Thumbnail, thumbnail
from shared.rendering._xlsx_widths import Widths

if TYPE_CHECKING:
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
    from openpyxl.worksheet.worksheet import Worksheet

_SHEET, _SHEET_BESIDE_PHOTOS = "Photos", "Photo Thumbnails"
_GAP = 4  # px around a thumbnail
_COLUMN_WIDTH = 23.29  # letters of Calibri 11, 7 px each, and 5 px: 168 px
_ROW_HEIGHT = (LONGEST_SIDE + 2 * _GAP) * 0.75  # points
_EMU = 9_525  # of a pixel
_EMPTY = "No call in this file has a photo"


@dataclass(frozen=True)
class _Photo:
    """A photo of a row: what the row's first cell says, the row's link, and the name of the photo's blob."""

    row: str
    link: Link
    blob_name: str


class PhotoSheet:
    """Collects the photos while the tables are drained, and then makes a table and pictures of them.

    Where several columns have links to photos, those of the first are taken, for the others tell of the same photos.
    """

    def __init__(self, tables: Sequence[Table], pictures: Pictures | None, most: int) -> None:
        """Takes all tables of the document, who gives the bytes of photos (None: there is no sheet), and how many."""
        self.left_out = 0  # photos over the limit
        self._pictures, self._most = pictures, most
        self._name = _SHEET_BESIDE_PHOTOS if _SHEET in {table.name for table in tables} else _SHEET
        self._first = next((table for table in tables if pictures and _link_place(table) is not None), None)
        self._photos: list[_Photo] = []
        self._thumbnails: list[Thumbnail] = []

    @property
    def unshown(self) -> int:
        """Photos that a placeholder stands for: missing, broken or too large."""
        return sum(each.is_placeholder for each in self._thumbnails)

    def watched(self, table: Table) -> Table:
        """The table, whose photos are collected while its rows are drained."""
        place = _link_place(table)
        if place is None or self._first is None or _link_key(table) != _link_key(self._first):
            return table

        def rows() -> Iterator[Row]:
            for row in table.rows():
                if isinstance(link := row[place], Link) and link.photos:
                    self._see(_text(row[0]), link)
                yield row

        return table.with_rows(rows)

    def tables(self) -> list[Table]:
        """A row for each photo, once all tables are drained; no table where the report has no links to photos."""
        if self._first is None or self._pictures is None:
            return []
        self._thumbnails = list(self._made(self._pictures))
        columns = (
            Column("photo", "Photo"),
            Column("row", self._first.columns[0].label),
            Column("fileName", "File Name"),
            Column("link", "Link", Kind.LINK),
        )
        made = Table.eager(self._name, columns, [_row(photo) for photo in self._photos])
        return [replace(made, empty_text=_EMPTY)]

    def draw(self, worksheet: "Worksheet") -> None:
        """Puts the thumbnails into the first column, from the second row down."""
        from openpyxl.drawing.image import Image

        for row, (photo, small) in enumerate(zip(self._photos, self._thumbnails, strict=True), start=1):
            image = Image(io.BytesIO(small.data))
            image.anchor = _anchor(row, small, f"Photo {_file_name(photo)} of {photo.row}")
            worksheet.add_image(image)

    def _see(self, row: str, link: Link) -> None:
        room = self._most - len(self._photos)
        self._photos += [_Photo(row, link, name) for name in link.photos[:room]]
        self.left_out += max(0, len(link.photos) - room)

    def _made(self, pictures: Pictures) -> Iterator[Thumbnail]:
        for start in range(0, len(self._photos), PICTURES_AT_ONCE):
            batch = self._photos[start : start + PICTURES_AT_ONCE]
            yield from map(thumbnail, pictures([photo.blob_name for photo in batch]))


class PhotoWidths(Widths):
    """A first column and rows that a thumbnail fits into."""

    def found(self) -> list[float]:
        """The width of each column."""
        return [_COLUMN_WIDTH, *super().found()[1:]]

    def heights(self, columnwise: Sequence[Sequence[Cell]]) -> list[str]:
        """The `ht` attribute of each row's element."""
        return [f' ht="{_ROW_HEIGHT:g}"'] * len(columnwise[0])


def _link_place(table: Table) -> int | None:
    return next((place for place, column in enumerate(table.columns) if column.kind is Kind.LINK), None)


def _link_key(table: Table) -> str | None:
    return next((column.key for column in table.columns if column.kind is Kind.LINK), None)


def _row(photo: _Photo) -> Row:
    """The link is the row's own: it opens the first of its photos, or all of them."""
    return (None, photo.row, _file_name(photo), replace(photo.link, text=f"View Photos ({len(photo.link.photos)})"))


def _file_name(photo: _Photo) -> str:
    return clean_text(photo.blob_name.rpartition("/")[2])


def _text(cell: Cell) -> str:
    if isinstance(cell, Link):
        return cell.text
    return "" if cell is None else str(cell)


def _anchor(row: int, small: Thumbnail, said: str) -> "TwoCellAnchor":
    """In the middle of the cell, with which it moves and is hidden when the sheet is sorted and filtered."""
    from openpyxl.drawing.fill import Blip
    from openpyxl.drawing.geometry import PresetGeometry2D
    from openpyxl.drawing.picture import PictureFrame
    from openpyxl.drawing.spreadsheet_drawing import TwoCellAnchor

    left, top = ((LONGEST_SIDE - side) // 2 + _GAP for side in (small.width, small.height))
    frame = PictureFrame()
    frame.nvPicPr.cNvPr.id, frame.nvPicPr.cNvPr.name, frame.nvPicPr.cNvPr.descr = row, f"Photo {row}", said
    frame.blipFill.blip = Blip()
    frame.spPr.prstGeom, frame.spPr.ln = PresetGeometry2D(prst="rect"), None
    ends = _corner(row, left, top), _corner(row, left + small.width, top + small.height)
    return TwoCellAnchor("twoCell", *ends, pic=frame)


def _corner(row: int, left: int, top: int) -> "AnchorMarker":
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker

    return AnchorMarker(0, left * _EMU, row, top * _EMU)
