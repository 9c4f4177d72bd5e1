"""The workbook embedded behind a native chart: its numbers as cells for whoever edits it; equal bytes for equal charts.

Written part by part, for a library would load, and tell the hour, for five small files.
"""

import io
from collections.abc import Iterator, Sequence

from shared.document import Chart, clean_text
from shared.rendering._chart_style import finite, scale
from shared.rendering._xlsx_text import text_end
from shared.rendering._zip import ZipWriter

SHEET = "Sheet1"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FIXED = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_ML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_ML}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_ML}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
}
_NUMBERS = {"#,##0": 3, "#,##0.00": 4}  # ids that spreadsheets know
_LETTERS = 26


def chart_book(chart: Chart) -> bytes:
    """The workbook: categories in column A from A2 down, a series to a column with its name above its values."""
    target = io.BytesIO()
    writer = ZipWriter(target)
    made = {**_FIXED, "xl/styles.xml": _styles(chart), "xl/worksheets/sheet1.xml": _sheet(chart)}
    for name, xml in made.items():
        writer.add(name, [(_XML + xml).encode()])
    writer.close()
    return target.getvalue()


def column_letters(place: int) -> str:
    """The letters of a column of a spreadsheet, from 0: A, B, … Z, AA."""
    letters = ""
    while place >= 0:
        place, letter = divmod(place, _LETTERS)
        letters, place = chr(ord("A") + letter) + letters, place - 1
    return letters


def _styles(chart: Chart) -> str:
    """The plain style, and that of the values."""
    number = _NUMBERS[scale(chart).value_format]
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    value = f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="2">{plain}{value}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(chart: Chart) -> str:
    columns = [column_letters(place) for place in range(len(chart.series) + 1)]
    rows = "".join(
        f'<row r="{number}">{"".join(cells)}</row>' for number, cells in enumerate(_rows(chart, columns), start=1)
    )
    widths = f'<cols><col min="1" max="{len(columns)}" width="18" customWidth="1"/></cols>'
    return f'<worksheet xmlns="{_MAIN}">{widths}<sheetData>{rows}</sheetData></worksheet>'


def _rows(chart: Chart, columns: Sequence[str]) -> Iterator[list[str]]:
    names = [_text(series.name) for series in chart.series]
    yield [f'<c r="{column}1"{end}' for column, end in zip(columns, [_text("Category"), *names], strict=True)]
    for place, category in enumerate(chart.categories):
        number = place + 2
        values = [finite(series.values[place]) for series in chart.series]
        yield [
            f'<c r="A{number}"{_text(category)}',
            *(
                f'<c r="{column}{number}" s="1"><v>{value}</v></c>'
                for column, value in zip(columns[1:], values, strict=True)
                if value is not None
            ),
        ]


def _text(text: str) -> str:
    return text_end(clean_text(text))
