"""Other scripts in PDF files, looked at as pixels: every letter has a shape, and right-to-left text stands right."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from shared.document import Chart, ChartKind, Column, Kind, Kpi, Note, Series
from shared.rendering._pdf_canvas import Canvas
from shared.rendering._pdf_letters import letters
from shared.rendering._pdf_pango import unknown_letters
from shared.rendering._pdf_text import Style
from tests.integration.pdf_files import document, file_of, ink, pictures, rendered, table, texts

_SCRIPTS = {
    "devanagari": "नमस्ते क्षेत्र विद्यार्थी",
    "arabic": "مرحبا بالعالم",
    "hebrew": "שלום עולם",
    "chinese": "汉字漢字 中国银行",
    "tamil": "தமிழ் முத்துலட்சுமி",
    "emoji": "😀👍🏽❤️",
    "mixed": "Nguyễn Thị Minh 🌟 −12 ▲ ₹ Ωé",
}


@pytest.mark.parametrize("script", _SCRIPTS)
def test_every_letter_has_a_shape(script: str) -> None:
    """No page of a document in this script, designed or drawn, shows a glyph that stands for a missing one."""
    text = _SCRIPTS[script]
    chart = Chart("c", text, ChartKind.BAR, (text, "b"), (Series(text, (1, 2)), Series("t", (2, 1))), text, text)
    made = document(
        table([Column("k", text)], [(text,), ("plain",)]),
        title=text,
        kpis=(Kpi("k", text, Kind.TEXT, text),),
        notes=(Note(text, text),),
        charts=(chart,),
    )
    assert _missing_glyphs(rendered(made, product_name=text)[0]) == []


def _missing_glyphs(content: bytes) -> list[str]:
    """The fonts of which glyph 0, the box, is shown; by their codes in the pages' strings."""
    with pikepdf.open(io.BytesIO(content)) as file:
        found = []
        for page in file.pages:
            found += _boxes(page, page.Resources)
        return found


def _boxes(stream: object, resources: pikepdf.Object) -> list[str]:
    shown, font = list[str](), ""
    for step in pikepdf.parse_content_stream(stream):  # type: ignore[arg-type] # a page or a form
        operands, operator = step.operands, step.operator
        if str(operator) == "Tf":
            font = str(operands[0])
        elif str(operator) in {"Tj", "TJ"} and _is_wide(resources, font):
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            shown += [font] if b"\0\0" in [codes[at : at + 2] for at in range(0, len(codes), 2)] else []
        elif str(operator) == "Do":
            form = resources.XObject[str(operands[0])]
            shown += _boxes(form, form.Resources) if form.get("/Subtype") == "/Form" and "/Resources" in form else []
    return shown


def _is_wide(resources: pikepdf.Object, font: str) -> bool:
    return "/Font" in resources and font in resources.Font and resources.Font[font].Subtype == "/Type0"


@pytest.mark.parametrize("script", _SCRIPTS)
def test_fonts_have_every_letter(script: str) -> None:
    """Pango finds a font for every letter of a cell in this script, plain and bold."""
    typesetter = Canvas(io.BytesIO()).typesetter
    for face in (letters().regular, letters().bold):
        (line,) = typesetter.block(_SCRIPTS[script], Style(face, 8)).lines
        assert unknown_letters(line) == 0


@pytest.mark.parametrize("script", sorted(_SCRIPTS))
def test_cells_are_to_be_seen(script: str, tmp_path: Path) -> None:
    """A cell in this script leaves ink on the page, as much as words do, and differs from another text's."""
    text = _SCRIPTS[script]
    with_text, without = (
        _body(file_of(texts((each, "x"))), tmp_path / name) for each, name in ((text, "a"), ("", "b"))
    )
    assert ink(with_text, (0, 0, *with_text.size)) > ink(without, (0, 0, *without.size)) * 1.02


def test_joined_letters_are_joined(tmp_path: Path) -> None:
    """Arabic letters take other shapes within a word: the word is not what its letters are with joints forbidden."""
    word, parted = "بيت", "\u200c".join("بيت")
    first, second = (_body(file_of(texts((text,))), tmp_path / name) for text, name in ((word, "a"), (parted, "b")))
    assert first.tobytes() != second.tobytes()


def test_right_to_left_text_begins_at_the_right(tmp_path: Path) -> None:
    """An Arabic paragraph of several lines is flush right within its column; a Latin one flush left."""
    arabic, latin = "مرحبا بالعالم " * 30, "hello world " * 40
    pages = {
        name: _body(file_of(texts((text, "x" * 30))), tmp_path / name) for name, text in (("a", arabic), ("b", latin))
    }
    last = {name: _last_line(page) for name, page in pages.items()}
    assert last["a"][0] > 2 * last["b"][0]


def _body(content: bytes, folder: Path) -> Image.Image:
    folder.mkdir()
    picture = pictures(content, folder, dpi=100)[0]
    return picture.crop((0, int(picture.height * 0.2), picture.width, int(picture.height * 0.88)))


def _last_line(picture: Image.Image) -> tuple[int, int]:
    """The left and right ends of the lowest line of dark letters in the left column."""
    column = picture.crop((0, 0, int(picture.width * 0.8), picture.height)).point(
        lambda value: 255 if value < 120 else 0
    )
    box = column.getbbox()
    assert box is not None
    line = column.crop((0, box[3] - 10, column.width, box[3])).getbbox()
    assert line is not None
    return line[0], line[2]
