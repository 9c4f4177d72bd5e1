"""Copies a slide with all that hangs on it: pictures are shared, charts with their workbooks and notes are copied."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.oxml.ns import qn
from pptx.parts.chart import ChartPart
from pptx.parts.embeddedpackage import EmbeddedXlsxPart
from pptx.presentation import Presentation
from pptx.slide import Slide

_OWN = frozenset({RELATIONSHIP_TYPE.SLIDE_LAYOUT, RELATIONSHIP_TYPE.NOTES_SLIDE})  # that a new slide has by itself
_RELATION = qn("r:id").removesuffix("id")  # what the names of references begin with
_BACKGROUND, _PARAGRAPH = qn("p:bg"), qn("a:p")
_FRAME_OF_TREE = 2  # elements of a tree of shapes before the first


def clone_slide(presentation: Presentation, slide: Slide) -> Slide:
    """A copy of the slide, on the same layout, right behind it."""
    copied: Slide = presentation.slides.add_slide(slide.slide_layout)
    relations = _copy_relations(slide.part, copied.part)
    source: Any = slide._element.cSld  # noqa: SLF001 # the only way to all of a slide
    target: Any = copied._element.cSld  # noqa: SLF001 # as above
    for element in list(target.spTree)[_FRAME_OF_TREE:]:
        target.spTree.remove(element)
    for element in list(source.spTree)[_FRAME_OF_TREE:]:
        target.spTree.append(deepcopy(element))
    background = source.find(_BACKGROUND)
    if background is not None:
        target.insert(0, deepcopy(background))
    _point(target, relations)
    _copy_notes(slide, copied)
    _move_behind(presentation, slide, copied)
    return copied


def _copy_relations(source: Part, target: Part) -> dict[str, str]:
    """Relates the target to what the source is related to; the new ids by the old ones."""
    return {
        old: target.relate_to(relation.target_ref, relation.reltype, is_external=True)
        if relation.is_external
        else target.relate_to(_copied(relation.target_part, relation.reltype), relation.reltype)
        for old, relation in source.rels.items()
        if relation.reltype not in _OWN
    }


def _copied(part: Part, kind: str) -> Part:
    """What a copy of the slide needs for itself; anything else is shared."""
    if kind == RELATIONSHIP_TYPE.CHART:
        return _copied_chart(part)
    workbook: Part = EmbeddedXlsxPart.new(part.blob, part.package) if kind == RELATIONSHIP_TYPE.PACKAGE else part
    return workbook


def _copied_chart(part: Part) -> Part:
    name = part.package.next_partname(ChartPart.partname_template)
    copied: ChartPart = ChartPart.load(name, part.content_type, part.package, part.blob)
    _point(copied._element, _copy_relations(part, copied))  # noqa: SLF001 # its relations stand in its XML
    return copied


def _point(tree: Any, relations: Mapping[str, str]) -> None:
    """Makes every reference to a relation one to its copy."""
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.startswith(_RELATION) and value in relations:
                element.set(name, relations[value])


def _copy_notes(source: Slide, target: Slide) -> None:
    if not source.has_notes_slide:
        return
    said, place = source.notes_slide.notes_text_frame, target.notes_slide.notes_text_frame
    if said is None or place is None:
        return
    body: Any = place._txBody  # noqa: SLF001 # the only way to keep the look of the notes
    for paragraph in body.findall(_PARAGRAPH):
        body.remove(paragraph)
    for paragraph in said._txBody.findall(_PARAGRAPH):  # noqa: SLF001 # as above
        body.append(deepcopy(paragraph))


def _move_behind(presentation: Presentation, first: Slide, second: Slide) -> None:
    ids: Any = presentation.slides._sldIdLst  # noqa: SLF001 # the library has no way to order slides
    by_slide = {presentation.part.related_part(each.rId): each for each in ids}
    by_slide[first.part].addnext(by_slide[second.part])
