"""Shapes that are drawn rather than filled: boxes with text, and pictures, as XML; decides nothing about a report.

All lengths are points; a slide of 16:9 is 960 wide and 540 high.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.slide import Slide

from shared.document import clean_text
from shared.rendering._slides_charts import attribute

EMU = 12_700  # in a point
INSET = 12.0  # from the edge of a filled box to its text
NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_PROPERTIES = qn("p:cNvPr")
_DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)
_SCHEME = frozenset({"accent1", "bg1", "bg2", "tx1", "tx2"})


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide."""

    left: float
    top: float
    width: float
    height: float

    def xml(self, prefix: str = "a") -> str:
        """Its place, as the element of this namespace."""
        left, top, width, height = (round(length * EMU) for length in (self.left, self.top, self.width, self.height))
        return f'<{prefix}:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></{prefix}:xfrm>'


@dataclass(frozen=True)
class Run:
    """Letters of one look; `colour` is six digits or a colour of the theme, `link` a relation of the slide."""

    text: str
    size: float
    is_bold: bool = False
    colour: str = "tx1"
    link: str = ""

    def xml(self) -> str:
        """The run; line ends within it become breaks."""
        click = f'<a:hlinkClick r:id="{self.link}"/>' if self.link else ""
        look = f'sz="{round(self.size * 100)}" b="{int(self.is_bold)}"'
        letters = f"<a:rPr {look}>{fill(self.colour)}{click}</a:rPr>"
        lines = clean_text(self.text).split("\n")
        return "<a:br/>".join(f"<a:r>{letters}<a:t>{escape(line)}</a:t></a:r>" for line in lines)


@dataclass(frozen=True)
class Paragraph:
    """Runs on lines of their own."""

    runs: tuple[Run, ...]
    space_before: float = 0
    align: str = "l"

    def xml(self) -> str:
        """The paragraph."""
        space = f'<a:spcBef><a:spcPts val="{round(self.space_before * 100)}"/></a:spcBef>'
        return f'<a:p><a:pPr algn="{self.align}">{space}</a:pPr>{"".join(run.xml() for run in self.runs)}</a:p>'


def fill(colour: str) -> str:
    """A solid fill: six digits or a colour of the theme."""
    named = f'<a:schemeClr val="{colour}"/>' if colour in _SCHEME else f'<a:srgbClr val="{colour}"/>'
    return f"<a:solidFill>{named}</a:solidFill>"


def add_text(slide: Slide, name: str, box: Box, paragraphs: Sequence[Paragraph], *, ground: str = "") -> None:
    """Adds a box with text in its upper left; with `ground` it is filled and keeps `INSET` to its edges."""
    add_xml(slide, text_xml(next_id(slide), name, box, paragraphs, ground=ground))


def text_xml(  # noqa: PLR0913 # what a box has
    number: int, name: str, box: Box, paragraphs: Sequence[Paragraph], *, ground: str = "", anchor: str = "t"
) -> str:
    """The same as XML, for masters and layouts, which have shapes of their own."""
    inset = round(INSET * EMU) if ground else 0
    insets = f'lIns="{inset}" tIns="{inset}" rIns="{inset}" bIns="{inset}"'
    look = fill(ground) if ground else "<a:noFill/>"
    said = "".join(paragraph.xml() for paragraph in paragraphs)
    return (
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{number}" name={attribute(name)}/><p:cNvSpPr txBox="1"/>'
        f'<p:nvPr/></p:nvSpPr><p:spPr>{box.xml()}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{look}'
        f'<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr wrap="square" {insets} anchor="{anchor}"/>'
        f"<a:lstStyle/>{said}</p:txBody></p:sp>"
    )


def fill_text(shape: Any, paragraphs: Sequence[Paragraph]) -> None:
    """Replaces all that a shape says; what a paragraph does not say stays as the shape's layout has it."""
    body: Any = shape.text_frame._txBody  # noqa: SLF001 # the only way to the paragraphs' XML
    for old in list(body.p_lst):
        body.remove(old)
    for paragraph in paragraphs:
        body.append(parse_xml(paragraph.xml().replace("<a:p>", f"<a:p {NAMESPACES}>", 1)))


def add_band(slide: Slide, name: str, box: Box, colour: str) -> None:
    """Adds a filled rectangle that says nothing, and tells screen readers so."""
    add_xml(
        slide,
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{next_id(slide)}" name={attribute(name)}>{_DECORATIVE}</p:cNvPr>'
        f'<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{box.xml()}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f"{fill(colour)}<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>",
    )


def add_xml(slide: Slide, xml: str) -> None:
    """Adds a shape, on top of those that are there."""
    tree: Any = slide.shapes._spTree  # noqa: SLF001 # the only way to the tree of shapes
    tree.append(parse_xml(xml))


def next_id(slide: Slide) -> int:
    """A number that no shape of the slide has."""
    tree: Any = slide.shapes._spTree  # noqa: SLF001 # as above
    return max((int(each.get("id")) for each in tree.iter(_PROPERTIES)), default=1) + 1
