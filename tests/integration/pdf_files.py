"""What tests of PDF files share: a document, its file as a job makes it, and readers of text, links and pixels."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from pypdf import PageObject, PdfReader

from dev.still_meter import StillMeter
from shared.document import Column, Document, Facts, Row, Table
from shared.rendering import RenderOptions, find_format
from shared.rows import metered

NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
_WHITE = 250  # of 255: lighter than this is paper


def document(*tables: Table, **more: Any) -> Document:
    """A document of these tables, made at `NOW`."""
    told = {"title": "Report", "subtitle": "March", "zone": ZoneInfo("Asia/Kolkata"), **more}
    return Document("r", generated_at=NOW, data_as_of=NOW, file_dates="d", tables=tables, **told)


def table(columns: Sequence[Column], rows: Iterable[Row], name: str = "Calls") -> Table:
    """A table that holds its rows."""
    return Table.eager(name, columns, list(rows), is_main=True)


def texts(*rows: Sequence[str]) -> Table:
    """A table of texts under the headings A, B, C and so on."""
    return table([Column(f"k{place}", chr(65 + place)) for place in range(len(rows[0]))], [tuple(row) for row in rows])


def rendered(made: Document, **options: Any) -> tuple[bytes, Facts]:
    """The file as a job makes it, rows cleaned on their way, and what was drawn."""
    target = io.BytesIO()
    chosen = RenderOptions(**{"include_charts": True, "product_version": "1.2.3", **options})
    facts = find_format("pdf").render(metered(made, StillMeter())[0], chosen, target)
    return target.getvalue(), facts


def file_of(*tables: Table, **more: Any) -> bytes:
    """The file of a document of these tables."""
    return rendered(document(*tables, **more))[0]


def reader(content: bytes) -> PdfReader:
    """The file as pypdf reads it."""
    return PdfReader(io.BytesIO(content))


def squeezed(text: str) -> str:
    """The text without white space, which a page has where lines end."""
    return re.sub(r"\s", "", text)


def page_texts(content: bytes) -> list[str]:
    """The text of each page without white space."""
    return [squeezed(page.extract_text()) for page in reader(content).pages]


def body_texts(content: bytes, headings: str) -> list[str]:
    """The text under the headings of each page that has any, up to the page's foot; without white space."""
    ahead = squeezed(headings)
    bodies = [text.split(ahead, 1)[1] for text in page_texts(content) if ahead in text]
    return [body.split("GeneratedbyCoSTAR", 1)[0] for body in bodies]


def links(content: bytes) -> list[str]:
    """Where the links of all pages lead."""
    notes = [note.get_object() for page in reader(content).pages for note in _annotations(page)]
    return [note["/A"]["/URI"] for note in notes if note["/Subtype"] == "/Link"]


def _annotations(page: PageObject) -> Sequence[Any]:
    return page.get("/Annots") or ()


def bookmarks(content: bytes) -> list[tuple[str, int]]:
    """The outline: titles and numbers of pages from 1."""
    file = reader(content)
    return [(item.title or "", (file.get_destination_page_number(item) or 0) + 1) for item in _flat(file.outline)]


def _flat(outline: Any) -> Iterable[Any]:
    for item in outline:
        yield from _flat(item) if isinstance(item, list) else [item]


def complaints(content: bytes, folder: Path) -> str:
    """What qpdf says about a file that is not as it should be; "" where it is."""
    path = folder / "checked.pdf"
    path.write_bytes(content)
    done = subprocess.run([_program("qpdf"), "--check", str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def pictures(content: bytes, folder: Path, *, dpi: int = 60) -> list[Image.Image]:
    """The pages as grey pictures."""
    path = folder / "drawn.pdf"
    path.write_bytes(content)
    subprocess.run([_program("pdftoppm"), "-r", str(dpi), "-gray", str(path), str(folder / "page")], check=True)
    found = []
    for each in sorted(folder.glob("page*.pgm")):
        with Image.open(each) as picture:
            found.append(picture.copy())
    return found


def ink(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """The part of a box (left, top, right, bottom in pixels) that is not paper."""
    part = picture.crop(box)
    dark = sum(part.histogram()[:_WHITE])
    return dark / (part.width * part.height)


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"packages.txt lists what brings {name}"
    return found
