"""A fitted table as a native one on a slide: headings on the brand's colour, rules, links and states; reads no rows."""

from collections.abc import Sequence

from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.slide import Slide

from shared.document import Cell, Column, Kind, Link
from shared.rendering._chart_style import RULE, TONES
from shared.rendering._pptx_deck import BODY
from shared.rendering._pptx_table_fit import ABOVE, PADDING, Fitted
from shared.rendering._slides_charts import attribute
from shared.rendering._slides_shapes import EMU, NAMESPACES, Box, Paragraph, Run, add_xml, fill, next_id
from shared.rendering._xlsx_links import legal_urls

_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MINUTES, Kind.PERCENT, Kind.MONEY, Kind.DURATION})
_NO_LINES = "".join(f'<a:{side} w="0"><a:noFill/></a:{side}>' for side in ("lnL", "lnR", "lnT"))
_LINE = f'<a:lnB w="{EMU // 2}">{fill(RULE)}</a:lnB>'
_MARGINS = " ".join(
    f'{name}="{round(points * EMU)}"'
    for name, points in {"marL": PADDING, "marR": PADDING, "marT": ABOVE, "marB": ABOVE}.items()
)


def add_frame(
    slide: Slide, name: str, fitted: Fitted, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]
) -> None:
    """Adds the table at the top of a slide's body; `columns` and `rows` are those that were fitted."""
    headings = [
        _cell(Run(text, fitted.size, is_bold=True, colour="bg1"), column, "accent1")
        for text, column in zip(fitted.headings, columns, strict=True)
    ]
    lines = [_row(headings, fitted.heading_height)]
    for cells, texts in zip(rows, fitted.rows, strict=True):
        made = [_body_cell(slide, *each, fitted.size) for each in zip(cells, texts, columns, strict=True)]
        lines.append(_row(made, fitted.row_height))
    add_xml(slide, _frame(slide, name, fitted, lines))


def _frame(slide: Slide, name: str, fitted: Fitted, lines: Sequence[str]) -> str:
    height = fitted.heading_height + fitted.row_height * len(fitted.rows)
    box = Box(BODY.left, BODY.top, sum(fitted.widths), height)
    grid = "".join(f'<a:gridCol w="{round(width * EMU)}"/>' for width in fitted.widths)
    description = f"{name}: table of {len(fitted.rows)} rows with the columns {', '.join(fitted.headings)}"
    return (
        f'<p:graphicFrame {NAMESPACES}><p:nvGraphicFramePr><p:cNvPr id="{next_id(slide)}" '
        f"name={attribute(f'Table: {name}')} descr={attribute(description)}/><p:cNvGraphicFramePr>"
        f'<a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>{box.xml("p")}'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        f'<a:tbl><a:tblPr firstRow="1"/><a:tblGrid>{grid}</a:tblGrid>{"".join(lines)}</a:tbl>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _row(cells: Sequence[str], height: float) -> str:
    return f'<a:tr h="{round(height * EMU)}">{"".join(cells)}</a:tr>'


def _body_cell(slide: Slide, cell: Cell, text: str, column: Column, size: float) -> str:
    ink, ground = TONES[column.tones[text]] if text in column.tones else ("tx1", "")
    return _cell(Run(text, size, colour=ink, link=_relation(slide, cell, text)), column, ground)


def _relation(slide: Slide, cell: Cell, text: str) -> str:
    url = legal_urls([cell.url])[0] if isinstance(cell, Link) and cell.url and text else None
    return slide.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True) if url else ""


def _cell(run: Run, column: Column, ground: str) -> str:
    align = "r" if column.kind in _NUMBERS else "l"
    blank = f'<a:p><a:endParaRPr sz="{round(run.size * 100)}"/></a:p>'  # without a size, a row would grow
    said = Paragraph((run,), align=align).xml() if run.text else blank
    look = fill(ground) if ground else "<a:noFill/>"
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{said}</a:txBody>"
        f'<a:tcPr {_MARGINS} anchor="ctr">{_NO_LINES}{_LINE}{look}</a:tcPr></a:tc>'
    )
