"""Texts of PDF files set into lines: Latin ones by their letters' widths, every other script shaped by Pango.

A line is drawn by whoever has the page. Text is never markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.rendering._pdf_letters import BOLD, Face, encoded
from shared.rendering._pdf_paper import INK, Colour

_PITCH, _ASCENT = 1.36, 1.05  # em: the distance of lines, and of the first base line from the top
_TOLERANCE = 0.01  # points: widths are sums of many numbers
_TALL = 1.6  # of the pitch; a line up to here keeps to it, as a browser's do, so that all scripts stand level

# Pieces that a line may end after; spaces at its end are not seen.
_PIECES = re.compile(r"[^ \-/_@;,&=?]*[ \-/_@;,&=?]*")


@dataclass(frozen=True)
class Style:
    """How a text is set: the font, the size in points, the colour."""

    face: Face
    size: float
    colour: Colour = INK
    operators: str = field(init=False, repr=False)  # what sets the same on a page

    def __post_init__(self) -> None:
        red, green, blue = self.colour
        operators = f"{self.face.name} {self.size:g} Tf {red:.3g} {green:.3g} {blue:.3g} rg"
        object.__setattr__(self, "operators", operators)  # once, when it is made

    @property
    def is_bold(self) -> bool:
        """Whether the font is the bold one."""
        return self.face.name == BOLD

    @property
    def pitch(self) -> float:
        """Points from one line to the next."""
        return self.size * _PITCH

    @property
    def ascent(self) -> float:
        """Points from the top of a line to what its letters stand on."""
        return self.size * _ASCENT


@dataclass(slots=True)
class Line:
    """One line: `text` encoded for a page's strings, or `run`, a line of Pango's that stands `left` points further in.

    `keeper` is what such a line is part of, and dies with.
    """

    width: float
    height: float
    ascent: float
    text: str = ""
    run: Any = None
    keeper: Any = None
    left: float = 0


@dataclass(slots=True)
class Block:
    """A text set into lines."""

    lines: list[Line]
    height: float

    @property
    def width(self) -> float:
        """Points that the longest line takes."""
        return max((line.width for line in self.lines), default=0)


class Shape(Protocol):
    """Sets a text of any script into lines of at most `width` points."""

    def __call__(self, text: str, style: Style, width: float | None, *, is_right: bool) -> Iterator[Line]: ...


class Typesetter:
    """Sets texts; `shape` is asked for those that are not all of Latin letters."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def block(self, text: str, style: Style, width: float | None = None, *, is_right: bool = False) -> Block:
        """The text in lines of at most `width` points; without one, only its own line ends end a line."""
        if not style.face.has(text.replace("\n", "")):
            return self._shaped(text, style, width, is_right=is_right)
        whole = style.face.width(text, style.size) if "\n" not in text else None
        if whole is not None and (width is None or whole <= width + _TOLERANCE):
            return Block([Line(whole, style.pitch, style.ascent, encoded(text))], style.pitch)
        texts = [line for part in text.split("\n") for line in _wrapped(part, style, width)]
        lines = [Line(style.face.width(each, style.size), style.pitch, style.ascent, encoded(each)) for each in texts]
        return Block(lines, style.pitch * len(lines))

    def longest_word(self, text: str, style: Style) -> float:
        """Points that the widest part between spaces takes."""
        return max((self.block(word, style).width for word in text.split()), default=0)

    def _shaped(self, text: str, style: Style, width: float | None, *, is_right: bool) -> Block:
        lines = [_level(line, style) for line in self._shape(text, style, width, is_right=is_right)]
        return Block(lines, sum(line.height for line in lines))


def _level(line: Line, style: Style) -> Line:
    """The line as high as the others and level with them, unless it is much higher."""
    if line.height <= style.pitch * _TALL:
        line.height, line.ascent = style.pitch, style.ascent
    return line


def _wrapped(text: str, style: Style, width: float | None) -> Iterator[str]:
    """The lines of one paragraph of Latin letters; a piece that is too long for a line is broken anywhere."""
    room = float("inf") if width is None else (width + _TOLERANCE) / style.size
    widths, line, taken = style.face.widths, "", 0.0
    for piece in _PIECES.findall(text):
        seen = sum(map(widths.__getitem__, piece.rstrip(" ")))
        if line and taken + seen > room:
            yield line.rstrip(" ")
            line, taken = "", 0.0
        if seen > room:
            *full, piece = _broken(piece, style.face, room)  # noqa: PLW2901 what is left of it begins the next line
            yield from full
        line += piece
        taken += sum(map(widths.__getitem__, piece))
    yield line.rstrip(" ")


def _broken(word: str, face: Face, room: float) -> Iterator[str]:
    start, taken = 0, 0.0
    for place, letter in enumerate(word):
        taken += face.widths[letter]
        if taken > room and place > start:
            yield word[start:place]
            start, taken = place, face.widths[letter]
    yield word[start:]
