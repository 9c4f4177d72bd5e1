"""Whose deck it is: the brand's colour in the theme, its logo on the master and the title's layout; draws no slide.

The product's own mark is drawn with shapes, in the theme's colour; it is that of `theme/mark.svg`.
"""

import re
from struct import unpack_from
from typing import Any
from xml.etree import ElementTree as ET

from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.parts.slide import BaseSlidePart
from pptx.presentation import Presentation

from shared.document import clean_text
from shared.rendering._model import Brand, RenderOptions
from shared.rendering._pptx_deck import TITLE
from shared.rendering._slides_charts import attribute
from shared.rendering._slides_shapes import EMU, NAMESPACES, Box, Paragraph, Run, fill, text_xml

_ON_SLIDES = Box(786.8, 26, 130, 34)  # points; the logo stands at its right
_ON_TITLE = Box(68.4, 50, 300, 50)  # the logo stands at its left
_ID = 90  # of shapes that are added; the template's own are fewer
_SIDE = 48.0  # of the mark's own square
_BARS = ((11, 27, 6, 7), (21, 20, 6, 14), (31, 13, 6, 21))
_TREND = ((11.0, 20.5), (20.5, 13.5), (26.5, 17.5))
_STROKE = 2.6
_ROUNDED = round(11 / _SIDE * 100_000)
_ACCENT = re.compile(rb'(<a:accent1>\s*<a:srgbClr val=")[0-9A-Fa-f]{6}')
_PNG_SIZE = 16  # where its width and height stand
_SVG_NUMBER = re.compile(r"[0-9.]+")
# One clear pixel: what programs that cannot draw an SVG show in its place.
_CLEAR = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


def put_brand(presentation: Presentation, options: RenderOptions) -> None:
    """Puts colour and logo where all slides have them from."""
    master = presentation.slide_master
    _recolour(master.part.part_related_by(RELATIONSHIP_TYPE.THEME), options.brand.colour)
    title = presentation.slide_layouts.get_by_name(TITLE)
    _add_logo(master, options, _ON_SLIDES, is_right=True)
    _add_logo(title, options, _ON_TITLE, is_right=False)
    if options.brand.logo is None:
        name = Run(options.product_name, 20, is_bold=True, colour="tx2")
        beside = Box(_ON_TITLE.left + _ON_TITLE.height + 14, _ON_TITLE.top, 600, _ON_TITLE.height)
        _append(title, text_xml(_ID + 10, "Product", beside, [Paragraph((name,))], anchor="ctr"))


def _recolour(theme: Part, colour: str) -> None:
    theme.blob = _ACCENT.sub(rb"\g<1>" + colour.upper().encode(), theme.blob)


def _add_logo(sheet: Any, options: RenderOptions, room: Box, *, is_right: bool) -> None:
    """Adds the logo as large as the room lets it be, to a master or a layout."""
    name = clean_text(options.product_name)
    width, height = _size(options.brand)
    scale = min(room.width / width, room.height / height)
    left = room.left + room.width - width * scale if is_right else room.left
    box = Box(left, room.top + (room.height - height * scale) / 2, width * scale, height * scale)
    _append(sheet, _mark(name, box) if options.brand.logo is None else _picture(sheet.part, options.brand, name, box))


def _size(brand: Brand) -> tuple[float, float]:
    """Width and height of the logo, in any unit."""
    if brand.logo is None:
        return _SIDE, _SIDE
    if brand.logo_type == "png":
        return unpack_from(">2L", brand.logo, _PNG_SIZE)
    root = ET.fromstring(brand.logo)  # noqa: S314 # the deployment's own file
    sides = _SVG_NUMBER.findall(root.get("viewBox", ""))[2:] or [root.get("width", "1"), root.get("height", "1")]
    width, height = (float((_SVG_NUMBER.match(side) or ["1"])[0]) for side in sides)
    return width, height


