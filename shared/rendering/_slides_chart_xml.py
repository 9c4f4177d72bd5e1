"""A chart as the XML of a native, editable one over the cells of its embedded workbook; knows no slide.

Looks, labels and scales are those of `_chart_style`, as in spreadsheets; letters are as large as a slide asks for.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from xml.sax.saxutils import escape

from shared.document import Chart, ChartKind, Series, clean_text
from shared.rendering import _chart_style as style
from shared.rendering._slides_chart_book import SHEET, column_letters
from shared.rendering._xlsx_text import escaped

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CATEGORIES, _VALUES = 111, 222  # ids of the axes
_LETTERS, _SMALLEST = 1200, 900  # hundredths of a point
_STYLED_AT = 9  # points, the size for which `_chart_style` counts letters
_LEGEND_WIDTH = 4.5  # cm, a legend at the right
_AXIS_WIDTH = 2.0  # cm, the labels of values
_THIN, _LINE = 6350, 28575  # EMU: 0.5 pt and 2.25 pt
_DEGREE = 60_000
_UPRIGHT = 90  # degrees
_SLANTED, _SLANTED_WIDTH = 45, 0.7  # degrees, and cm along the axis that a label needs
_MOST_LABELLED = 15  # bars that carry their value
_INK = f'<a:solidFill><a:srgbClr val="{style.INK}"/></a:solidFill>'


def chart_xml(chart: Chart, width: float) -> bytes:
    """The chart's part, `width` cm wide, with its values cached; it refers to the workbook as the relation `rId1`.

    The chart needs at least one category and one series.
    """
    is_right = len(chart.series) > style.MOST_LEGENDS_BELOW
    plot_width = (width - _AXIS_WIDTH - (_LEGEND_WIDTH if is_right else 0)) * _STYLED_AT * 100 / _LETTERS
    scale, is_line = style.scale(chart), chart.kind is ChartKind.LINE
    drawn = (_lines if is_line else _bars)(chart, scale)
    axes = _category_axis(_labels(chart, plot_width)) + _value_axis(scale, chart.value_label)
    legend = _legend("r" if is_right else "b") if len(chart.series) > 1 else ""
    return (
        f'{_XML}<c:chartSpace {_NAMESPACES}><c:date1904 val="0"/><c:roundedCorners val="0"/>'
        f'<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{drawn}{axes}</c:plotArea>{legend}'
        f'<c:plotVisOnly val="0"/><c:dispBlanksAs val="gap"/></c:chart>{_letters(_LETTERS)}'
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    ).encode()


def _bars(chart: Chart, scale: style.Scale) -> str:
    is_stacked = chart.kind is ChartKind.STACKED_BAR
    is_crowded = len(chart.categories) > style.CROWDED
    is_labelled = len(chart.series) == 1 and len(chart.categories) <= _MOST_LABELLED
    labels = _value_labels(scale) if is_labelled else ""
    series = "".join(
        _series(
            chart,
            place,
            scale,
            _bar_fill(style.look(place), has_edge=is_stacked and not is_crowded)
            + f'<c:invertIfNegative val="0"/>{labels}',
        )
        for place in range(len(chart.series))
    )
    return (
        f'<c:barChart><c:barDir val="col"/><c:grouping val="{"stacked" if is_stacked else "clustered"}"/>'
        f'<c:varyColors val="0"/>{series}<c:gapWidth val="{20 if is_crowded else 60}"/>'
        f'<c:overlap val="{100 if is_stacked else 0}"/>{_axis_ids()}</c:barChart>'
    )


def _lines(chart: Chart, scale: style.Scale) -> str:
    series = "".join(
        _series(chart, place, scale, _line_look(chart, place), '<c:smooth val="0"/>')
        for place in range(len(chart.series))
    )
    return (
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}<c:marker val="1"/>'
        f"{_axis_ids()}</c:lineChart>"
    )


def _axis_ids() -> str:
    return f'<c:axId val="{_CATEGORIES}"/><c:axId val="{_VALUES}"/>'


def _series(chart: Chart, place: int, scale: style.Scale, look: str, ending: str = "") -> str:
    series, column, last = chart.series[place], column_letters(place + 1), len(chart.categories) + 1
    return (
        f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/>'
        f"<c:tx><c:strRef><c:f>{SHEET}!${column}$1</c:f>{_texts([series.name])}</c:strRef></c:tx>{look}"
        f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f>{_texts(chart.categories)}</c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${last}</c:f>{_numbers(series, scale)}</c:numRef></c:val>"
        f"{ending}</c:ser>"
    )


def _texts(texts: Sequence[str]) -> str:
    return f"<c:strCache>{_points(len(texts), enumerate(escaped([clean_text(text) for text in texts])))}</c:strCache>"


def _numbers(series: Series, scale: style.Scale) -> str:
    values = ((place, style.finite(value)) for place, value in enumerate(series.values))
    known = ((place, str(value)) for place, value in values if value is not None)
    code = f"<c:formatCode>{scale.value_format}</c:formatCode>"
    return f"<c:numCache>{code}{_points(len(series.values), known)}</c:numCache>"


def _points(count: int, points: Iterable[tuple[int, str]]) -> str:
    told = "".join(f'<c:pt idx="{place}"><c:v>{text}</c:v></c:pt>' for place, text in points)
    return f'<c:ptCount val="{count}"/>{told}'


def _bar_fill(look: style.Look, *, has_edge: bool) -> str:
    edge = f'<a:ln w="{_THIN}"><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:ln>'
    if look.round == 0:
        fill = _solid(look.colour)
    else:
        pattern = style.PATTERNS[(look.round - 1) % len(style.PATTERNS)]
        front, back = f'<a:srgbClr val="{look.colour}"/>', f'<a:srgbClr val="{look.tint}"/>'
        fill = f'<a:pattFill prst="{pattern}"><a:fgClr>{front}</a:fgClr><a:bgClr>{back}</a:bgClr></a:pattFill>'
    return f"<c:spPr>{fill}{edge if has_edge else _NO_LINE}</c:spPr>"


def _line_look(chart: Chart, place: int) -> str:
    """Markers tell lines apart in grey, and show a point that stands alone between two gaps."""
    look = style.look(place)
    fill, dash = _solid(look.colour), style.DASHES[look.round % len(style.DASHES)]
    line = f'<a:ln w="{_LINE}" cap="rnd">{fill}<a:prstDash val="{dash}"/><a:round/></a:ln>'
    is_marked = len(chart.categories) <= style.CROWDED
    if not is_marked and not style.has_lone_point(chart.series[place].values):
        marker = '<c:symbol val="none"/>'
    else:
        shape = f'<c:spPr>{fill}<a:ln w="{_THIN}">{fill}</a:ln></c:spPr>'
        symbol = style.MARKERS[place % len(style.MARKERS)]
        marker = f'<c:symbol val="{symbol}"/><c:size val="{6 if is_marked else 4}"/>{shape}'
    return f"<c:spPr>{line}</c:spPr><c:marker>{marker}</c:marker>"


def _solid(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


_NO_LINE = "<a:ln><a:noFill/></a:ln>"


def _value_labels(scale: style.Scale) -> str:
    shown = {
        "showLegendKey": 0,
        "showVal": 1,
        "showCatName": 0,
        "showSerName": 0,
        "showPercent": 0,
        "showBubbleSize": 0,
    }
    switches = "".join(f'<c:{name} val="{value}"/>' for name, value in shown.items())
    number = f'<c:numFmt formatCode="{scale.value_format}" sourceLinked="0"/>'
    return f"<c:dLbls>{number}<c:spPr><a:noFill/>{_NO_LINE}</c:spPr>{_letters(_LETTERS)}{switches}</c:dLbls>"


def _legend(position: str) -> str:
    return f'<c:legend><c:legendPos val="{position}"/><c:overlay val="0"/>{_letters(_LETTERS)}</c:legend>'


def _labels(chart: Chart, width: float) -> style.Labels:
    """Labels of which some are left out are slanted: LibreOffice would break level ones instead of leaving any out."""
    labels = style.category_labels(chart, width)
    if labels.angle or labels.every == 1:
        return labels
    return style.Labels(_SLANTED, ceil(len(chart.categories) * _SLANTED_WIDTH / width))


def _category_axis(labels: style.Labels) -> str:
    every = f'<c:tickLblSkip val="{labels.every}"/><c:tickMarkSkip val="{labels.every}"/>'
    size = _SMALLEST if labels.angle == _UPRIGHT else _LETTERS
    return (
        f'<c:catAx><c:axId val="{_CATEGORIES}"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="b"/><c:numFmt formatCode="@" sourceLinked="0"/>'
        f'<c:majorTickMark val="{"out" if labels.every == 1 else "none"}"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="low"/>'  # under the plot, also where bars hang down
        f'<c:spPr><a:ln w="{_THIN}">{_INK}</a:ln></c:spPr>{_letters(size, -labels.angle)}<c:crossAx val="{_VALUES}"/>'
        f'<c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/>{every}'
        '<c:noMultiLvlLbl val="1"/></c:catAx>'
    )


def _value_axis(scale: style.Scale, label: str) -> str:
    floor = "" if scale.floor is None else f'<c:min val="{scale.floor}"/>'
    step = "" if scale.step is None else f'<c:majorUnit val="{scale.step}"/>'
    rules = f'<c:majorGridlines><c:spPr><a:ln w="{_THIN}">{_solid(style.RULE)}</a:ln></c:spPr></c:majorGridlines>'
    return (
        f'<c:valAx><c:axId val="{_VALUES}"/><c:scaling><c:orientation val="minMax"/>{floor}</c:scaling>'
        f'<c:delete val="0"/><c:axPos val="l"/>{rules}{_axis_title(label)}'
        f'<c:numFmt formatCode="{scale.tick_format}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:spPr>{_NO_LINE}</c:spPr>{_letters(_LETTERS)}'
        f'<c:crossAx val="{_CATEGORIES}"/><c:crosses val="autoZero"/><c:crossBetween val="between"/>{step}</c:valAx>'
    )


def _axis_title(label: str) -> str:
    if not label:
        return ""
    text = escape(clean_text(label).replace("\n", " "))
    run = f'<a:r><a:rPr lang="en-GB" sz="{_LETTERS}" b="0">{_INK}</a:rPr><a:t>{text}</a:t></a:r>'
    turned = f'<a:bodyPr rot="{-90 * _DEGREE}" vert="horz"/>'
    rich = f'<c:rich>{turned}<a:lstStyle/><a:p><a:pPr><a:defRPr b="0"/></a:pPr>{run}</a:p></c:rich>'
    return f'<c:title><c:tx>{rich}</c:tx><c:overlay val="0"/></c:title>'


def _letters(size: int, angle: int | None = None) -> str:
    turned = "" if angle is None else f' rot="{angle * _DEGREE}" vert="horz"'
    return (
        f'<c:txPr><a:bodyPr{turned}/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}" b="0">{_INK}</a:defRPr></a:pPr>'
        '<a:endParaRPr lang="en-GB"/></a:p></c:txPr>'
    )
