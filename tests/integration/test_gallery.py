"""The gallery: every file it makes is on its page, and what can be printed has a picture."""

import re
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

from dev.gallery import make_gallery


def test_every_file_is_on_the_page(tmp_path: Path) -> None:
    """A report with photos gives each format, its variants, pictures that are not blank, and the page that has all."""
    page = make_gallery(tmp_path / "gallery", ["call-details-fsp"], calls=300)
    text, names = page.read_text(encoding="utf-8"), {each.name for each in page.parent.iterdir()} - {page.name}
    pictures = {name for name in names if name.endswith(".png")}
    drawn = {"call-details-fsp." + kind for kind in ("pdf", "photos.pdf", "pptx", "xlsx", "photos.xlsx")}
    assert names - pictures == drawn | {"call-details-fsp.csv", "call-details-fsp.all.zip"}
    assert {name.rpartition("-")[0] for name in pictures} == drawn
    assert {unquote(link) for link in re.findall(r'(?:href|src)="([^"]+)"', text)} == names
    for name in pictures:
        with Image.open(page.parent / name) as picture:
            assert len(set(picture.convert("L").resize((40, 30)).tobytes())) > 1
