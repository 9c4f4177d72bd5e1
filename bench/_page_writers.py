"""The writers of pages and slides that are measured beside each other, over the same ten columns; measures nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from bench._call_rows import ZONE
from dev.still_meter import StillMeter
from shared.document import Chart, ChartKind, Document, Kind, Kpi, Row, Series, Table
from shared.rendering import RenderOptions, find_format
from shared.rendering._chart_figure import chart_svg
from shared.reports._call_rows import COLUMNS
from shared.rows import metered

Writer = Callable[[Iterable[Row], Path], None]

_KEYS = (
    *("callNumber", "clientBank", "clientName", "callType", "priority", "status", "assignedEngineer"),
    *("scheduledDate", "completedAt", "resolutionTime"),
)
PLACES = tuple([column.key for column in COLUMNS].index(key) for key in _KEYS)
_COLUMNS = tuple(COLUMNS[place] for place in PLACES)
_NOW = datetime(2026, 7, 1, tzinfo=UTC)
_DAYS = tuple(f"2026-06-{day:02}" for day in range(1, 31))
_STATES = ("Pending", "Assigned", "In progress", "Completed", "Cancelled")
CHARTS = (
    Chart("a", "Calls per day", ChartKind.LINE, _DAYS, (Series("Calls", tuple(range(40, 70))),)),
    Chart("b", "Calls by status", ChartKind.BAR, _STATES, (Series("Calls", (40, 65, 20, 900, 75)),)),
)
_TILES = tuple(Kpi(str(number), f"Figure {number}", Kind.INTEGER, 1_000 + number, 990) for number in range(6))
_SLIDE_ROWS, _SLIDE_CHARTS = 12, 4
_STYLE = """
@page { size: A4 landscape; margin: 14mm }
body { font: 8pt "Noto Sans" } h1 { font-size: 16pt } svg { width: 48% }
table { border-collapse: collapse; width: 100% } thead { display: table-header-group }
th { background: #0066CC; color: white; text-align: left }
td, th { padding: 2pt 4pt; border-bottom: 0.5pt solid #E0E0E0 }
"""


def ours(format_id: str, charts: Sequence[Chart] = CHARTS) -> Writer:
    """The product's own way from rows to a file, cleaning and counting included."""

    def write(rows: Iterable[Row], target: Path) -> None:
        table = Table("Call Details", _COLUMNS, lambda: rows, is_main=True)
        document = Document(
            "call-details", "Call Details", "June 2026", ZONE, _NOW, _NOW, "2026", (table,), _TILES, tuple(charts)
        )
        with target.open("wb") as file:
            find_format(format_id).render(metered(document, StillMeter())[0], RenderOptions(), file)

    return write


def weasyprint(rows: Iterable[Row], target: Path) -> None:
    """The page as one document."""
    from weasyprint import HTML

    HTML(string="".join(html(rows))).write_pdf(target)


def html(rows: Iterable[Row]) -> Iterator[str]:
    """The same title, charts and table as a web page."""
    yield f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Call Details</title><style>{_STYLE}</style>'
    yield "<h1>Call Details</h1>"
    yield from map(_svg, CHARTS)
    heads = "".join(f"<th>{escape(column.label)}" for column in _COLUMNS)
    yield f"<table><thead><tr>{heads}</thead>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{escape(text)}' for text in map(_text, row))}\n"
    yield "</table></html>"


def _svg(chart: Chart) -> str:
    text = chart_svg(chart, 13, 7).decode()
    return text[text.index("<svg") :]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%d-%m-%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    return "" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)


def python_pptx(rows: Iterable[Row], target: Path) -> None:
    """The same slides as a good programmer makes them with the library alone: a title, tiles, charts, a table."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    title = deck.slides.add_slide(deck.slide_layouts[0])
    title.shapes.title.text = "Call Details"
    tiles = _slide(deck, "Key figures")
    for number, tile in enumerate(_TILES):
        box = tiles.shapes.add_textbox(
            Inches(0.6 + number % 3 * 4), Inches(2 + number // 3 * 2), Inches(3.5), Inches(1.5)
        )
        box.text_frame.text = tile.label
        box.text_frame.add_paragraph().text = f"{tile.value:,}"
    for chart in _slide_charts():
        _add_chart(_slide(deck, chart.title), chart)
    _add_table(_slide(deck, "Call Details"), list(islice(rows, _SLIDE_ROWS)))
    deck.save(str(target))


def _slide_charts() -> tuple[Chart, ...]:
    return (CHARTS * _SLIDE_CHARTS)[:_SLIDE_CHARTS]


def _slide(deck: Any, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = title
    return slide


def _add_chart(slide: Any, chart: Chart) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    data = CategoryChartData()
    data.categories = chart.categories
    for series in chart.series:
        data.add_series(series.name, series.values)
    kind = XL_CHART_TYPE.LINE if chart.kind is ChartKind.LINE else XL_CHART_TYPE.COLUMN_CLUSTERED
    slide.shapes.add_chart(kind, Inches(0.6), Inches(1.5), Inches(12), Inches(5.4), data)


def _add_table(slide: Any, rows: Sequence[Row]) -> None:
    from pptx.util import Inches, Pt

    size = len(rows) + 1, len(_COLUMNS)
    table = slide.shapes.add_table(*size, Inches(0.6), Inches(1.5), Inches(12), Inches(5)).table
    texts = [[column.label for column in _COLUMNS], *([_text(value) for value in row] for row in rows)]
    for line, row in enumerate(texts):
        for place, text in enumerate(row):
            paragraph = table.cell(line, place).text_frame.paragraphs[0]
            paragraph.text, paragraph.font.size = text, Pt(10)


WRITERS: Mapping[str, Writer] = {
    "pdf": ours("pdf"),
    "weasyprint": weasyprint,
    "pptx": ours("pptx", _slide_charts()),
    "python-pptx": python_pptx,
}
