"""The workbook around finished rows: openpyxl makes it with empty sheets, and the rows go in while it is packed.

Everything but rows and hyperlinks is openpyxl's: columns, panes, filters, print set-up, conditional formats, charts.
"""

import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, BinaryIO
from zipfile import ZipFile

from shared.document import Document
from shared.rendering._chart_style import HOTTEST
from shared.rendering._model import RenderOptions
from shared.rendering._xlsx_sheets import Sheet
from shared.rendering._xlsx_styles import WHITE, tone_style
from shared.rendering._zip import Deflated, ZipWriter

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Pieces = Sequence[bytes | Deflated]
_A4 = 9
_CONTENT_TYPES = "[Content_Types].xml"
_DIMENSION = re.compile(rb'<dimension ref="[^"]*" ?/>')
_SHEET_DATA = re.compile(rb"<sheetData ?/>|<sheetData>.*</sheetData>", re.DOTALL)
_BEFORE_DRAWING = re.compile(rb"<drawing |</worksheet>")  # the place of ignored errors
_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_END = b"</Relationships>"
_LINKS = b'<hyperlinks xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'


def describe(workbook: "Workbook", document: Document, options: RenderOptions) -> None:
    """The document's properties, and no more recalculating on opening than there are formulas: none."""
    properties, at = workbook.properties, document.generated_at.astimezone(UTC).replace(tzinfo=None)
    properties.title, properties.subject = document.title, document.subtitle
    properties.creator = properties.lastModifiedBy = options.product_name
    properties.language, properties.created, properties.modified = document.language, at, at
    workbook.calculation.fullCalcOnLoad = False


def place(sheet: Sheet, workbook: "Workbook") -> str:
    """Adds the empty sheet that the rows will go into; the name of its part of the package."""
    worksheet = workbook.create_sheet(sheet.name)
    worksheet.freeze_panes = "A2"
    worksheet.auto_filter.ref = _range(sheet, first_row=1)
    worksheet.print_title_rows = "1:1"
    for letter, width in zip(sheet.letters, sheet.widths.found(), strict=True):
        worksheet.column_dimensions[letter].width = width
    _print_on_a4(worksheet)
    _colour(worksheet, sheet)
    return f"xl/worksheets/sheet{len(workbook.worksheets)}.xml"


def _print_on_a4(worksheet: "Worksheet") -> None:
    """A4 landscape, as wide as the page, with page numbers."""
    from openpyxl.worksheet.header_footer import HeaderFooterItem
    from openpyxl.worksheet.properties import PageSetupProperties

    worksheet.page_setup.paperSize, worksheet.page_setup.orientation = _A4, "landscape"
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    worksheet.page_setup.fitToWidth, worksheet.page_setup.fitToHeight = 1, 0
    footer = worksheet.HeaderFooter.oddFooter = HeaderFooterItem()
    footer.center.text = "Page &P of &N"


def pack(
    workbook: "Workbook", sheets: dict[str, Sheet], finish: Callable[[str, bytes], bytes], target: BinaryIO
) -> None:
    """Writes the workbook with the rows in the sheets' parts; `finish` may change the XML of any other part."""
    archive, writer = ZipFile(_saved(workbook)), ZipWriter(target)
    linked = {_relations_of(name): sheet for name, sheet in sheets.items() if sheet.links.count}
    for name in sorted(archive.namelist(), key=lambda name: name != _CONTENT_TYPES):
        content = archive.read(name)
        if name in linked:  # openpyxl has put a drawing there
            pieces: Pieces = [content.replace(_END, b""), linked.pop(name).links.targets, _END]
        else:
            pieces = _spliced(content, sheets[name]) if name in sheets else [finish(name, content)]
        writer.add(name, pieces)
    for name, sheet in linked.items():
        writer.add(name, [_RELATIONS, sheet.links.targets, _END])
    writer.close()


def _relations_of(part: str) -> str:
    return part.replace("worksheets/", "worksheets/_rels/") + ".rels"


def _saved(workbook: "Workbook") -> BinaryIO:
    """The workbook as openpyxl makes it; `Workbook.save` would write the hour of the day into it."""
    from openpyxl.writer.excel import ExcelWriter

    buffer = io.BytesIO()
    ExcelWriter(workbook, ZipFile(buffer, "w")).save()
    return buffer


def _spliced(placeholder: bytes, sheet: Sheet) -> Pieces:
    """The parts of a sheet's XML in the order of the schema: rows, then links between formats and margins."""
    extent = f'<dimension ref="{_range(sheet, first_row=1)}"/>'.encode()
    before, after = _SHEET_DATA.split(_DIMENSION.sub(extent, placeholder, count=1))
    pieces: list[bytes | Deflated] = [before + b"<sheetData>", sheet.rows]
    formats, margins, rest = after.partition(b"<pageMargins")
    tail = _BEFORE_DRAWING.sub(_ignored(sheet) + rb"\g<0>", margins + rest, count=1)
    if not sheet.links.count:
        return [*pieces, b"</sheetData>" + formats + tail]
    return [*pieces, b"</sheetData>" + formats + _LINKS, sheet.links.places, b"</hyperlinks>" + tail]


def _ignored(sheet: Sheet) -> bytes:
    """Keeps Excel from marking phone numbers and ids as numbers stored as text."""
    return f'<ignoredErrors><ignoredError sqref="{_range(sheet, 1)}" numberStoredAsText="1"/></ignoredErrors>'.encode()


def _range(sheet: Sheet, first_row: int) -> str:
    return f"A{first_row}:{sheet.letters[-1]}{sheet.last_row}"


def _colour(worksheet: "Worksheet", sheet: Sheet) -> None:
    """Colours the states of columns that have any, and the numbers of a heat map by how large they are."""
    from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
    from openpyxl.styles.colors import Color

    for letter, column in zip(sheet.letters, sheet.columns, strict=True):
        for text, tone in column.tones.items():
            quoted = text.replace('"', '""')
            rule = Rule("cellIs", operator="equal", formula=[f'"{quoted}"'], dxf=tone_style(tone))
            worksheet.conditional_formatting.add(f"{letter}2:{letter}{sheet.last_row}", rule)
    hot = [letter for letter, column in zip(sheet.letters, sheet.columns, strict=True) if column.heat]
    if hot:
        scale = ColorScale([FormatObject("num", 0), FormatObject("max")], [Color(WHITE), Color(HOTTEST)])
        rule = Rule("colorScale", colorScale=scale)
        worksheet.conditional_formatting.add(f"{hot[0]}2:{hot[-1]}{sheet.last_row}", rule)
