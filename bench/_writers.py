"""The writers of spreadsheets that are measured beside each other; each writes the same rows, and measures nothing."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench._call_rows import ZONE
from bench._floor import write_floor
from dev.still_meter import StillMeter
from shared.document import Document, Kind, Link, Row, Table
from shared.rendering import RenderOptions, find_format
from shared.reports._call_rows import COLUMNS
from shared.rows import metered

Writer = Callable[[Iterable[Any], Path], None]

_LABELS = [column.label for column in COLUMNS]
_NUMBER_FORMATS = {
    Kind.DECIMAL: "0.000000",
    Kind.MINUTES: "0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATE_TIME: "yyyy-mm-dd hh:mm:ss",
}


def ours(format_id: str) -> Writer:
    """The product's own way from rows to a file, cleaning and counting included."""

    def write(rows: Iterable[Row], target: Path) -> None:
        now = datetime(2026, 7, 1, tzinfo=UTC)
        table = Table("Call Details", COLUMNS, lambda: rows, is_main=True)
        document = Document("call-details", "Call Details", "", ZONE, now, now, "2026", (table,))
        with target.open("wb") as file:
            find_format(format_id).render(metered(document, StillMeter())[0], RenderOptions(), file)

    return write


def csv_module(rows: Iterable[Sequence[str]], target: Path) -> None:
    """Python's csv module over texts that are formatted already."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def floor(rows: Iterable[Row], target: Path) -> None:
    """The bare streaming sheet writer."""
    write_floor(_LABELS, rows, ZONE, target)


def openpyxl_write_only(rows: Iterable[Row], target: Path) -> None:
    """The streaming mode of openpyxl, every cell styled; a style is worked out once and shared, which is its best."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, Side

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Call Details")
    sheet.freeze_panes = "A2"

    def style(number_format: str) -> Any:
        cell: Any = WriteOnlyCell(sheet)
        cell.font, cell.alignment = Font(size=11), Alignment(horizontal="left", vertical="center")
        cell.border, cell.number_format = Border(bottom=Side("thin", "E0E0E0")), number_format
        return cell._style  # noqa: SLF001 the usual way around four look-ups for each cell

    def styled(value: Any, style: Any) -> Any:
        cell: Any = WriteOnlyCell(sheet, value)
        cell._style = style  # noqa: SLF001
        return cell

    styles = [style(_NUMBER_FORMATS.get(column.kind, "General")) for column in COLUMNS]
    sheet.append(_LABELS)
    for row in rows:
        sheet.append([styled(*pair) for pair in zip(map(_plain, row), styles, strict=True)])
    book.save(target)


def xlsxwriter_constant_memory(rows: Iterable[Row], target: Path) -> None:
    """The streaming mode of XlsxWriter, a format for each column."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped] # ships no types

    book = Workbook(target, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("Call Details")
    sheet.freeze_panes(1, 0)
    style = {"font_size": 11, "valign": "vcenter", "bottom": 1, "bottom_color": "#E0E0E0"}
    formats = [book.add_format(style | {"num_format": _NUMBER_FORMATS.get(each.kind, "General")}) for each in COLUMNS]
    sheet.write_row(0, 0, _LABELS, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        for place, (value, cell_format) in enumerate(zip(map(_plain, row), formats, strict=True)):
            sheet.write(number, place, value, cell_format)
    book.close()


def _plain(value: Any) -> Any:
    """The value as libraries take it: no zone, no booleans, links as their text."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).replace(tzinfo=None)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value.text if isinstance(value, Link) else value


WRITERS: Mapping[str, Writer] = {
    "xlsx": ours("xlsx"),
    "csv": ours("csv"),
    "floor": floor,
    "openpyxl": openpyxl_write_only,
    "xlsxwriter": xlsxwriter_constant_memory,
    "csv-module": csv_module,
}
