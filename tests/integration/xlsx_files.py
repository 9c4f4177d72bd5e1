"""What tests of spreadsheets share: a document of one table, its file as a job makes it, and readers of the file."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from dev.still_meter import StillMeter
from shared.document import Cell, Column, Document, Facts, Kind, Row, Table
from shared.rendering import RenderOptions
from shared.rendering._xlsx_sheets import Limits
from shared.rendering.xlsx import render_within
from shared.rows import metered

NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def document(*tables: Table, zone: str = "Asia/Kolkata", **more: Any) -> Document:
    """A document of these tables, made at `NOW`."""
    return Document("r", "Report", "March", ZoneInfo(zone), NOW, NOW, "d", tables, **more)


def table(columns: Sequence[Column], rows: Iterable[Row], name: str = "Calls") -> Table:
    """A table that holds its rows."""
    return Table.eager(name, columns, list(rows), is_main=True)


def rendered(made: Document, limits: Limits | None = None, **options: Any) -> tuple[bytes, Facts]:
    """The file as a job makes it, rows cleaned on their way, and what was drawn."""
    target = io.BytesIO()
    facts = render_within(metered(made, StillMeter())[0], RenderOptions(**options), target, limits=limits)
    return target.getvalue(), facts


def workbook(content: bytes, *, read_only: bool = False) -> Workbook:
    """The file as openpyxl reads it."""
    return load_workbook(io.BytesIO(content), read_only=read_only)


def sheet(content: bytes, name: str = "Calls") -> Worksheet:
    """One sheet of the file."""
    found = workbook(content)[name]
    assert isinstance(found, Worksheet)
    return found


def rows(content: bytes, name: str = "Calls", *, read_only: bool = False) -> list[tuple[Any, ...]]:
    """All rows of a sheet, the headings' first."""
    book = workbook(content, read_only=read_only)
    found = [tuple(row) for row in book[name].iter_rows(values_only=True)]
    book.close()
    return found


def cell(kind: Kind, value: Cell, *, zone: str = "Asia/Kolkata", locale: str = "en-IN", **column: Any) -> Any:
    """The cell, re-opened, of a table that holds nothing else."""
    content, _ = rendered(document(table([Column("k", "K", kind, **column)], [(value,)]), zone=zone), locale=locale)
    return sheet(content)["A2"]


def as_excel(text: str | None) -> str:
    """Text as Excel understands it, for openpyxl leaves `_xHHHH_` in typed strings as it finds it."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text or "")


def parts(content: bytes) -> dict[str, bytes]:
    """The parts of the package by name."""
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
