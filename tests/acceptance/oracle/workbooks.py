"""A finished workbook as plain values: its sheets' cells, its charts' cached points, and its Export Info."""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from openpyxl import load_workbook
from openpyxl.chart.chartspace import ChartSpace
from openpyxl.chart.reader import read_chart
from openpyxl.xml.functions import fromstring

_NOT_TABLES = {"Charts", "Export Info"}
_CHART_PART = re.compile(r"xl/charts/chart(\d+)\.xml")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Opened:
    """What somebody sees who opens the file."""

    sheets: dict[str, list[list[Any]]]
    charts: dict[str, dict[str, list[Any]]]  # as `Answer.charts`
    info: list[tuple[str, str]]

    def told(self, item: str) -> str:
        """The one line of Export Info about this."""
        (value,) = (value for name, value in self.info if name == item)
        return value

    def as_of(self, zone: ZoneInfo) -> datetime:
        """The instant that the numbers are of, to the second."""
        return datetime.fromisoformat(self.told(f"Data as of ({zone.key})")).replace(tzinfo=zone)

    @property
    def photo_page(self) -> str:
        """The address of the web page that photos are on; "" without a link to it."""
        cells = (cell for rows in self.sheets.values() for row in rows for cell in row)
        links = (cell for cell in cells if isinstance(cell, str) and cell.startswith("http"))
        return next((link.partition("/photos/")[0] for link in links if "/photos/" in link), "")

    @property
    def reconciliation(self) -> list[tuple[str, str]]:
        """The lines that tell what figures leave out."""
        return [line for line in self.info if line[0].startswith(("Excluded from ", "Reconciled: "))]


def opened(content: bytes) -> Opened:
    """The workbook of these bytes; dates are dates, though cells hold the midnight."""
    book: Any = load_workbook(io.BytesIO(content), read_only=True)  # which takes two thirds of the time
    sheets = {
        sheet.title: [[_plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }
    charts = dict(map(_chart, _charts(content)))
    info = [(str(item), str(value or "")) for item, value in sheets["Export Info"][1:]]
    return Opened({name: rows for name, rows in sheets.items() if name not in _NOT_TABLES}, charts, info)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)  # as Excel reads it, which openpyxl does not
    return value.date() if isinstance(value, datetime) and value.time() == datetime.min.time() else value


def _charts(content: bytes) -> list[Any]:
    with ZipFile(io.BytesIO(content)) as package:
        numbers = sorted(int(found[1]) for name in package.namelist() if (found := _CHART_PART.fullmatch(name)))
        parts: list[Any] = [fromstring(package.read(f"xl/charts/chart{number}.xml")) for number in numbers]
    return [read_chart(ChartSpace.from_tree(part)) for part in parts]


def _chart(chart: Any) -> tuple[str, dict[str, list[Any]]]:
    title = "".join(run.t for paragraph in chart.title.tx.rich.p for run in paragraph.r)
    points = {series.tx.strRef.strCache.pt[0].v: _points(series.val.numRef.numCache) for series in chart.series}
    return title, {"": _points(chart.series[0].cat.strRef.strCache), **points}


def _points(cache: Any) -> list[Any]:
    """In their order; a gap is None."""
    found = {point.idx: _plain(point.v) if point.v != "None" else "" for point in cache.pt}  # openpyxl's empty text
    return [found.get(place) for place in range(cache.ptCount)]
