"""Native charts on slides: puts one where a shape stood, with its workbook behind it; never draws a picture."""

from typing import Any
from xml.sax.saxutils import quoteattr

from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.parts.chart import ChartPart
from pptx.parts.embeddedpackage import EmbeddedXlsxPart
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.util import Emu

from shared.document import Chart, clean_text
from shared.rendering._chart_style import finite
from shared.rendering._slides_chart_book import chart_book
from shared.rendering._slides_chart_xml import chart_xml
from shared.rendering._slides_fit import one_line

_MOST_NAME = 120  # letters of a shape's name
_FRAME = (
    '<p:graphicFrame xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
    '<p:nvGraphicFramePr><p:cNvPr id="{id}" name={name} descr={description}/>'
    '<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
    '<p:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></p:xfrm>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
    '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{relation}"/>'
    "</a:graphicData></a:graphic></p:graphicFrame>"
)


def has_values(chart: Chart) -> bool:
    """Whether there is anything to draw: a chart of gaps would show empty axes."""
    return any(finite(value) is not None for series in chart.series for value in series.values)


def put_chart(slide: Slide, shape: BaseShape, chart: Chart) -> None:
    """Puts the chart where the shape stands, which goes; its description (else its title) is the alternative text.

    The chart has values.
    """
    relation = slide.part.relate_to(_chart_part(slide, chart, Emu(shape.width).cm), RELATIONSHIP_TYPE.CHART)
    frame = _FRAME.format(
        id=shape.shape_id,
        name=attribute(f"Chart: {one_line(chart.title)}"[:_MOST_NAME]),
        description=attribute(chart.description or chart.title),
        x=shape.left,
        y=shape.top,
        cx=shape.width,
        cy=shape.height,
        relation=relation,
    )
    old: Any = shape._element  # noqa: SLF001 # the only way to the tree of shapes
    old.getparent().replace(old, parse_xml(frame))


def attribute(text: str) -> str:
    """The text as the quoted value of an attribute."""
    return quoteattr(clean_text(text), {"\n": "&#10;", "\t": "&#9;"})


def _chart_part(slide: Slide, chart: Chart, width: float) -> ChartPart:
    package = slide.part.package
    name = package.next_partname(ChartPart.partname_template)
    part: ChartPart = ChartPart.load(name, CONTENT_TYPE.DML_CHART, package, chart_xml(chart, width))
    part.relate_to(EmbeddedXlsxPart.new(chart_book(chart), package), RELATIONSHIP_TYPE.PACKAGE)  # its first: rId1
    return part
