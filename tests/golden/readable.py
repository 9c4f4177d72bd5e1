"""Files as text and pictures that a person can compare: packages part by part, PDF as words and dots; no judge."""

import io
import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from PIL import Image

from shared.settings import VERSION

# Parts that come from a template or a library and are the same in every file: their digest is enough.
_STILL = re.compile(r"(ppt|xl)/(theme|slideLayouts|slideMasters|notesMasters|tableStyles|presProps|viewProps)\b")
_LONG_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d{9,}(?:[eE][-+]?\d+)?(?![\w.])")
_ROOM = re.compile(r" {2,}")
_LONGEST_LINE = 240
_FINENESS, _PAGES = 40, 2  # dots to an inch, and how many pages are looked at


def text_of(file: Path) -> str:
    """What the file says, by how it begins; numbers to 12 digits, for the last ones are the interpreter's."""
    content = file.read_bytes()
    if content.startswith(b"PK"):
        text = "".join(_parts("", content))
    else:
        text = _pdf_text(file) if content.startswith(b"%PDF") else content.decode()
    text = text.replace(f"v{VERSION}", "v{version}").replace(f">{VERSION}<", ">{version}<")
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.12g}", text)


def pages_of(file: Path) -> list[Image.Image]:
    """The first two pages of a PDF in grey, 40 dots to an inch."""
    options = ["-r", str(_FINENESS), "-l", str(_PAGES), "-gray"]
    drawn = subprocess.run(["pdftoppm", *options, str(file)], check=True, capture_output=True).stdout
    stream, pages = io.BytesIO(drawn), []
    while stream.tell() < len(drawn):
        pages.append(_next_page(stream))
    return pages


def _next_page(stream: io.BytesIO) -> Image.Image:
    """The next of several pictures in one stream: `P5`, sizes, the largest value, and a byte to each dot."""
    head, sizes, largest = (stream.readline().strip() for _ in range(3))
    assert (head, largest) == (b"P5", b"255")
    width, height = map(int, sizes.split())
    return Image.frombytes("L", (width, height), stream.read(width * height))


def _pdf_text(file: Path) -> str:
    """The words as they stand on the pages, two spaces where there is more room between them."""
    command = ["pdftotext", "-layout", str(file), "-"]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return "\n".join(_ROOM.sub("  ", line).rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _parts(place: str, content: bytes) -> Iterator[str]:
    """A heading and the text of each part, in the package's order; a package within it with its own parts."""
    with ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            part = package.read(name)
            if part.startswith(b"PK"):
                yield from _parts(f"{place}{name}/", part)
            else:
                yield f"=== {place}{name}\n{_part(name, part)}\n"


def _part(name: str, content: bytes) -> str:
    if _STILL.match(name):
        return sha256(content).hexdigest()
    kind = PurePosixPath(name).suffix
    if kind in {".xml", ".rels"}:
        return "\n".join(_lines(ET.fromstring(content), ""))  # noqa: S314 made by the product
    if kind in {".png", ".jpeg", ".jpg"}:
        with Image.open(io.BytesIO(content)) as picture:  # other versions of the library pack the same dots otherwise
            return f"{picture.format} {picture.width} x {picture.height}"
    return content.decode()


def _lines(element: ET.Element, indent: str) -> Iterator[str]:
    """The element in one line where it is short, else its tag and its children, each by the same rule."""
    whole = _shown(element)
    if len(whole) <= _LONGEST_LINE or not len(element):
        yield indent + whole
        return
    yield f"{indent}<{_head(element)}>{_text(element.text)}"
    for child in element:
        yield from _lines(child, indent + " ")


def _shown(element: ET.Element) -> str:
    inside = _text(element.text) + "".join(map(_shown, element))
    tail = _text(element.tail)
    return f"<{_head(element)}>{inside}</>{tail}" if inside else f"<{_head(element)}/>{tail}"


def _head(element: ET.Element) -> str:
    attributes = [f'{_local(name)}="{_text(value)}"' for name, value in sorted(element.attrib.items())]
    return " ".join([_local(element.tag), *attributes])


def _local(name: str) -> str:
    """The name without its namespace, which the part tells."""
    return name.rpartition("}")[2]


def _text(text: str | None) -> str:
    r"""Text on one line; `\n` for the end of one."""
    return (text or "").replace("\\", "\\\\").replace("\n", "\\n")
