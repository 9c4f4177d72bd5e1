"""Thumbnails under the links of drawn tables: at most four to a row, and how many more there are; fetches by asking."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shared.document import Link
from shared.rendering._model import PICTURES_AT_ONCE, Pictures
from shared.rendering._pdf_canvas import Canvas
from shared.rendering._pdf_letters import letters
from shared.rendering._pdf_paper import RULE, SOFT
from shared.rendering._pdf_text import Style
from shared.rendering._thumbnails import Thumbnail, thumbnail

MOST = 4  # pictures to a row (reports.md §4)
GAP = 3.0  # points between pictures, and above them
_WIDTH, _HEIGHT = 40.0, 30.0  # points of one picture's place
_SMALL = 6.5  # points
_MORE_WIDTH = 26.0  # points for "+99 more"

WIDTH = MOST * (_WIDTH + GAP) + _MORE_WIDTH


@dataclass(frozen=True)
class Shown:
    """The pictures of one cell, and how many there are beside them."""

    pictures: tuple[Thumbnail, ...]
    more: int

    @property
    def height(self) -> float:
        """Points that they take."""
        return _HEIGHT

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Draws them in a row from there."""
        for picture in self.pictures:
            scale = min(_WIDTH / picture.width, _HEIGHT / picture.height)
            width, height = picture.width * scale, picture.height * scale
            left, top = x + (_WIDTH - width) / 2, y + (_HEIGHT - height) / 2
            canvas.fill(RULE, [(left - 0.4, top - 0.4, width + 0.8, height + 0.8)])
            canvas.picture(_surface(picture), (left, top, width, height))
            x += _WIDTH + GAP
        if self.more:
            style = Style(letters().regular, _SMALL, SOFT)
            canvas.text(x, y + _HEIGHT / 2 + _SMALL / 3, f"+{self.more} more", style)


def shown(cells: Sequence[Link | None], pictures: Pictures) -> list[Shown | None]:
    """The pictures of each of some link cells; None where it has no photos."""
    photos = [cell.photos if cell is not None else () for cell in cells]
    names = iter([name for each in photos for name in each[:MOST]])
    found: list[Thumbnail] = []
    while some := list(islice(names, PICTURES_AT_ONCE)):
        found.extend(thumbnail(photo) for photo in pictures(some))
    ready = iter(found)
    return [
        Shown(tuple(islice(ready, min(len(each), MOST))), max(len(each) - MOST, 0)) if each else None for each in photos
    ]


def _surface(picture: Thumbnail) -> Any:
    """The picture as cairo takes it; a JPEG goes into the file as it is."""
    import cairocffi

    if picture.extension == "png":
        return cairocffi.ImageSurface.create_from_png(io.BytesIO(picture.data))
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_RGB24, picture.width, picture.height)
    surface.set_mime_data("image/jpeg", picture.data)
    return surface
