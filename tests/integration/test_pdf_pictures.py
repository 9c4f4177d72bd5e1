"""Thumbnails in PDF files: at most four to a row, how many more there are, placeholders, and never a second fetch."""

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from PIL import Image

from shared.document import Column, Kind, Link
from tests.integration.pdf_files import body_texts, complaints, document, links, page_texts, rendered, table


def _photo(colour: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(target, "JPEG")
    return target.getvalue()


class _Photos:
    """Photos by name, red or missing, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, names: Sequence[str]) -> Sequence[bytes | None]:
        assert 1 <= len(names) <= 16
        self.asked.extend(names)
        return [None if "missing" in name else _photo("red") for name in names]


def _link(row: int, count: int, name: str = "photo") -> Link:
    url = f"https://example.com/{row}" if count else None
    return Link(f"View Photos ({count})", url, photos=tuple(f"{row}/{name}-{place}.jpg" for place in range(count)))


def _drawn(*cells: Link | None, photos: _Photos | None) -> tuple[bytes, object]:
    columns = [Column("n", "Number"), Column("p", "Photo Evidence", Kind.LINK)]
    return rendered(document(table(columns, [(f"C-{row}", cell) for row, cell in enumerate(cells)])), pictures=photos)


def _images(content: bytes) -> list[tuple[int, int]]:
    """Sizes of the pictures that all pages show, each as often as it is shown."""
    with pikepdf.open(io.BytesIO(content)) as file:
        return [
            (int(image.Width), int(image.Height))
            for page in file.pages
            for image in page.Resources.get("/XObject", {}).values()
            if image.get("/Subtype") == "/Image"
        ]


def test_four_pictures_at_most_and_the_number_of_more(tmp_path: Path) -> None:
    """A row shows its first four photos, 160 px wide, and says how many it does not show; the link stays."""
    photos = _Photos()
    content, facts = _drawn(_link(0, 2), _link(1, 7), _link(2, 0), None, photos=photos)
    assert _images(content) == [(160, 120)] * 6
    assert photos.asked == [f"0/photo-{n}.jpg" for n in range(2)] + [f"1/photo-{n}.jpg" for n in range(4)]
    assert "+3more" in page_texts(content)[0]
    assert links(content) == ["https://example.com/0", "https://example.com/1"]
    assert (facts.photos_left_out, facts.photos_unshown) == (3, 0)  # type: ignore[attr-defined] # Facts
    assert complaints(content, tmp_path) == ""


def test_a_missing_photo_is_a_placeholder() -> None:
    """A photo that cannot be had is a grey picture, and is counted."""
    content, facts = _drawn(_link(0, 1, "missing"), photos=_Photos())
    assert _images(content) == [(160, 120)]
    assert facts.photos_unshown == 1  # type: ignore[attr-defined] # Facts


def test_nothing_is_embedded_unasked() -> None:
    """Without embedding there are links and no pictures."""
    content, _ = _drawn(_link(0, 3), photos=None)
    assert _images(content) == []
    assert links(content) == ["https://example.com/0"]


def test_rows_with_pictures_go_over_pages() -> None:
    """Many rows with pictures: each row once, each with its pictures, over several pages."""
    cells = [_link(row, 4) for row in range(30)]
    content, _ = _drawn(*cells, photos=_Photos())
    assert len(_images(content)) == 120
    found = "".join(body_texts(content, "Number Photo Evidence"))
    assert found == "".join(f"C-{row}ViewPhotos(4)" for row in range(30))
