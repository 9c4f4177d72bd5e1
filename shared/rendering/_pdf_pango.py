"""The one door to Pango: sets texts of any script into lines and draws them; loaded only where a page is drawn.

Its Python packages leave files of theirs open; that is put right here.
"""

import warnings
from collections.abc import Iterator
from math import ceil
from typing import Any

from shared.rendering._pdf_paper import FAMILIES
from shared.rendering._pdf_text import Line, Style

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)
    from pangocairocffi import create_context, ffi_build, pangocairo
    from pangocffi import Alignment, FontDescription, Layout, Rectangle, Weight, WrapMode, ffi, pango

for _file in (ffi_build.c_definitions_cairo_file, ffi_build.c_definitions_pangocairo_file):
    _file.close()

_UNIT = 1024  # Pango's, to a point
_TOLERANCE = 0.01  # points: widths are sums of many numbers


class Shaper:
    """Sets and draws lines on the pages of one cairo context."""

    def __init__(self, context: Any) -> None:
        self._target = context._pointer  # noqa: SLF001 cairocffi has no other way to what Pango draws on
        self._context = create_context(context)
        pango.pango_context_set_round_glyph_positions(self._context.pointer, 0)
        self._descriptions: dict[tuple[bool, float], FontDescription] = {}
        self._box = Rectangle()

    def lines(self, text: str, style: Style, width: float | None, *, is_right: bool) -> Iterator[Line]:
        """The lines of a text, in the natural height of their fonts; a right-to-left one stands on the right."""
        layout = Layout(self._context)
        layout.font_description = self._description(style)
        layout.wrap = WrapMode.WORD_CHAR
        if width is not None:
            layout.width = ceil((width + _TOLERANCE) * _UNIT)
            layout.alignment = Alignment.RIGHT if is_right else Alignment.LEFT
        layout.text = text
        cursor = pango.pango_layout_get_iter(layout.pointer)
        try:
            yield from self._lines(layout, cursor)
        finally:
            pango.pango_layout_iter_free(cursor)

    def draw(self, line: Line) -> None:
        """Draws a line from the context's current point, in its current colour."""
        pangocairo.pango_cairo_show_layout_line(self._target, line.run)

    def _lines(self, layout: Layout, cursor: Any) -> Iterator[Line]:
        box, top = self._box.pointer, 0
        while True:
            pango.pango_layout_iter_get_line_extents(cursor, ffi.NULL, box)
            base = pango.pango_layout_iter_get_baseline(cursor)
            run = pango.pango_layout_iter_get_line_readonly(cursor)
            bottom = box.y + box.height
            yield Line(
                width=box.width / _UNIT,
                height=(bottom - top) / _UNIT,
                ascent=(base - top) / _UNIT,
                run=run,
                keeper=layout,
                left=box.x / _UNIT,
            )
            top = bottom
            if not pango.pango_layout_iter_next_line(cursor):
                return

    def _description(self, style: Style) -> FontDescription:
        key = style.is_bold, style.size
        if key not in self._descriptions:
            description = self._descriptions[key] = FontDescription()
            description.family = ",".join(FAMILIES)
            description.weight = Weight.BOLD if style.is_bold else Weight.NORMAL
            description.set_absolute_size(style.size * _UNIT)
        return self._descriptions[key]


def unknown_letters(line: Line) -> int:
    """How many letters of the text that the line is part of no font of this machine has."""
    found: int = pango.pango_layout_get_unknown_glyphs_count(line.keeper.pointer)
    return found
