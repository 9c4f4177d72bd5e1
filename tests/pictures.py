"""Photos for tests: upright, turned, huge and broken ones, made here; looks into the pictures a file holds."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 30), (30, 30, 220), (230, 210, 40)


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture with a colour in each corner: red and green above, blue and yellow below."""
    return saved(corners(width, height), kind, **options)


def corners(width: int, height: int) -> Image.Image:
    """The same, not saved."""
    small = Image.new("RGB", (2, 2))
    for place, colour in zip([(0, 0), (1, 0), (0, 1), (1, 1)], (RED, GREEN, BLUE, YELLOW), strict=True):
        small.putpixel(place, colour)
    return small.resize((width, height), Image.Resampling.NEAREST)


def turned(orientation: int, width: int = 640, height: int = 480) -> bytes:
    """A photo that was taken with the camera held otherwise: its EXIF says how to turn it upright again (1 to 8)."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = corners(width, height)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "where and by whom"
    return saved(upright.transpose(back[orientation]) if orientation in back else upright, "JPEG", exif=exif)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this kind."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(width: int = 12_000, height: int = 12_000) -> bytes:
    """A PNG of some kilobytes that unpacks to hundreds of megabytes."""
    packer = zlib.compressobj(9)
    line = b"\0" + bytes(width // 8)
    rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (head, rows, b"")))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def seen(data: bytes) -> tuple[tuple[int, int], list[str]]:
    """The picture's size, and the names of the colours in its corners, as `photo` has them."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    wide, high = picture.size
    places = [(wide // 8, high // 8), (wide - wide // 8 - 1, high // 8)]
    places += [(left, high - high // 8 - 1) for left, _ in places]
    return picture.size, [_name(picture.getpixel(place)) for place in places]


def _name(colour: Any) -> str:
    known = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW, "grey": (224, 224, 224), "white": (255,) * 3}
    return min(known, key=lambda name: sum((one - other) ** 2 for one, other in zip(known[name], colour, strict=True)))
