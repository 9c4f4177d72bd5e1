"""The native chart objects of an XLSX workbook, over cells that stand already; loaded only where a workbook is made.

Overlays, corners and deleted axes are said in full, for programs disagree on what their absence means.
"""

from typing import Literal

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.axis import ChartLines, NumericAxis, TextAxis
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import get_column_letter, quote_sheetname

from shared.document import Chart, ChartKind, clean_text
from shared.rendering import _chart_style as style

_PLOT_WIDTH = 21.5  # cm, what is left for the axis of categories
_LEGEND_WIDTH = 3.5  # cm, a legend at the right
_MOST_TITLE = 120  # letters: two lines

_TITLE, _SMALL, _SMALLEST = 1400, 900, 700  # hundredths of a point
_THIN, _LINE = 6350, 22225  # EMU: 0.5 pt and 1.75 pt
_DEGREE = 60_000
_UPRIGHT = 90  # degrees


def draw(chart: Chart, sheet_name: str, row: int, column: int) -> BarChart | LineChart:
    """The chart over its cells: headings in `row`, categories in `column` below them, series to the right; 1-based."""
    drawn = _blank(chart.kind, gap=20 if len(chart.categories) > style.CROWDED else 60)
    drawn.title = _title(chart.title, _TITLE)
    drawn.roundedCorners = False
    drawn.visible_cells_only = False  # hiding the data must not empty the chart
    drawn.series = [_series(chart, index, sheet_name, row, column) for index in range(len(chart.series))]
    is_right = len(chart.series) > style.MOST_LEGENDS_BELOW
    drawn.legend = _legend("r" if is_right else "b") if len(chart.series) > 1 else None
    labels = style.category_labels(chart, _PLOT_WIDTH - (_LEGEND_WIDTH if is_right else 0))
    drawn.x_axis = _category_axis(labels, drawn.y_axis.axId)
    drawn.y_axis = _value_axis(style.scale(chart), chart.value_label, drawn.x_axis.axId)
    return drawn


def _blank(kind: ChartKind, gap: int) -> BarChart | LineChart:
    if kind is ChartKind.LINE:
        return LineChart()
    if kind is ChartKind.STACKED_BAR:
        return BarChart(grouping="stacked", gapWidth=gap, overlap=100)
    return BarChart(grouping="clustered", gapWidth=gap, overlap=0)


def _series(chart: Chart, index: int, sheet_name: str, row: int, column: int) -> Series:
    last = row + max(len(chart.categories), 1)
    sheet, names, values = quote_sheetname(sheet_name), get_column_letter(column), get_column_letter(column + 1 + index)
    series = Series(
        idx=index,
        order=index,
        tx=SeriesLabel(strRef=StrRef(f"{sheet}!${values}${row}")),
        cat=AxDataSource(strRef=StrRef(f"{sheet}!${names}${row + 1}:${names}${last}")),
        val=NumDataSource(numRef=NumRef(f"{sheet}!${values}${row + 1}:${values}${last}")),
    )
    if chart.kind is ChartKind.LINE:
        _style_line(series, chart, index)
    else:
        series.spPr = _bar_fill(style.look(index), has_edge=len(chart.categories) <= style.CROWDED)
        series.invertIfNegative = False
    return series


def _bar_fill(look: style.Look, *, has_edge: bool) -> GraphicalProperties:
    edge = LineProperties(solidFill="FFFFFF", w=_THIN) if has_edge else LineProperties(noFill=True)
    if look.round == 0:
        return GraphicalProperties(solidFill=look.colour, ln=edge)
    pattern = style.PATTERNS[(look.round - 1) % len(style.PATTERNS)]
    fill = PatternFillProperties(pattern, _colour(look.colour), _colour(look.tint))
    return GraphicalProperties(pattFill=fill, ln=edge)


def _colour(code: str) -> ColorChoice:
    return ColorChoice(srgbClr=code)  # type: ignore[arg-type] # the stub gives it a percentage's type


def _style_line(series: Series, chart: Chart, index: int) -> None:
    """Markers tell lines apart in grey, and show a point that stands alone between two gaps."""
    look = style.look(index)
    dash = style.DASHES[look.round % len(style.DASHES)]
    series.spPr = GraphicalProperties(ln=LineProperties(solidFill=look.colour, w=_LINE, prstDash=dash))
    series.smooth = False
    is_marked = len(chart.categories) <= style.CROWDED
    if not is_marked and not style.has_lone_point(chart.series[index].values):
        series.marker = Marker("none")
        return
    shape = GraphicalProperties(solidFill=look.colour, ln=LineProperties(solidFill=look.colour, w=_THIN))
    series.marker = Marker(style.MARKERS[index % len(style.MARKERS)], 5 if is_marked else 3, shape)


def _legend(position: Literal["r", "b"]) -> Legend:
    legend = Legend(legendPos=position, txPr=_rich_text(_SMALL))
    legend.overlay = False
    return legend


def _category_axis(labels: style.Labels, values: int) -> TextAxis:
    axis = TextAxis(axPos="b", crossAx=values, tickLblSkip=labels.every, tickMarkSkip=labels.every, noMultiLvlLbl=True)
    axis.delete = False
    axis.tickLblPos = "low"  # under the plot, also where bars hang down
    axis.majorTickMark, axis.minorTickMark = "out" if labels.every == 1 else None, None
    axis.number_format = "@"
    # Where an angle of 0 is said, LibreOffice breaks every label into letters instead of leaving some out.
    turn = None if labels.angle == 0 and labels.every > 1 else -labels.angle
    axis.txPr = _rich_text(_SMALLEST if labels.angle == _UPRIGHT else _SMALL, turn)
    axis.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.INK, w=_THIN))
    return axis


def _value_axis(scale: style.Scale, label: str, categories: int) -> NumericAxis:
    axis = NumericAxis(crossAx=categories, crossBetween="between", majorUnit=scale.step)
    axis.delete = False
    axis.scaling.min = scale.floor
    axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=style.RULE, w=_THIN)))
    axis.majorTickMark, axis.minorTickMark = None, None
    axis.number_format = scale.tick_format
    axis.tickLblPos = "nextTo"
    axis.title = _title(label, _SMALL, -90) if label else None
    axis.txPr = _rich_text(_SMALL)
    axis.spPr = GraphicalProperties(ln=LineProperties(noFill=True))
    return axis


def _title(text: str, size: int, angle: int = 0) -> Title:
    lines = clean_text(text, _MOST_TITLE).split("\n")
    letters = _letters(size, is_bold=size == _TITLE)
    paragraphs = [
        Paragraph(pPr=ParagraphProperties(defRPr=letters), r=[RegularTextRun(rPr=letters, t=line)]) for line in lines
    ]
    rich = RichText(bodyPr=RichTextProperties(rot=angle * _DEGREE, vert="horz"), p=paragraphs)
    return Title(tx=Text(rich=rich), overlay=False)


def _rich_text(size: int, angle: int | None = None) -> RichText:
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_letters(size)), r=[], endParaRPr=CharacterProperties())
    turn = None if angle is None else angle * _DEGREE
    return RichText(bodyPr=RichTextProperties(rot=turn, vert="horz"), p=[paragraph])


def _letters(size: int, *, is_bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=is_bold, solidFill=style.INK)