def _picture(part: BaseSlidePart, brand: Brand, name: str, box: Box) -> str:
    """The logo as a picture; an SVG has a clear one in its place where programs know none."""
    if brand.logo_type == "png":
        shown, vector = _relation(part, "logo.png", "image/png", brand.logo or b""), ""
    else:
        shown = _relation(part, "clear.png", "image/png", _CLEAR)
        drawn = _relation(part, "logo.svg", "image/svg+xml", brand.logo or b"")
        vector = (
            '<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip xmlns:asvg='
            f'"http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="{drawn}"/></a:ext></a:extLst>'
        )
    return (
        f'<p:pic {NAMESPACES}><p:nvPicPr><p:cNvPr id="{_ID}" name="Logo" descr={attribute(name)}/><p:cNvPicPr>'
        f'<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr userDrawn="1"/></p:nvPicPr><p:blipFill>'
        f'<a:blip r:embed="{shown}">{vector}</a:blip><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        f'<p:spPr>{box.xml()}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )


def _relation(part: BaseSlidePart, name: str, content_type: str, content: bytes) -> str:
    """The relation to a picture, which master and layout share."""
    place = PackURI(f"/ppt/media/{name}")
    found = next((each for each in part.package.iter_parts() if each.partname == place), None)
    return part.relate_to(found or Part(place, content_type, part.package, content), RELATIONSHIP_TYPE.IMAGE)


def _mark(name: str, box: Box) -> str:
    """The product's mark as a group: a rounded square, three bars, and a line above them."""
    scale = box.width / _SIDE
    bars = [Box(box.left + x * scale, box.top + y * scale, w * scale, h * scale) for x, y, w, h in _BARS]
    shapes = _shape(
        _ID + 1,
        box,
        f'<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val {_ROUNDED}"/></a:avLst></a:prstGeom>',
        fill("accent1"),
    )
    for number, bar in enumerate(bars, start=_ID + 2):
        shapes += _shape(number, bar, '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>', fill("bg1"))
    return (
        f'<p:grpSp {NAMESPACES}><p:nvGrpSpPr><p:cNvPr id="{_ID}" name="Logo" descr={attribute(name)}/><p:cNvGrpSpPr/>'
        f'<p:nvPr userDrawn="1"/></p:nvGrpSpPr><p:grpSpPr>{_group_place(box)}</p:grpSpPr>{shapes}{_trend(box, scale)}'
        "</p:grpSp>"
    )


def _group_place(box: Box) -> str:
    place = box.xml()
    child = (
        place[place.index("<a:off") : place.index("</a:xfrm>")].replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
    )
    return place.replace("</a:xfrm>", f"{child}</a:xfrm>")


def _trend(box: Box, scale: float) -> str:
    (left, _), (_, top), (right, _) = _TREND
    bottom = max(y for _, y in _TREND)
    points = [(round((x - left) * scale * EMU), round((y - top) * scale * EMU)) for x, y in _TREND]
    steps = "".join(
        f'<a:{"lnTo" if place else "moveTo"}><a:pt x="{x}" y="{y}"/></a:{"lnTo" if place else "moveTo"}>'
        for place, (x, y) in enumerate(points)
    )
    around = Box(box.left + left * scale, box.top + top * scale, (right - left) * scale, (bottom - top) * scale)
    size = f'w="{round(around.width * EMU)}" h="{round(around.height * EMU)}"'
    geometry = (
        '<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/>'
        f'<a:pathLst><a:path {size} fill="none">{steps}</a:path></a:pathLst></a:custGeom>'
    )
    line = (
        f'<a:ln w="{round(_STROKE * scale * EMU)}" cap="rnd"><a:solidFill><a:schemeClr val="bg1"><a:alpha val="70000"/>'
        "</a:schemeClr></a:solidFill><a:round/></a:ln>"
    )
    return _shape(_ID + 5, around, geometry, "<a:noFill/>", line)


def _shape(number: int, box: Box, geometry: str, look: str, line: str = "<a:ln><a:noFill/></a:ln>") -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Mark {number}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f"<p:spPr>{box.xml()}{geometry}{look}{line}</p:spPr></p:sp>"
    )


def _append(sheet: Any, xml: str) -> None:
    sheet.shapes._spTree.append(parse_xml(xml))  # noqa: SLF001 # masters and layouts have no way to add a shape
