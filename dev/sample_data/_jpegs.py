"""The photo evidence: 300 small JPEG files, drawn alike every time, and their way into blob storage; knows no row."""

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from dev.sample_data._chance import stream
from shared.ports import BlobStore
from shared.tables import PHOTO_KINDS

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

PER_KIND = 50
_FOLDER = "sample/"
_SIZE = (240, 180)
_WALLS = ("#d9d2c5", "#c9d6cf", "#e3d9d0", "#cfd4de")
_DEVICES = ("#2f3640", "#3d3d5c", "#4a4a4a", "#244b5a")


def photo_names(kind: str) -> tuple[str, ...]:
    """The blob names of a kind; some are such as phones give, with spaces and brackets."""
    plain = [f"{_FOLDER}{kind}/{kind}-{number:03}.jpg" for number in range(1, PER_KIND)]
    return (*plain, f"{_FOLDER}{kind}/IMG 0{PER_KIND} (1).jpg")


def store_photos(photos: BlobStore) -> Mapping[str, int]:
    """Uploads the files that are not there yet; returns the bytes of each of the 300 by name."""
    sizes = {entry.name: entry.size for entry in photos.list(_FOLDER)}
    for kind in PHOTO_KINDS:
        for number, name in enumerate(photo_names(kind), 1):
            if name not in sizes:
                content = jpeg(kind, number)
                photos.upload(name, BytesIO(content), "image/jpeg")
                sizes[name] = len(content)
    return sizes


def jpeg(kind: str, number: int) -> bytes:
    """A picture of a card terminal on a counter, or of a signature, with its kind and number written in it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(image)
    if kind == "signature":
        _draw_signature(draw, number)
    else:
        _draw_terminal(draw, kind, number)
    draw.text((6, 164), f"{kind} {number:03}", fill="#333333")
    content = BytesIO()
    image.save(content, "JPEG", quality=70)
    return content.getvalue()


def _draw_signature(draw: "ImageDraw", number: int) -> None:
    chance = stream("signature", number)
    points = [(20 + step * 8, 90 + chance.randrange(-40, 40)) for step in range(26)]
    draw.line((16, 130, 224, 130), fill="#999999", width=1)
    draw.line(points, fill="#1b2a6b", width=2)


def _draw_terminal(draw: "ImageDraw", kind: str, number: int) -> None:
    chance = stream(kind, number)
    left, top = chance.randrange(40, 120), chance.randrange(20, 45)
    draw.rectangle((0, 0, 240, 110), fill=chance.choice(_WALLS))
    draw.rectangle((0, 110, 240, 180), fill="#8a6a4f")
    draw.rounded_rectangle((left, top, left + 70, top + 120), 8, fill=chance.choice(_DEVICES))
    draw.rectangle(
        (left + 8, top + 10, left + 62, top + 45), fill="#9fc5a8" if kind in {"after", "installation"} else "#55605a"
    )
    for row in range(4):
        for column in range(3):
            x, y = left + 10 + column * 18, top + 54 + row * 15
            draw.rectangle((x, y, x + 13, y + 10), fill="#e8e8e8")
