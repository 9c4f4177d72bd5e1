"""How large letters are in a template's shapes, and how high texts in them get; changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.oxml.ns import qn

from shared.rendering._slides_fit import count_lines, line_height

_HUNDREDTHS = 100
_USUAL = 18.0  # points, where nothing is said
_FIRST_LEVEL = f"{qn('a:lvl1pPr')}/{qn('a:defRPr')}"
_WHERE = (f".//{qn('a:rPr')}", f".//{qn('a:endParaRPr')}", f".//{qn('a:lstStyle')}/{_FIRST_LEVEL}")
_BODY_STYLE = f"{qn('p:txStyles')}/{qn('p:bodyStyle')}/{_FIRST_LEVEL}"


@dataclass(frozen=True)
class Letters:
    """Points: the letters' size, and what lies between one item and the next, and left and right of a cell's text."""

    size: float
    between: float = 0
    beside: float = 0
    least: float = 0  # height of an item

    def height(self, texts: Sequence[str], widths: Sequence[float]) -> float:
        """The height of an item of one text, or of a row of several, each in its width."""
        lines = (self._lines(text, width) for text, width in zip(texts, widths, strict=True))
        return max(max(lines, default=1) * line_height(self.size) + self.between, self.least)

    def lines_in(self, height: float) -> int:
        """Lines of an item that has all of this height."""
        return int((height - self.between) / line_height(self.size))

    def head(self, text: str, width: float, lines: int) -> str:
        """The beginning of the text that takes so many lines at most, whole words where there are any."""
        if self._lines(text, width) <= lines:
            return text
        ends = [place for place, sign in enumerate(text) if sign.isspace()] or list(range(1, len(text)))
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high + 1) // 2
            if self._lines(text[: ends[middle - 1]], width) <= lines:
                low = middle
            else:
                high = middle - 1
        return text[: ends[low - 1]] if low else ""

    def _lines(self, text: str, width: float) -> int:
        return count_lines(text, self.size, width - self.beside)


def shape_letters(shape: Any) -> Letters:
    """The letters of a text box or a placeholder, as the nearest says: its first run, itself, layout or master."""
    first = shape.text_frame.paragraphs[0]
    spacing = first.line_spacing if isinstance(first.line_spacing, float) else 1.0
    gaps = (gap.pt for gap in (first.space_before, first.space_after) if gap is not None)
    return Letters(next(_sizes(shape), _USUAL) * max(spacing, 1.0), between=sum(gaps))


def cell_letters(row: Any) -> Letters:
    """The letters of a table's row, after which others are made."""
    cell = row.cells[0]
    return Letters(
        next(_own_sizes(cell._tc), _USUAL),  # noqa: SLF001 # the library does not say what letters inherit
        between=cell.margin_top.pt + cell.margin_bottom.pt,
        beside=cell.margin_left.pt + cell.margin_right.pt,
        least=row.height.pt,
    )


def _sizes(shape: Any) -> Iterator[float]:
    place = shape
    while place is not None:
        yield from _own_sizes(place._element)  # noqa: SLF001 # as above
        place = getattr(place, "_base_placeholder", None)
    if shape.is_placeholder:
        master = shape.part.slide_layout.slide_master._element  # noqa: SLF001 # as above
        yield from _said(master.iterfind(_BODY_STYLE))


def _own_sizes(element: Any) -> Iterator[float]:
    for path in _WHERE:
        yield from _said(element.iterfind(path))


def _said(elements: Iterable[Any]) -> Iterator[float]:
    yield from (int(each.get("sz")) / _HUNDREDTHS for each in elements if each.get("sz"))
