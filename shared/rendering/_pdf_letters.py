"""The Latin letters of PDF files: two embedded fonts and their exact widths; knows neither pages nor other scripts.

Text in these letters is written into a page as it is, which costs a tenth of what shaping costs. Cairo makes the fonts:
a page that shows every letter holds what has to be embedded, and widths as every reader of the file will use them.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from unicodedata import category

from shared.rendering._pdf_paper import FAMILIES

REGULAR, BOLD = "/Regular", "/Bold"  # names on pages

_CODES = range(32, 256)
_ENCODING = "cp1252"
_PER_EM = 1000  # a PDF font's unit of width
_SPECIMEN = 500, 5  # points: cairo leaves out what lies beside the page


@dataclass(frozen=True)
class Face:
    """One font: its name on pages, and the width of each letter that it has, in em."""

    name: str
    widths: Mapping[str, float]

    def has(self, text: str) -> bool:
        """Whether every letter of the text is one of this font."""
        return (text.isascii() and text.isprintable()) or self.widths.keys() >= set(text)

    def width(self, text: str, size: float) -> float:
        """Points that a text of this font's letters takes at a size in points."""
        return sum(map(self.widths.__getitem__, text)) * size


@dataclass(frozen=True)
class Letters:
    """The two fonts, and the PDF file of one page that they are copied from."""

    regular: Face
    bold: Face
    source: bytes


@cache
def letters() -> Letters:
    """The fonts of this machine; made once in a process."""
    import pikepdf

    source = _specimen()
    with pikepdf.open(io.BytesIO(source)) as file:
        regular, bold = (_face(name, font) for name, font in fonts(file))
    return Letters(regular, bold, source)


def fonts(specimen: object) -> Iterator[tuple[str, object]]:
    """The name on pages and the font object of each font in an open specimen."""
    shown = specimen.pages[0].Resources.Font  # type: ignore[attr-defined] # an open pikepdf file
    simple = [font for _, font in sorted(shown.items()) if font.get("/Encoding") == "/WinAnsiEncoding"]
    return zip((REGULAR, BOLD), simple, strict=True)


def encoded(text: str) -> str:
    """The text as the inside of a PDF string; to be written in the fonts' encoding."""
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def content(operators: str) -> bytes:
    """Operators with encoded texts as they stand in a page."""
    return operators.encode(_ENCODING)


def _specimen() -> bytes:
    import cairocffi

    target = io.BytesIO()
    surface = cairocffi.PDFSurface(target, *_SPECIMEN)
    context = cairocffi.Context(surface)
    context.set_font_size(1)
    for weight in (cairocffi.FONT_WEIGHT_NORMAL, cairocffi.FONT_WEIGHT_BOLD):
        context.select_font_face(FAMILIES[0], cairocffi.FONT_SLANT_NORMAL, weight)
        context.move_to(0, 1)
        context.show_text("".join(letter for _, letter in _alphabet()))
    surface.finish()
    return target.getvalue()


def _alphabet() -> Iterator[tuple[int, str]]:
    """Codes and letters of the encoding, without those that are not seen, but for the space."""
    for code in _CODES:
        letter = bytes([code]).decode(_ENCODING, "ignore")
        if letter == " " or (letter and category(letter)[0] not in "CZ"):
            yield code, letter


def _face(name: str, font: object) -> Face:
    widths = [int(width) / _PER_EM for width in font.Widths]  # type: ignore[attr-defined] # a pikepdf object
    first = int(font.FirstChar)  # type: ignore[attr-defined]
    known = dict(enumerate(widths, start=first))
    return Face(name, {letter: known[code] for code, letter in _alphabet() if known.get(code)})
