"""The title slide: the report's name, its dates, and what it covers; never more lines than it has room for."""

from collections.abc import Sequence

from pptx.slide import Slide

from shared.document import Note, clean_text
from shared.rendering._pptx_deck import GREY, TITLE, Deck, add_notes, write
from shared.rendering._slides_fit import count_lines, cut_to_lines, cut_to_width, line_height
from shared.rendering._slides_shapes import Paragraph, Run, fill_text

_TITLE_SIZES, _DATE_SIZES, _WIDTH = (44, 40, 36, 32, 28, 24), (24, 20, 16), 820
_HEIGHT = 200.0  # points, of the facts
_LABEL_WIDTH, _TEXT_WIDTH = 145.0, 668.0  # side by side
_SIZES = (16.0, 14, 12)
_BETWEEN = 4.0
_LINES = 2  # of one fact


def add_title(deck: Deck) -> None:
    """Adds the slide; what has no room on it stands whole in its notes."""
    document = deck.document
    slide = deck.blank(TITLE)
    write(slide.placeholders[0], document.title, _TITLE_SIZES, _WIDTH, is_bold=True)
    write(slide.placeholders[1], document.subtitle, _DATE_SIZES, _WIDTH)
    facts = [
        Note("Generated", deck.instant("generated_at")),
        Note("Data as of", deck.instant("data_as_of")),
        *(note for note in document.notes if note.text != document.subtitle),
    ]
    _add_facts(slide, facts)
    add_notes(slide, [f"{document.title} · {document.subtitle}", *(f"{note.label}: {note.text}" for note in facts)])


def _add_facts(slide: Slide, facts: Sequence[Note]) -> None:
    size = next((size for size in _SIZES if _height(facts, size) <= _HEIGHT), _SIZES[-1])
    shown = list(facts)
    while _height(shown, size) > _HEIGHT:
        shown.pop()
    if len(shown) < len(facts):
        shown[-1] = Note("More", "see the notes of this slide")
    fill_text(slide.placeholders[12], [_paragraph(note, size) for note in shown])


def _paragraph(note: Note, size: float) -> Paragraph:
    text = cut_to_lines(clean_text(note.text), size, _TEXT_WIDTH, _LINES)
    label = cut_to_width(clean_text(note.label), size, _LABEL_WIDTH)
    return Paragraph((Run(f"{label}\t", size, colour=GREY), Run(text, size)), _BETWEEN)


def _height(facts: Sequence[Note], size: float) -> float:
    lines = (count_lines(cut_to_lines(note.text, size, _TEXT_WIDTH, _LINES), size, _TEXT_WIDTH) for note in facts)
    return sum(count * line_height(size) + _BETWEEN for count in lines)
