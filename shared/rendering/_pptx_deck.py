"""A report's deck on its way: adds slides with their heads, footers and notes; knows what no slide shows."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.presentation import Presentation
from pptx.slide import Slide, SlideLayout

from shared.document import Document, clean_text
from shared.rendering._model import RenderOptions
from shared.rendering._page_text import instant_text
from shared.rendering._slides_fit import cut_to_width, largest_size
from shared.rendering._slides_shapes import EMU, Box, next_id

TITLE, TILES, CHART, TABLE = "Report Title", "Key Figures", "Chart", "Table"  # the template's layouts
BODY = Box(43.2, 108, 873.6, 385.2)  # what a layout's head and foot leave
GREY = "595959"  # contrast to white 7 : 1
_TITLE_SIZES, _TITLE_WIDTH = (28, 24, 20, 18), 720
_SUBTITLE_SIZES = (14, 12, 11)
_ABOUT_WIDTH, _DATES_WIDTH = 240, 160
_FEET = frozenset({PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER})
_FIELD, _TEXT = qn("a:fld"), qn("a:t")


@dataclass(frozen=True)
class Deck:
    """The presentation and what it is about."""

    presentation: Presentation
    document: Document
    options: RenderOptions

    @property
    def about(self) -> str:
        """The report and its dates, for the heads of slides; cut where they would leave no room for anything else."""
        title = cut_to_width(clean_text(self.document.title), _SUBTITLE_SIZES[0], _ABOUT_WIDTH)
        dates = cut_to_width(clean_text(self.document.subtitle), _SUBTITLE_SIZES[0], _DATES_WIDTH)
        return " · ".join(part for part in (title, dates) if part)

    def instant(self, name: str) -> str:
        """One of the document's instants as its zone's wall clock, which it names."""
        zone = self.document.zone
        return f"{instant_text(getattr(self.document, name), zone, self.options.locale)} ({zone.key})"

    def add(self, layout_name: str, title: str, subtitle: str) -> Slide:
        """Adds a slide with its head."""
        slide = self.blank(layout_name)
        write(slide.placeholders[0], title, _TITLE_SIZES, _TITLE_WIDTH, is_bold=True)
        say_below(slide, subtitle)
        return slide

    def blank(self, layout_name: str) -> Slide:
        """Adds a slide with nothing on it but its layout's places."""
        layout = self.presentation.slide_layouts.get_by_name(layout_name)
        if layout is None:
            raise KeyError(layout_name)
        slide: Slide = self.presentation.slides.add_slide(layout)
        return slide

    def add_feet(self) -> None:
        """Gives every slide its foot, last of all that is read out: the product, the time, and the slide's number."""
        said = f"{clean_text(self.options.product_name)} · Generated {self.instant('generated_at')}"
        feet = {layout.name: _feet(layout) for layout in self.presentation.slide_layouts}
        for number, slide in enumerate(self.presentation.slides, start=1):
            for foot in feet[slide.slide_layout.name]:
                _add_foot(slide, foot, said, number)


def _feet(layout: SlideLayout) -> list[Any]:
    """What of a layout new slides are made without."""
    return [place._element for place in list[Any](layout.placeholders) if place.placeholder_format.type in _FEET]  # noqa: SLF001 # the library copies no footer


def _add_foot(slide: Slide, foot: Any, said: str, number: int) -> None:
    copied = deepcopy(foot)
    copied.nvSpPr.cNvPr.set("id", str(next_id(slide)))
    field = copied.find(f".//{_FIELD}")
    if field is None:
        copied.txBody.p_lst[0].add_r().text = said
    else:
        field.find(_TEXT).text = str(number)
    slide.shapes._spTree.append(copied)  # noqa: SLF001 # as above


def write(shape: Any, text: str, sizes: tuple[float, ...], width: float, *, is_bold: bool = False) -> None:
    """Writes one line in the largest of the sizes that fits, in the look that the shape's layout gives it.

    The first size is the layout's own.
    """
    size = largest_size(text, sizes, width, is_bold=is_bold)
    shape.text_frame.text = cut_to_width(clean_text(text), size, width, is_bold=is_bold)
    if size != sizes[0]:
        for run in shape.text_frame.paragraphs[0].runs:
            run.font.size = round(size * EMU)


def say_below(slide: Slide, text: str) -> None:
    """Writes the line below the title."""
    write(slide.placeholders[12], text, _SUBTITLE_SIZES, _TITLE_WIDTH)


def add_notes(slide: Slide, lines: list[str]) -> None:
    """Adds what a speaker reads: a paragraph for each line."""
    if lines:
        frame = slide.notes_slide.notes_text_frame
        if frame is not None:
            frame.text = clean_text("\n".join(lines))
