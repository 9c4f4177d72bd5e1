"""Pours lists and rows into a template's boxes and tables, and goes on on a further slide before anything overflows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pptx.presentation import Presentation
from pptx.slide import Slide

from shared.rendering._slides_clone import clone_slide
from shared.rendering._slides_letters import Letters, cell_letters, shape_letters
from shared.rendering._slides_shapes import EMU
from shared.rendering._slides_tables import body_height, column_widths, fill_rows, first_row
from shared.rendering._slides_text import Filler, find_shape, put_lines

Item = str | Sequence[str]  # a line of a list, or a row of a table


def pour(
    presentation: Presentation, slide: Slide, contents: Mapping[str, Sequence[Item]], filler: Filler
) -> list[Slide]:
    """Fills each named shape with its items: a text box with lines, a table with rows of a text for each column.

    What has no room goes on on copies of the slide, made as it is now, right behind it; all shapes go on together, and
    an item that is taller than its whole box is divided. Gives the slides, the first of them the slide itself; of
    several the titles tell which is which. The filler learns what was said.

    Raises:
        LookupError: the slide has no shape of a name.
        ValueError: a row has not as many texts as its table has columns.

    """
    pages = {name: list(_pages(find_shape(slide, name), items)) for name, items in contents.items()}
    count = max(map(len, pages.values()), default=1)
    slides = [slide]
    for _ in range(count - 1):
        slides.append(clone_slide(presentation, slides[-1]))
    for number, each in enumerate(slides):
        for name, parts in pages.items():
            _put(find_shape(each, name), parts[number] if number < len(parts) else [], filler)
        if count > 1:
            _tell(each, number + 1, count)
    return slides


def _put(shape: Any, items: Sequence[Any], filler: Filler) -> None:
    if shape.has_table:
        fill_rows(shape.table, items)
        filler.heed(text for row in items for text in row)
    else:
        put_lines(shape, items)
        filler.heed(items)


def _pages(shape: Any, items: Sequence[Any]) -> Iterator[list[Any]]:
    """The items by slide; at least one, which may be empty."""
    if shape.has_table:
        letters = cell_letters(first_row(shape.table))
        yield from _row_pages(items, letters, column_widths(shape.table), body_height(shape))
    else:
        frame = shape.text_frame
        width = (shape.width - frame.margin_left - frame.margin_right) / EMU
        room = (shape.height - frame.margin_top - frame.margin_bottom) / EMU
        pages = _row_pages([(item,) for item in items], shape_letters(shape), [width], room)
        yield from ([row[0] for row in page] for page in pages)


def _row_pages(
    rows: Sequence[Sequence[str]], letters: Letters, widths: Sequence[float], room: float
) -> Iterator[list[Sequence[str]]]:
    page: list[Sequence[str]] = []
    used = 0.0
    for row in [part for each in rows for part in _divided(each, letters, widths, room)]:
        height = letters.height(row, widths)
        if page and used + height > room:
            yield page
            page, used = [], 0.0
        page.append(row)
        used += height
    yield page


def _divided(row: Sequence[str], letters: Letters, widths: Sequence[float], room: float) -> Iterator[Sequence[str]]:
    """The row, or as many as it takes where it is taller than the box."""
    rest = row
    while letters.height(rest, widths) > room:
        most = max(letters.lines_in(room), 1)
        heads = [letters.head(text, width, most) for text, width in zip(rest, widths, strict=True)]
        if not any(heads):
            break
        yield heads
        rest = [text[len(head) :].lstrip() for text, head in zip(rest, heads, strict=True)]
    yield rest


def _tell(slide: Slide, number: int, count: int) -> None:
    title: Any = slide.shapes.title
    if title is not None and title.text_frame.paragraphs[-1].runs:
        title.text_frame.paragraphs[-1].runs[-1].text += f" ({number} of {count})"
