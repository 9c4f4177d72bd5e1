"""The pages that are drawn: shapes, links, pictures and shaped lines through cairo, Latin letters beside them.

Cairo streams its pages into a file; the letters of a page, compressed, wait until both are joined. Coordinates are
points from the top left corner. Knows no table.
"""

import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from shared.rendering._pdf_letters import content
from shared.rendering._pdf_mending import mend
from shared.rendering._pdf_paper import HEIGHT, TOP, WIDTH, Colour
from shared.rendering._pdf_text import Block, Line, Style, Typesetter

Box = tuple[float, float, float, float]  # left, top, width, height

_LEVEL = 6  # zlib
# The rest is percent-encoded: a quote would end cairo's attribute, a bracket the PDF's string, which cairo leaves open.
_IN_ADDRESSES = "!#$%&*+,-./:;=?@[]_~"
_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True)
class Place:
    """Where something begins: the page, from 0, and points from its top."""

    page: int
    top: float


def address(url: str | None) -> str | None:
    """The address as a PDF may hold it, or None where it is none of the web."""
    if not url:
        return None
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return None
    return quote(url, safe=_IN_ADDRESSES) if scheme in _SCHEMES else None


class _Sink:
    """A file as cairo takes it, which turns what is raised while it writes into a message on standard error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._failure: OSError | None = None

    def write(self, data: bytes) -> None:
        """Writes, or remembers why it cannot."""
        try:
            self._file.write(data)
        except OSError as error:
            self._failure = self._failure or error

    def check(self) -> None:
        """Raises what could not be raised before."""
        if self._failure is not None:
            raise self._failure

    def drop(self) -> None:
        """Takes what is still written without a word, for nobody wants it."""
        self._file = io.BytesIO()


class Canvas:
    """The drawn pages, one after another; `top` is where the first begins, for a designed page may end above."""

    def __init__(self, target: BinaryIO, top: float = TOP) -> None:
        import cairocffi

        from shared.rendering._pdf_pango import Shaper

        self._target, self._sink = target, _Sink(target)
        self._surface = cairocffi.PDFSurface(self._sink, WIDTH, HEIGHT)
        self._context = cairocffi.Context(self._surface)
        self._shaper = Shaper(self._context)
        self.typesetter = Typesetter(self._shaper.lines)
        self.top = self.y = top
        self._letters: list[str] = []
        self._style: Style | None = None
        self.contents: list[bytes] = []  # of the pages that are finished, compressed

    @property
    def page(self) -> int:
        """The number of the page being drawn, from 0."""
        return len(self.contents)

    @property
    def place(self) -> Place:
        """Where the next thing is drawn."""
        return Place(self.page, self.y)

    def text(self, x: float, base: float, encoded: str, style: Style) -> None:
        """Writes Latin letters from `x` on the line at `base`."""
        if style is not self._style:
            self._letters.append(style.operators)
            self._style = style
        self._letters.append(f"1 0 0 1 {x:.2f} {HEIGHT - base:.2f} Tm ({encoded}) Tj")

    def line(self, x: float, y: float, line: Line, style: Style) -> None:
        """Draws a line whose top left corner is there."""
        if line.run is None:
            self.text(x, y + line.ascent, line.text, style)
            return
        self._context.set_source_rgb(*style.colour)
        self._context.move_to(x, y + line.ascent)
        self._shaper.draw(line)

    def block(self, x: float, y: float, block: Block, style: Style) -> None:
        """Draws all lines of a text from there down, on the left of each other."""
        for line in block.lines:
            self.line(x + line.left, y, line, style)
            y += line.height

    def fill(self, colour: Colour, boxes: Iterable[Box]) -> None:
        """Fills boxes."""
        self._context.set_source_rgb(*colour)
        for box in boxes:
            self._context.rectangle(*box)
        self._context.fill()

    def chip(self, colour: Colour, box: Box) -> None:
        """Fills a box with round ends."""
        x, y, width, height = box
        radius = height / 2
        self._context.set_source_rgb(*colour)
        self._context.new_sub_path()
        self._context.arc(x + width - radius, y + radius, radius, -1.5708, 1.5708)
        self._context.arc(x + radius, y + radius, radius, 1.5708, 4.7124)
        self._context.close_path()
        self._context.fill()

    def link(self, url: str, box: Box) -> None:
        """Lets a box lead to an address that `address` gave."""
        place = " ".join(f"{number:.2f}" for number in box)
        self._context.tag_begin("Link", f"rect=[{place}] uri='{url}'")
        self._context.tag_end("Link")

    def picture(self, surface: Any, box: Box) -> None:
        """Draws an image surface into a box of its own proportions."""
        x, y, width, _ = box
        self._context.save()
        self._context.translate(x, y)
        scale = width / surface.get_width()
        self._context.scale(scale, scale)
        self._context.set_source_surface(surface, 0, 0)
        self._context.paint()
        self._context.restore()

    def next_page(self) -> None:
        """Ends the page; the next one begins at the top."""
        self._surface.show_page()
        self._sink.check()
        letters = ["BT", *self._letters, "ET"] if self._letters else []
        self.contents.append(zlib.compress(content("\n".join(letters)), _LEVEL))
        self._letters.clear()
        self._style = None
        self.top = self.y = TOP

    def finish(self) -> Sequence[bytes]:
        """Ends the last page and the file; the letters of each page, compressed."""
        self.next_page()
        self._surface.finish()
        self._sink.check()
        mend(self._target)
        return self.contents

    def close(self) -> None:
        """Ends the file if nothing has ended it yet: cairo would write to it whenever it is collected."""
        self._sink.drop()
        self._surface.finish()
