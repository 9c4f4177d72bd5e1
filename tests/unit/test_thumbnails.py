"""Thumbnails of photos: small, upright, without a trace of the camera; a placeholder for all that is no photo."""

import importlib
import io
from resource import RUSAGE_SELF, getrusage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.rendering._thumbnails import LONGEST_SIDE, Thumbnail, placeholder, thumbnail
from tests.pictures import bomb, corners, photo, saved, seen, turned

UPRIGHT = ["red", "green", "blue", "yellow"]
PHOTO = photo()
_FEW_KIB = 16 << 10


def _checked(made: Thumbnail) -> Thumbnail:
    """The thumbnail itself, whose bytes are what it says."""
    with Image.open(io.BytesIO(made.data)) as opened:
        assert opened.size == (made.width, made.height)
        assert (opened.format or "").lower() == made.extension
    return made


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), (160, 120)),
        ((480, 640), (120, 160)),
        ((4_000, 3_000), (160, 120)),
        ((160, 160), (160, 160)),
        ((40, 30), (40, 30)),
        ((8_000, 20), (160, 1)),
    ],
)
def test_longest_side(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """The longer side is 160 px, the other in proportion; what is smaller stays as it is."""
    made = _checked(thumbnail(photo(*size)))
    assert ((made.width, made.height), made.is_placeholder) == (expected, False)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_photos_are_upright(orientation: int) -> None:
    """However the camera was held, the corners are where they belong, and width and height too."""
    assert seen(thumbnail(turned(orientation)).data) == ((160, 120), UPRIGHT)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_kinds_of_photos(kind: str) -> None:
    """What phones and browsers make is shown."""
    assert seen(thumbnail(photo(kind=kind)).data) == ((160, 120), UPRIGHT)


def test_phones_that_put_several_pictures_into_one_file() -> None:
    """The first of them is shown."""
    content = saved(corners(640, 480), "MPO", save_all=True, append_images=[corners(320, 240)])
    assert seen(thumbnail(content).data) == ((160, 120), UPRIGHT)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "CMYK"])
def test_modes_of_photos(mode: str) -> None:
    """Grey, palettes, transparency and print colours are shown too."""
    picture = corners(320, 240).convert("L").convert(mode)
    made = _checked(thumbnail(saved(picture, "JPEG" if mode == "CMYK" else "PNG")))
    assert ((made.width, made.height), made.is_placeholder) == ((160, 120), False)


def test_transparency_is_white() -> None:
    """Where a picture shows nothing, the thumbnail is white and not black."""
    made = thumbnail(saved(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "PNG"))
    assert set(seen(made.data)[1]) == {"white"}


def test_nothing_of_the_camera_is_left() -> None:
    """Place, time and camera stay with the photo: the thumbnail has no EXIF."""
    assert b"where and by whom" in turned(6)
    made = thumbnail(turned(6))
    assert b"where and by whom" not in made.data
    with Image.open(io.BytesIO(made.data)) as opened:
        assert dict(opened.getexif()) == {}


@pytest.mark.parametrize(
    "content",
    [
        *(None, b"", b"<svg/>", b"%PDF-1.7", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", PHOTO[:2_000]),
        saved(corners(20, 20), "BMP"),
        saved(corners(20, 20), "TIFF"),
        saved(Image.new("I;16", (20, 20), 40_000), "PNG"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
    ids=[
        "missing",
        "empty",
        "svg",
        "pdf",
        "jpeg-head",
        "png-head",
        "gif-head",
        "cut-off",
        "bmp",
        "tiff",
        "16-bit",
        "eps",
    ],
)
def test_what_is_no_photo_is_a_placeholder(content: bytes | None) -> None:
    """Missing, broken and foreign content gives the grey picture, which is small and readable."""
    made = _checked(thumbnail(content))
    assert made == placeholder()
    assert made.is_placeholder
    assert max(made.width, made.height) == LONGEST_SIDE
    assert len(made.data) < 3_000


@pytest.mark.parametrize(
    "content",
    [
        bomb(),
        bomb(8_000, 8_000),
        photo(5_000, 4_000, progressive=True, quality=20),
        photo(4_000, 3_000, "WEBP", method=0),
    ],
)
def test_huge_pictures_are_not_unpacked(content: bytes) -> None:
    """A picture that would fill the memory, whatever its file's size, is refused by its head."""
    before = getrusage(RUSAGE_SELF).ru_maxrss
    assert thumbnail(content).is_placeholder
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < _FEW_KIB


@given(st.binary(max_size=200), st.integers(0, len(PHOTO)))
def test_broken_photos_never_fail(noise: bytes, place: int) -> None:
    """Whatever stands in the middle of a photo, there is a thumbnail of it or the placeholder."""
    made = thumbnail(PHOTO[:place] + noise + PHOTO[place + len(noise) :])
    assert 0 < max(made.width, made.height) <= LONGEST_SIDE


def test_same_photo_gives_the_same_bytes() -> None:
    """Two thumbnails of one photo are equal byte for byte."""
    assert thumbnail(PHOTO) == thumbnail(PHOTO)


def test_half_a_photo_is_none_after_a_page_was_made() -> None:
    """A library for pages lets its process show pictures that are cut off; files must not depend on those before."""
    assert importlib.import_module("weasyprint.images")
    whole = io.BytesIO()
    Image.effect_noise((400, 300), 90).save(whole, "JPEG")
    assert thumbnail(whole.getvalue()[:2_000]).is_placeholder
