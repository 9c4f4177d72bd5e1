"""The preview: a document's first rows, tiles and charts as JSON; writes no file and no job."""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import local_time
from shared.document import Cell, Chart, Document, Kpi, Link, Table, cleaned


def previewed(document: Document, max_rows: int) -> dict[str, Any]:
    """The answer's body: at most `max_rows` rows a sheet, with the sheet's whole number of rows."""
    sheets = [_sheet(table, max_rows, document.zone) for table in document.tables]
    return {
        "sheets": sheets,
        "kpis": [_tile(kpi, document.zone) for kpi in document.kpis],
        "charts": [_chart(chart) for chart in document.charts],
        "rowCount": sum(len(sheet["rows"]) for sheet in sheets),
        "totalRows": sum(sheet["totalRows"] for sheet in sheets),
        "dataAsOf": json_cell(document.data_as_of, document.zone),
    }


def _sheet(table: Table, max_rows: int, zone: ZoneInfo) -> dict[str, Any]:
    source = table.rows()
    shown = cleaned(islice(source, max_rows), table.columns)
    rows = [[json_cell(cell, zone) for cell in row] for row in shown]
    _close(source)
    total = table.count() if callable(table.count) else table.count
    return {
        "name": table.name,
        "columns": [{"key": column.key, "label": column.label, "type": column.kind.value} for column in table.columns],
        "rows": rows,
        "totalRows": len(rows) if total is None else total,
        "truncated": total is not None and total > len(rows),
    }


def _close(rows: Any) -> None:
    """A stream that is not read to its end has to be closed before the next statement."""
    if hasattr(rows, "close"):
        rows.close()


def _tile(kpi: Kpi, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": kpi.key,
        "label": kpi.label,
        "type": kpi.kind.value,
        "value": json_cell(kpi.value, zone),
        "previous": json_cell(kpi.previous, zone),
        "change": kpi.change,
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "key": chart.key,
        "title": chart.title,
        "type": chart.kind.value,
        "categories": list(chart.categories),
        "series": [{"name": series.name, "values": list(series.values)} for series in chart.series],
    }


def json_cell(cell: Cell, zone: ZoneInfo) -> Any:
    """A cell as JSON: full numbers, ISO 8601 with the zone's offset, links as text and address."""
    if isinstance(cell, datetime):
        return local_time(cell, zone).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal | float):
        return float(cell) if math.isfinite(cell) else None
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, Link):
        return {"text": cell.text, "url": cell.url}
    return cell
