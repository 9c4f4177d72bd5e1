"""What of a PDF's text no font could show: boxes in the place of letters; knows nothing of where the text came from.

There are two kinds of box. WeasyPrint shows glyph 0 of a font, `.notdef`; Pango draws a frame around the letter's
number in small digits of the monospaced font. Both mean that a font is missing, as does any font that is not Noto.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

_TEXTS = {"Tj": 0, "'": 0, '"': 2, "TJ": 0}  # operators that show text, and which of their operands it is
_EMOJI = "CairoFont"  # coloured letters, which cairo draws as pictures
_TO_NOTDEF = re.compile(rb"^<([0-9a-fA-F]{4})> 0$", re.MULTILINE)


def boxes(file: Path) -> list[str]:
    """One line per page and font that shows a box, that is none of the product's, or that the file lacks."""
    with pikepdf.open(file) as pdf:
        found = {
            f"page {number}: {problem}"
            for number, page in enumerate(pdf.pages, 1)
            for problem in _problems(page.obj, page.obj.get("/Resources"))
        }
    return sorted(found)


def _problems(stream: Any, resources: Any) -> Iterator[str]:
    """Of a page or form and of the forms that it draws."""
    fonts = resources.get("/Font", {}) if resources is not None else {}
    forms = resources.get("/XObject", {}) if resources is not None else {}
    font: Any = None
    for instruction in pikepdf.parse_content_stream(stream):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "Tf":
            font = fonts.get(str(operands[0]))
            yield from _strange(font, str(operands[0]))
        elif name == "Do":
            yield from _drawn(forms.get(str(operands[0])), str(operands[0]), resources)
        elif name in _TEXTS and font is not None:
            yield from _shown(operands[_TEXTS[name]], font)


def _drawn(form: Any, name: str, resources: Any) -> Iterator[str]:
    if form is None:
        yield f"{name} is missing"
    elif form.get("/Subtype") == "/Form":
        yield from _problems(form, form.get("/Resources", resources))


def _strange(font: Any, name: str) -> Iterator[str]:
    if font is None:
        yield f"{name} is missing"
        return
    family = str(font.get("/BaseFont", _EMOJI)).lstrip("/").rpartition("+")[2]
    if not family.startswith(("Noto", _EMOJI)) or "Mono" in family:
        yield f"{family} is no font of the product"


def _shown(text: Any, font: Any) -> Iterator[str]:
    """Whether a string, or an array of strings and distances, shows glyph 0 of a font with two-byte codes."""
    pieces = text if isinstance(text, pikepdf.Array) else [text]
    codes = _codes_of_notdef(font)
    for piece in pieces:
        if isinstance(piece, pikepdf.String) and codes & set(_pairs(bytes(piece))):
            yield f"{font.BaseFont} shows .notdef"


def _codes_of_notdef(font: Any) -> set[bytes]:
    if font.Subtype != "/Type0":
        return set()  # made of the letters that were asked for
    if isinstance(font.Encoding, pikepdf.Stream):
        return {bytes.fromhex(code.decode()) for code in _TO_NOTDEF.findall(font.Encoding.read_bytes())}
    return {b"\0\0"}


def _pairs(codes: bytes) -> Iterator[bytes]:
    return (codes[place : place + 2] for place in range(0, len(codes), 2))
