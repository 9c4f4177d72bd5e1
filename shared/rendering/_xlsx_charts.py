"""Native charts of an XLSX workbook and the cells they refer to; never computes a value, never draws a picture."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from shared.document import Chart, clean_text
from shared.rendering._chart_style import BRAND, RULE, finite, scale

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet
    from openpyxl.xml.functions import Element

# Sizes are fixed, for programs disagree on what a letter or a line measures: 13 columns of 10 letters are 25.8 cm with
# Excel's own font and more with others, 14 rows of 15 pt are 7.4 cm; two charts stand on a page of A4.
_COLUMNS, _COLUMN_WIDTH = 13, 10
_ROWS, _ROW_HEIGHT, _HEADING_HEIGHT = 14, 15, 17
_FONT = "Calibri"  # unnamed, programs choose one each
_WIDTH, _HEIGHT = 24, 7.4  # cm
_PAGE_ROWS = 32  # of the 33.9 that its margins leave
_NARROWEST, _WIDEST, _MEASURED = 10, 50, 500  # letters, letters, rows (reports.md §4)

_CHART_NS = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_NAMES = {"c": _CHART_NS, "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"}
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CHART_PART = re.compile(r"charts/chart([1-9][0-9]*)\.xml$")


@dataclass(frozen=True)
class _Block:
    """Where the cells of one chart lie: title, headings, then one row per category; 1-based."""

    chart: Chart
    row: int
    column: int

    @property
    def columns(self) -> int:
        return 1 + len(self.chart.series)

    @property
    def first(self) -> int:
        return self.row + 2

    @property
    def last(self) -> int:
        return self.first + max(len(self.chart.categories), 1) - 1


def add_charts(sheet: "Worksheet", charts: Sequence[Chart], first_row: int = 1) -> None:
    """Puts the charts on the left of the sheet from `first_row` down, and their data to the right of them.

    Once per sheet, which has its final name; text is cleaned and never a formula. Sets the sheet's page: A4 landscape
    without scaling, two charts to a page, their data not printed. Sets the widths of columns and the heights of
    rows too.
    """
    if not charts:
        return
    starts = accumulate((len(chart.series) + 2 for chart in charts[:-1]), initial=_COLUMNS + 2)
    for place, (chart, column) in enumerate(zip(charts, starts, strict=True)):
        block = _Block(chart, first_row, column)
        _write_block(sheet, block)
        _add_drawing(sheet, block, first_row + place * (_ROWS + 1))
    _set_up_page(sheet, len(charts), first_row)


def with_caches(part_name: str, xml: bytes, charts: Sequence[Chart]) -> bytes:
    """The chart part as openpyxl wrote it, with its chart's values in it for viewers that do not look into the cells.

    `charts` are all of the workbook's: `xl/charts/chartN.xml`, as openpyxl numbers them, is of `charts[N - 1]`.

    Raises:
        ValueError: the name is not a chart part's.
        IndexError: there is no such chart.

    """
    from openpyxl.xml.functions import fromstring, tostring

    found = _CHART_PART.search(part_name)
    if found is None:
        raise ValueError(f"{part_name} is no chart part")
    chart = charts[int(found[1]) - 1]
    root = fromstring(xml)
    number_format = scale(chart).value_format
    for node, series in zip(root.iterfind(".//c:ser", _NAMES), chart.series, strict=True):
        for path, cache in (
            ("c:tx/c:strRef", _text_cache([series.name])),
            ("c:cat/c:strRef", _text_cache(chart.categories)),
            ("c:val/c:numRef", _number_cache(series.values, number_format)),
        ):
            for reference in node.iterfind(path, _NAMES):
                reference.append(cache)
    return cast("bytes", tostring(root))  # the stub speaks of another library's function


def with_descriptions(xml: bytes, charts: Sequence[Chart]) -> bytes:
    """The drawing part with each chart's description (else its title) as alternative text, for screen readers.

    `charts` are those on the drawing's sheet, in the order in which `add_charts` got them.
    """
    from openpyxl.xml.functions import fromstring, tostring

    root = fromstring(xml)
    frames = root.iterfind(".//xdr:graphicFrame/xdr:nvGraphicFramePr/xdr:cNvPr", _NAMES)
    for frame, chart in zip(frames, charts, strict=True):
        frame.set("descr", clean_text(chart.description or chart.title))
    return cast("bytes", tostring(root))  # as above


def _write_block(sheet: "Worksheet", block: _Block) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    chart = block.chart
    _text(sheet, block.row, block.column, chart.title).font = Font(_FONT, 12, bold=True)
    thin = Side("thin")
    for offset, heading in enumerate(["Category", *(series.name for series in chart.series)]):
        cell = _text(sheet, block.row + 1, block.column + offset, heading)
        cell.font = Font(_FONT, 12, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=BRAND)
        cell.alignment = Alignment("center", "center")
        cell.border = Border(thin, thin, thin, thin)
    for offset, category in enumerate(chart.categories):
        _text(sheet, block.first + offset, block.column, category)
    for offset, series in enumerate(chart.series, start=1):
        for row, value in enumerate(map(finite, series.values), start=block.first):
            sheet.cell(row, block.column + offset, value)
    _style_body(sheet, block)
    _widen(sheet, block)


def _style_body(sheet: "Worksheet", block: _Block) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    font, border = Font(_FONT, 11), Border(bottom=Side("thin", color=RULE))
    left, right = Alignment("left", "center"), Alignment("right", "center")
    number_format = scale(block.chart).value_format
    for row in sheet.iter_rows(block.first, block.last, block.column, block.column + block.columns - 1):
        for cell in row:
            cell.font, cell.border, cell.alignment = font, border, right
            cell.number_format = number_format
        row[0].alignment, row[0].number_format = left, "General"


def _widen(sheet: "Worksheet", block: _Block) -> None:
    from openpyxl.utils import get_column_letter

    for offset in range(block.columns):
        column = block.column + offset
        rows = range(block.row + 1, min(block.last, block.row + _MEASURED) + 1)
        longest = max(len(str(sheet.cell(row, column).value or "")) for row in rows)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 2, _NARROWEST), _WIDEST)


def _text(sheet: "Worksheet", row: int, column: int, text: str) -> "Cell":
    cell = sheet.cell(row, column, _escaped(text) or None)
    if cell.value:
        cell.data_type = "s"  # whatever it begins with, it is no formula
    return cell


def _escaped(text: str) -> str:
    """Clean text in which `_x0041_`, which spreadsheets read as a letter, stays as it stands."""
    return _ESCAPE_LIKE.sub("_x005F_", clean_text(text))


def _add_drawing(sheet: "Worksheet", block: _Block, row: int) -> None:
    from shared.rendering._xlsx_chart_shapes import draw

    chart = draw(block.chart, sheet.title, block.row + 1, block.column)
    chart.width, chart.height = _WIDTH, _HEIGHT
    sheet.add_chart(chart, f"A{row}")


def _set_up_page(sheet: "Worksheet", count: int, first_row: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.pagebreak import Break
    from openpyxl.worksheet.properties import PageSetupProperties

    for column in range(1, _COLUMNS + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _COLUMN_WIDTH
    for row in range(first_row, max(sheet.max_row + 1, first_row + count * (_ROWS + 1))):
        sheet.row_dimensions[row].height = _HEADING_HEIGHT if row < first_row + 2 else _ROW_HEIGHT
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, sheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)  # Excel would ignore the breaks
    sheet.page_margins, sheet.print_options.horizontalCentered = PageMargins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3), True
    sheet.print_area = f"A1:{get_column_letter(_COLUMNS)}{first_row - 1 + count * (_ROWS + 1)}"
    top = 1
    for start in range(first_row, first_row + count * (_ROWS + 1), _ROWS + 1):
        if start + _ROWS > top + _PAGE_ROWS:
            sheet.row_breaks.append(Break(start - 2))  # within the gap, so that no frame lies on the break
            top = start - 1


def _text_cache(texts: Sequence[str]) -> "Element":
    return _cache("strCache", len(texts), enumerate(map(_escaped, texts)))


def _number_cache(values: Sequence[float | None], number_format: str) -> "Element":
    from openpyxl.xml.functions import Element

    known = ((place, str(value)) for place, value in enumerate(map(finite, values)) if value is not None)
    cache = _cache("numCache", len(values), known)
    code = Element(f"{{{_CHART_NS}}}formatCode")
    code.text = number_format
    cache.insert(0, code)
    return cache


def _cache(tag: str, count: int, points: Iterable[tuple[int, str]]) -> "Element":
    from openpyxl.xml.functions import Element, SubElement

    cache = Element(f"{{{_CHART_NS}}}{tag}")
    SubElement(cache, f"{{{_CHART_NS}}}ptCount", val=str(count))
    for place, text in points:
        point = SubElement(cache, f"{{{_CHART_NS}}}pt", idx=str(place))
        SubElement(point, f"{{{_CHART_NS}}}v").text = text
    return cache
