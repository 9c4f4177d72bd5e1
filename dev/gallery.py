"""All reports in all formats over sample data, with a picture of each first page, on one page to look at; no judge.

LibreOffice turns workbooks and decks into pages, all of a format in one call.
"""

import csv
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

from dev.sample_files import UNTIL, SampleFiles, sample_services
from shared.rendering import format_ids
from shared.reports import catalogue

_FOLDER = Path("build/gallery")
_CALLS, _DAYS = 3_000, timedelta(days=30)
_FINENESS, _LINES = 60, 12  # dots to an inch; lines of a CSV file
# Pages shown from the beginning and from the end: a title slide says little, a workbook's charts and photos come last.
_PICTURES = {".pptx": (6, 0), ".xlsx": (1, 3)}
_EMBEDDED = {"includePhotos": True, "photoFormat": "embed"}
_WITH_PHOTOS = ("pdf", "xlsx")  # formats that show them
_OFFICE = ("pptx", "xlsx")
_LONGEST = 900  # seconds that LibreOffice may take over a format
_STYLE = """
body { font: 14px "Segoe UI", "Noto Sans", sans-serif; margin: 24px; color: #202020; background: #F4F4F4 }
section { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start } h2 { margin: 32px 0 8px }
figure { margin: 0; width: 460px } figcaption { padding: 4px 0 } small { color: #666666 }
img, pre { width: 100%; background: white; box-shadow: 0 1px 4px #999999; margin: 0 }
img:not(:only-of-type) { width: calc(50% - 6px); margin: 0 4px 4px 0 }
pre { font-size: 10px; padding: 8px; box-sizing: border-box; overflow: auto }
"""


@dataclass(frozen=True)
class _Item:
    """A file of the gallery: its report, format and variant, and what else the request says."""

    report: str
    format: str
    variant: str = ""
    output: Mapping[str, Any] = field(default_factory=dict)
    extension: str = ""

    @property
    def name(self) -> str:
        return ".".join(filter(None, (self.report, self.variant, self.extension or self.format)))


def configure(parser: ArgumentParser) -> None:
    """Declares `--report`, `--calls` and `--to`."""
    parser.add_argument("--report", action="append", choices=catalogue(), metavar="ID", help="only this one, or these")
    parser.add_argument("--calls", type=int, default=_CALLS, help="of the sample world (default: %(default)s)")
    parser.add_argument("--to", type=Path, default=_FOLDER, metavar="FOLDER", help="default: %(default)s")


def run(arguments: Namespace) -> int:
    """The command: makes the gallery anew and says where it is."""
    page = make_gallery(arguments.to, arguments.report or tuple(catalogue()), arguments.calls)
    print(f"Open {page} in a browser.")
    return 0


def make_gallery(folder: Path, reports: Sequence[str], calls: int = _CALLS) -> Path:
    """Every file of these reports, every picture and the page that shows them; what was in the folder goes.

    Raises:
        subprocess.SubprocessError: LibreOffice or Poppler fails, or takes too long.

    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    items = list(_made(folder, reports, calls))
    _draw(folder, [item for item in items if item.format != "csv"])
    page = folder / "index.html"
    page.write_text("".join(_page(folder, items)), encoding="utf-8")
    return page


def _made(folder: Path, reports: Sequence[str], calls: int) -> Iterator[_Item]:
    """Writes the files; one with embedded photos only where it is another than the one without."""
    with sample_services(calls) as services:
        files = SampleFiles(services, UNTIL - _DAYS)
        for item in (item for report in reports for item in _items(report)):
            made = files.make(item.report, item.format, folder / item.name, **item.output).path
            plain = folder / f"{item.report}.{item.format}"
            if item.variant == "photos" and made.read_bytes() == plain.read_bytes():
                made.unlink()
                continue
            yield item


def _items(report: str) -> Iterator[_Item]:
    for each in format_ids():
        yield _Item(report, each)
        if each in _WITH_PHOTOS:
            yield _Item(report, each, "photos", _EMBEDDED)
    yield _Item(report, "csv", "all", {"csvSheets": "all"}, "zip")


def _draw(folder: Path, items: Sequence[_Item]) -> None:
    """PNGs of each file's first pages, beside it."""
    with tempfile.TemporaryDirectory() as pages:
        for each in _OFFICE:
            _print([folder / item.name for item in items if item.format == each], Path(pages) / each)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda item: _picture(_pages_of(item, folder, Path(pages)), folder / item.name), items))


def _print(files: Sequence[Path], target: Path) -> None:
    """LibreOffice's pages of all these files, as PDF."""
    with tempfile.TemporaryDirectory() as home:
        options = [f"-env:UserInstallation={Path(home).as_uri()}", "--headless", "--convert-to", "pdf"]
        command = ["soffice", *options, "--outdir", str(target), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=_LONGEST)


def _pages_of(item: _Item, folder: Path, pages: Path) -> Path:
    if item.format not in _OFFICE:
        return folder / item.name
    return pages / item.format / Path(item.name).with_suffix(".pdf")


def _picture(pages: Path, file: Path) -> None:
    import pikepdf

    with pikepdf.open(pages) as opened:
        count = len(opened.pages)
    first, last = _PICTURES.get(file.suffix, (1, 0))
    for number in sorted({*range(1, first + 1), *range(count - last + 1, count + 1)} & {*range(1, count + 1)}):
        options = ["-png", "-singlefile", "-r", str(_FINENESS), "-f", str(number)]
        subprocess.run(["pdftoppm", *options, str(pages), f"{file}-{number:04}"], check=True, capture_output=True)


def _page(folder: Path, items: Sequence[_Item]) -> Iterator[str]:
    yield f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Gallery</title><style>{_STYLE}</style>'
    yield "<h1>Every report in every format</h1><p>Sample data; pictures by LibreOffice and Poppler.</p>"
    for report, found in groupby(items, key=lambda item: item.report):
        yield f"<h2>{escape(catalogue()[report].name)}</h2><section>"
        yield from (_figure(folder, item) for item in found)
        yield "</section>"
    yield "</html>"


def _figure(folder: Path, item: _Item) -> str:
    file = folder / item.name
    caption = (
        f'<a href="{quote(item.name)}">{escape(item.name)}</a> <small>{file.stat().st_size / 1024:,.0f} KiB</small>'
    )
    pictures = sorted(folder.glob(f"{item.name}-*.png"))
    shown = "".join(f'<img src="{quote(each.name)}" alt="{escape(each.stem)}" loading="lazy">' for each in pictures)
    return f"<figure>{shown or _excerpt(file)}<figcaption>{caption}</figcaption></figure>"


def _excerpt(file: Path) -> str:
    """The first lines of a CSV file, or what a zip holds."""
    if file.suffix == ".zip":
        with ZipFile(file) as package:
            lines = [f"{each.filename}  {each.file_size:,} bytes" for each in package.infolist()]
    else:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = [" | ".join(row) for row in islice(csv.reader(opened), _LINES)]
    return f"<pre>{escape(chr(10).join(lines))}</pre>"
