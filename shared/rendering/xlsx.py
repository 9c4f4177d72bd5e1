"""XLSX: every table as a sheet with typed cells, native charts and Export Info; holds no table's rows in memory.

Rows are written first, as finished XML into temporary files; then openpyxl makes the workbook around them, and both
go into one package (`architecture.md`, "XLSX, how to splice").
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO

from shared.document import Chart, Document, Facts, Table, clean_text
from shared.rendering._model import Format, RenderOptions
from shared.rendering._xlsx_book import describe, pack, place
from shared.rendering._xlsx_cells import Tally
from shared.rendering._xlsx_charts import add_charts, with_caches, with_descriptions
from shared.rendering._xlsx_photos import PhotoSheet, PhotoWidths
from shared.rendering._xlsx_sheets import Desk, Limits, Sheet, drain
from shared.rendering._xlsx_styles import Styles
from shared.rendering._xlsx_widths import Widths


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes all tables, the photos, the charts, and Export Info; `target` need not be able to seek."""
    return render_within(document, options, target)


FORMAT = Format(content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", render=render)


def render_within(
    document: Document, options: RenderOptions, target: BinaryIO, *, limits: Limits | None = None
) -> Facts:
    """The same with other limits of a sheet than Excel's."""
    from openpyxl import Workbook

    with ExitStack() as stack:
        workbook = Workbook()
        describe(workbook, document, options)
        desk = Desk(Styles(workbook, options.locale), document.zone, options.locale, limits or Limits(), stack)
        photos = PhotoSheet(document.tables, options.pictures, desk.limits.photos)
        sheets = _drained(map(photos.watched, document.tables), document, desk)
        photo_sheets = _drained(photos.tables(), document, desk, PhotoWidths)
        charts = document.charts if options.include_charts else ()
        chart_sheet = desk.names.take("Charts") if charts else ""
        facts = _facts([*sheets, *photo_sheets], desk.tally, photos)
        closing = _drained(document.closing(facts), document, desk) if options.include_metadata else []
        workbook.remove(workbook.worksheets[0])
        parts = {place(sheet, workbook): sheet for sheet in [*sheets, *photo_sheets]}
        photos.draw(workbook.worksheets[-1])
        if charts:
            add_charts(workbook.create_sheet(chart_sheet), charts)
        parts |= {place(sheet, workbook): sheet for sheet in closing}
        pack(workbook, parts, partial(_finished, charts=charts), target)
        return facts


def _finished(part: str, xml: bytes, charts: Sequence[Chart]) -> bytes:
    """A part of the package that holds no rows, with what openpyxl leaves out of charts."""
    if part.startswith("xl/charts/"):
        return with_caches(part, xml, charts)
    is_of_charts = part.startswith("xl/drawings/drawing") and b"graphicFrame" in xml
    return with_descriptions(xml, charts) if is_of_charts else xml


def _drained(tables: Iterable[Table], document: Document, desk: Desk, measure: type[Widths] = Widths) -> list[Sheet]:
    return [
        sheet for table in tables for sheet in drain(table, table.rows(), desk, _empty_text(table, document), measure)
    ]


def _facts(sheets: Sequence[Sheet], tally: Tally, photos: PhotoSheet) -> Facts:
    return Facts(
        "xlsx",
        {sheet.name: sheet.count for sheet in sheets},
        dropped_links=sum(sheet.links.dropped for sheet in sheets),
        odd_values=tally.odd_values,
        photos_left_out=photos.left_out,
        photos_unshown=photos.unshown,
    )


def _empty_text(table: Table, document: Document) -> str:
    said = table.empty_text or document.empty_text
    filters = "; ".join(f"{note.label}: {note.text}" for note in document.notes)
    return clean_text(f"{said} ({filters})" if filters else said)
