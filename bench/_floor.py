"""The floor of the spreadsheet benchmark: the bare streaming writer that a good programmer writes in an afternoon.

XML by f-strings, real numbers and dates, no styles, no cleaning, no links, zlib level 6. It is no product code.
"""

import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from shared.document import Link

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Call Details" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_EPOCH, _DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 spreadsheets know no zone
_AT_ONCE = 1_000  # rows


def write_floor(labels: Iterable[str], rows: Iterable[Iterable[Any]], zone: ZoneInfo, target: Path) -> None:
    """One sheet: the labels, then the rows; instants by the clock of `zone`."""
    cells = _cells(zone)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, content in _PARTS.items():
            package.writestr(name, _XML + content)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{_row(labels, cells)}'.encode())
            source = iter(rows)
            while batch := list(islice(source, _AT_ONCE)):
                sheet.write("".join([_row(row, cells) for row in batch]).encode())
            sheet.write(b"</sheetData></worksheet>")


def _row(row: Iterable[Any], cells: Mapping[type, Callable[[Any], str]]) -> str:
    return f"<row>{''.join([cells[type(value)](value) for value in row])}</row>"


def _cells(zone: ZoneInfo) -> Mapping[type, Callable[[Any], str]]:
    return {
        NoneType: lambda _: "<c/>",
        str: _text,
        bool: lambda value: _text("Yes" if value else "No"),
        int: lambda value: f"<c><v>{value}</v></c>",
        float: lambda value: f"<c><v>{value!r}</v></c>",
        datetime: lambda at: f"<c><v>{(at.astimezone(zone).replace(tzinfo=None) - _EPOCH) / _DAY}</v></c>",
        date: lambda day: f"<c><v>{day.toordinal() - _EPOCH.toordinal()}</v></c>",
        Link: lambda link: _text(link.text),
    }


def _text(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
