"""XLSX files in LibreOffice, a second reader that shares no code with ours: it opens them and sees the same values."""

import csv
import io
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.document import MAX_TEXT, Cell, Chart, ChartKind, Column, Kind, Link, Row, Series, clean_text
from tests.integration.test_xlsx_text import HOSTILE
from tests.integration.xlsx_files import NOW, document, rendered, table
from tests.pictures import photo

# Comma, quote, UTF-8, from row 1; text in quotes, so that it can be told from numbers; every sheet.
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
_CHART = Chart("c", "By status", ChartKind.LINE, ("open", "closed"), (Series("Calls", (1, 2)),))

Convert = Callable[[bytes], dict[str, str]]


@pytest.fixture(name="convert")
def _converter(tmp_path: Path) -> Convert:
    """What opens a file in LibreOffice and saves each sheet as CSV; gives the records by the sheet's name."""

    def convert(content: bytes) -> dict[str, str]:
        file, home = tmp_path / "made.xlsx", (tmp_path / "home").as_uri()
        file.write_bytes(content)
        options = ["--headless", "--convert-to", _EVERY_SHEET, "--outdir", str(tmp_path)]
        subprocess.run(
            ["soffice", f"-env:UserInstallation={home}", *options, str(file)],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return {made.stem.removeprefix("made-"): made.read_text("utf-8") for made in tmp_path.glob("made-*.csv")}

    return convert


def test_values_are_seen(convert: Convert) -> None:
    """Numbers, dates and times are values without quotes, texts are texts, blanks are blank."""
    kinds = [Kind.INTEGER, Kind.MINUTES, Kind.PERCENT, Kind.MONEY, Kind.DECIMAL, Kind.DATE, Kind.DATE_TIME]
    columns = [Column(kind.value, kind.value, kind) for kind in [*kinds, Kind.DURATION, Kind.BOOLEAN, Kind.LINK]]
    link = Link("View (1)", "https://e.com/?a=1&b=2", "a.jpg")
    numbers: tuple[Cell, ...] = (123456789, 2.5, 66.666, Decimal("1234567.891"), 12.971)
    cells: list[Row] = [
        (*numbers, date(2026, 3, 9), NOW, timedelta(hours=30), True, link),
        (-1234567, *[None] * 7, False, None),
    ]
    found = convert(rendered(document(table(columns, cells), charts=(_CHART,)))[0])
    assert sorted(found) == ["Calls", "Charts"]
    lines = found["Calls"].splitlines()
    assert lines[1].startswith("123456789,2.5,66.666,1234567.891,12.971,03/09/2026,03/10/2026 10:00:00,30:00:00,")
    assert lines[1].endswith(',"Yes","View (1)"')
    assert lines[2] == '-1234567,,,,,,,,"No",'


def test_hostile_text_is_seen(convert: Convert) -> None:
    """Every hostile text is a text, the same as went in, escapes understood."""
    texts = [clean_text(text) for text in HOSTILE if len(text) < MAX_TEXT]
    columns = [Column("a", "A"), Column("b", "B", few_values=True), Column("c", "C", Kind.LINK)]
    cells: list[Row] = [(text, text, Link(text, "https://e.com")) for text in texts]
    found = convert(rendered(document(table(columns, cells)))[0])["Calls"]
    assert list(csv.reader(io.StringIO(found, newline="")))[1:] == [[text] * 3 for text in texts]
    assert '"=1+1","=1+1","=1+1"' in found


def test_photos_and_colours_do_not_disturb(convert: Convert) -> None:
    """A file with thumbnails, links, charts and a heat map opens, and the cells beside the pictures are seen."""
    columns = [Column("c", "Call"), Column("n", "N", Kind.INTEGER, heat=True), Column("p", "P", Kind.LINK)]
    cells: list[Row] = [("C-1", 5, Link("View Photos (2)", "https://e.com", "a", ("a.jpg", "gone.jpg")))]
    content, _ = rendered(document(table(columns, cells), charts=(_CHART,)), pictures=lambda _names: [photo(), None])
    found = convert(content)
    assert sorted(found) == ["Calls", "Charts", "Photos"]
    assert found["Photos"].splitlines()[1:] == [f',"C-1","{name}","View Photos (2)"' for name in ("a.jpg", "gone.jpg")]
