"""Thumbnails of photos for every format that embeds them: small, upright and safe to open; fetches no photo.

What cannot be shown, whatever the reason, is a grey picture. Photos are other people's bytes: they are decoded only as
what phones make, and only where their head says that they are not huge.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 160  # px
_READ = ("JPEG", "PNG", "WEBP", "GIF")
_JPEGS = {"JPEG", "MPO"}  # MPO: one with more of them behind it, as some phones write
_WITHOUT_SHADES = {"1", "P", "PA"}  # Pillow would leave pixels out of these
_MOST_PIXELS = {"WEBP": 8_000_000}  # its decoder takes 15 bytes for each
_MOST_PIXELS_ELSE = 12_500_000  # 8 bytes: decoded whole, and once more while it is made smaller
_MOST_PIXELS_BY_LINES = 64_000_000  # none: of a JPEG that can be decoded line by line, at an eighth of its size
_QUALITY = 80
_WIDTH, _HEIGHT = 160, 120  # px of the placeholder
_GROUND, _LINE = (224, 224, 224), (150, 150, 150)
# What Pillow's decoders raise over bytes that are no picture, or not the picture that their head tells of.
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError, ArithmeticError, MemoryError)
_BROKEN_PARTS = (AttributeError, AssertionError, struct.error, zlib.error)


@dataclass(frozen=True)
class Thumbnail:
    """A JPEG or PNG with its size in pixels, neither side longer than `LONGEST_SIDE`."""

    data: bytes
    width: int
    height: int
    is_placeholder: bool = False

    @property
    def extension(self) -> str:
        """`png` or `jpeg`, as names of files have it."""
        return "png" if self.is_placeholder else "jpeg"


def thumbnail(photo: bytes | None) -> Thumbnail:
    """The photo made small and turned as its camera was held; the placeholder for None and for what is no photo."""
    return (_made(photo) if photo else None) or placeholder()


@cache
def placeholder() -> Thumbnail:
    """A grey picture: mountains and a sun, struck through."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (_WIDTH, _HEIGHT), _GROUND)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, _WIDTH - 1, _HEIGHT - 1), outline=_LINE)
    pen.line([(44, 86), (70, 48), (88, 72), (98, 60), (116, 86), (44, 86)], fill=_LINE, width=3, joint="curve")
    pen.ellipse((98, 32, 114, 48), outline=_LINE, width=3)
    pen.line((38, 24, 122, 96), fill=_LINE, width=4)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return Thumbnail(buffer.getvalue(), _WIDTH, _HEIGHT, is_placeholder=True)


def _made(photo: bytes) -> Thumbnail | None:
    """None where the bytes are no photo, or too large a one."""
    from PIL import Image, ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint allows them in the whole process
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(photo), formats=_READ) as opened:
            if not _is_bearable(opened):
                return None
            small = _small(opened)
    except (*_BROKEN, *_BROKEN_PARTS, Image.DecompressionBombError):
        return None
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)  # and no EXIF: place and camera stay with the photo
    return Thumbnail(buffer.getvalue(), *small.size)


def _is_bearable(picture: "Image") -> bool:
    """By the size that its head tells; nothing is decoded yet."""
    is_by_lines = picture.format in _JPEGS and "progressive" not in picture.info
    most = _MOST_PIXELS_BY_LINES if is_by_lines else _MOST_PIXELS.get(picture.format or "", _MOST_PIXELS_ELSE)
    return picture.width * picture.height <= most and not picture.mode.startswith("I")  # 16 bits: not of a phone


def _small(opened: "Image") -> "Image":
    """A JPEG is decoded at an eighth of its size, where that is enough."""
    from PIL import Image, ImageOps

    picture = opened.convert("RGBA") if opened.mode in _WITHOUT_SHADES else opened
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _on_white(ImageOps.exif_transpose(picture))


def _on_white(picture: "Image") -> "Image":
    """Without transparency, which a JPEG cannot hold."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
