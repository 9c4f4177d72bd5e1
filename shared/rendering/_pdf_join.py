"""Joins designed and drawn pages into one PDF file: letters, page numbers, outline, title; changes no page's content.

What a page repeats (product, report, dates) is drawn once and shown on all of them.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from shared.rendering._pdf_canvas import Canvas, Place
from shared.rendering._pdf_letters import content, fonts, letters
from shared.rendering._pdf_paper import BOTTOM, HEIGHT, LEFT, MM, RIGHT, ROOM, RULE, SOFT, Colour
from shared.rendering._pdf_text import Style

_SIZE = 7.5  # points
_HEAD, _FOOT = 12.5 * MM, HEIGHT - 12.5 * MM  # lines of text
_HEAD_RULE, _FOOT_RULE = 16.2 * MM, BOTTOM + 3 * MM


@dataclass(frozen=True)
class Imprint:
    """What the file says of itself, on its pages and in its properties."""

    title: str
    dates: str
    product: str
    version: str
    language: str
    made_at: datetime
    brand: Colour

    @property
    def maker(self) -> str:
        """Who made the file."""
        return f"{self.product} v{self.version}" if self.version else self.product


@dataclass(frozen=True)
class Drawn:
    """The drawn pages: the open file, the letters of each page, the names of tables and where they begin."""

    file: BinaryIO
    letters: Sequence[bytes]
    places: Sequence[tuple[str, Place]]


def join(cover: bytes, *, drawn: Drawn, imprint: Imprint, target: BinaryIO) -> None:
    """Writes the whole file; the first drawn page goes over the last designed one."""
    import pikepdf

    with pikepdf.open(drawn.file) as file, pikepdf.open(io.BytesIO(cover)) as designed:
        known = _copied_fonts(file)
        for page, written in zip(file.pages, drawn.letters, strict=True):
            _add_letters(file, page, written, known)
        before = len(designed.pages) - 1
        form = file.copy_foreign(designed.pages[before].as_form_xobject())
        _use(file.pages[0], "/XObject", {"/Designed": form})  # add_underlay would give it a name of chance
        file.pages[0].contents_add(b"/Designed Do", prepend=True)
        for place in range(before):
            file.pages.insert(place, designed.pages[place])
        _stamp(file, imprint, known)
        _outline(file, imprint, [(name, place.page + before, place.top) for name, place in drawn.places])
        _describe(file, imprint)
        file.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _copied_fonts(file: Any) -> dict[str, Any]:
    import pikepdf

    with pikepdf.open(io.BytesIO(letters().source)) as specimen:
        return {name: file.copy_foreign(font) for name, font in fonts(specimen)}


def _add_letters(file: Any, page: Any, written: bytes, known: dict[str, Any]) -> None:
    """The page's own content between q and Q, which cairo leaves out, and then its letters."""
    import pikepdf

    _use(page, "/Font", known)
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q")
    page.Contents.append(pikepdf.Stream(file, written, Filter=pikepdf.Name.FlateDecode))


def _use(page: Any, kind: str, named: dict[str, Any]) -> None:
    import pikepdf

    if "/Resources" not in page:
        page.Resources = pikepdf.Dictionary()
    if kind not in page.Resources:
        page.Resources[kind] = pikepdf.Dictionary()
    for name, each in named.items():
        page.Resources[kind][name] = each


def _stamp(file: Any, imprint: Imprint, known: dict[str, Any]) -> None:
    """Foot and page number on every page, and the report's name on top of every page but the first."""
    first, following = _furniture(file, imprint, known)
    style, count = Style(letters().regular, _SIZE, SOFT), len(file.pages)
    for number, page in enumerate(file.pages, start=1):
        text = f"Page {number} of {count}"
        x = RIGHT - style.face.width(text, _SIZE)
        _use(page, "/XObject", {"/First": first, "/Following": following})
        _use(page, "/Font", known)
        form = "/First" if number == 1 else "/Following"
        operators = f"q {form} Do BT {style.operators} 1 0 0 1 {x:.2f} {HEIGHT - _FOOT:.2f} Tm ({text}) Tj ET Q"
        page.contents_add(b"q", prepend=True)
        page.contents_add(content(f"Q {operators}"))


def _furniture(file: Any, imprint: Imprint, known: dict[str, Any]) -> list[Any]:
    """What the first page repeats, and what the following ones do, as forms of the file."""
    import pikepdf

    target = io.BytesIO()
    canvas = Canvas(target)
    _draw_foot(canvas, imprint)
    canvas.next_page()
    _draw_foot(canvas, imprint)
    _draw_head(canvas, imprint)
    written = canvas.finish()
    with pikepdf.open(target) as furniture:
        for page, each in zip(furniture.pages, written, strict=True):
            _add_letters(furniture, page, each, {})
        forms = [file.copy_foreign(page.as_form_xobject()) for page in furniture.pages]
    for form in forms:
        _use(form, "/Font", known)
    return forms


def _draw_foot(canvas: Canvas, imprint: Imprint) -> None:
    canvas.fill(RULE, [(LEFT, _FOOT_RULE, ROOM, 0.5)])
    style = Style(letters().regular, _SIZE, SOFT)
    _draw_line(canvas, f"Generated by {imprint.maker}", style, _FOOT, 0.8)


def _draw_head(canvas: Canvas, imprint: Imprint) -> None:
    canvas.fill(imprint.brand, [(LEFT, _HEAD_RULE, ROOM, 0.9)])
    _draw_line(canvas, imprint.title, Style(letters().bold, _SIZE + 1), _HEAD, 0.6)
    _draw_line(canvas, imprint.dates, Style(letters().regular, _SIZE, SOFT), _HEAD, -0.38)


def _draw_line(canvas: Canvas, text: str, style: Style, base: float, part: float) -> None:
    """One line of a text on that base line: what goes into that part of the width, from the right where negative."""
    block = canvas.typesetter.block(text, style, abs(part) * ROOM)  # a name: without the block its lines are gone
    line = block.lines[0]
    canvas.line(RIGHT - line.width if part < 0 else LEFT, base - line.ascent, line, style)


def _outline(file: Any, imprint: Imprint, places: Sequence[tuple[str, int, float]]) -> None:
    import pikepdf

    with file.open_outline() as outline:
        for name, page, top in [(imprint.title, 0, 0.0), *places]:
            outline.root.append(
                pikepdf.OutlineItem(name, page, pikepdf.PageLocation.XYZ, left=0, top=HEIGHT - top, zoom=0)
            )


def _describe(file: Any, imprint: Imprint) -> None:
    """Title, maker, date and language; and that it is tagged no more, for nobody has tagged the drawn pages."""
    import pikepdf

    for key in ("/MarkInfo", "/StructTreeRoot", "/Names", "/Metadata"):
        if key in file.Root:
            del file.Root[key]
    file.Root.Lang = pikepdf.String(imprint.language)
    file.Root.PageMode = pikepdf.Name.UseOutlines
    file.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    made = pikepdf.models.metadata.encode_pdf_date(imprint.made_at)
    file.trailer.Info = file.make_indirect(
        pikepdf.Dictionary(
            Title=pikepdf.String(imprint.title),
            Subject=pikepdf.String(imprint.dates),
            Author=pikepdf.String(imprint.product),
            Creator=pikepdf.String(imprint.maker),
            Producer=pikepdf.String(imprint.maker),
            CreationDate=made,
            ModDate=made,
        )
    )
    with file.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as properties:
        properties.load_from_docinfo(file.docinfo)
        properties["dc:language"] = {imprint.language}
