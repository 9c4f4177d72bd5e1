"""Every sheet as CSV in a zip: the same as the spreadsheet's sheets, named in order, with a manifest that is true."""

import csv
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any
from zipfile import ZipFile

import pytest

from dev.still_meter import StillMeter
from shared.document import Column, Document, Facts, Kind, Link, Note, Row, Table
from shared.errors import JobCancelled
from shared.rendering import Format, RenderOptions, find_format
from shared.rows import metered
from tests.integration.xlsx_files import NOW, document, rows, table
from tests.integration.xlsx_files import rendered as as_xlsx
from tests.unit.test_zip import OneWay

_TEXT = [Column("a", "A")]
_COLUMNS = [
    Column("t", "Text"),
    Column("n", "Number", Kind.INTEGER),
    Column("m", "Minutes", Kind.MINUTES),
    Column("d", "Date", Kind.DATE),
    Column("l", "Link", Kind.LINK),
]
_HOSTILE = (
    *(
        'a/b\\c:d*e?f"g<h>i|j',
        "..",
        "../../etc/passwd",
        "",
        "CON",
        " lead and trail. ",
        "घर 🏠",
        "\u202egpj.exe",
    ),
    *("\x00\x1f\x7f\u2028", "x" * 400, "é" * 400, "=1+1", "\ud800", "manifest.json", "Same", "Same", "same"),
)


def _bundle() -> Format:
    found = find_format("csv").bundle
    assert found is not None
    return found


def _rendered(made: Document, **options: Any) -> tuple[bytes, Facts]:
    """The file as a job makes it, rows cleaned on their way."""
    target = io.BytesIO()
    facts = _bundle().render(metered(made, StillMeter())[0], RenderOptions(**options), target)
    return target.getvalue(), facts


def _files(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def _manifest(content: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_files(content)["manifest.json"])
    return found


def _records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _info(facts: Facts) -> tuple[Table, ...]:
    lines: list[Row] = [("File format", facts.format), *((name, str(count)) for name, count in facts.rows.items())]
    return (Table.eager("Export Info", [Column("i", "Item"), Column("v", "Value")], lines),)


def _several() -> Document:
    link = Link("View Photos (1)", "https://e.com/1", "a.jpg", ("a.jpg",))
    cells: list[Row] = [("=1+1", -7, 2.5, date(2026, 3, 9), link), (None, None, None, None, None)]
    return document(
        Table.eager("Summary", _TEXT, [('x, "y"\nz',)]),
        table(_COLUMNS, cells * 600, "Details"),
        Table.eager("Nothing", _TEXT, []),
        notes=(Note("Banks", "Alpha"),),
        closing=_info,
    )


def test_each_sheet_is_a_file() -> None:
    """The report's sheets come in order, then Export Info, and the manifest last."""
    content, facts = _rendered(_several())
    assert list(_files(content)) == [
        *("01 Summary.csv", "02 Details.csv", "03 Nothing.csv", "04 Export Info.csv", "manifest.json")
    ]
    assert facts == Facts("csv", {"Summary": 1, "Details": 1_200, "Nothing": 0})
    assert _records(_files(content)["04 Export Info.csv"])[1:3] == [["File format", "csv"], ["Summary", "1"]]


def test_export_info_is_a_choice() -> None:
    """Without it there are the report's sheets and the manifest."""
    assert "04 Export Info.csv" not in _files(_rendered(_several(), include_metadata=False)[0])


def test_manifest_is_true() -> None:
    """It names report, times with offset, and of each file the sheet, its rows and its SHA-256, all as recounted."""
    content, _ = _rendered(_several())
    files, manifest = _files(content), _manifest(content)
    assert {key: manifest[key] for key in ("report", "generatedAt", "asOf")} == {
        "report": "r",
        "generatedAt": "2026-03-10T10:00:00+05:30",
        "asOf": "2026-03-10T10:00:00+05:30",
    }
    told = {each["name"]: each for each in manifest["files"]}
    assert list(told) == [name for name in files if name != "manifest.json"]
    for name, each in told.items():
        assert each["sha256"] == hashlib.sha256(files[name]).hexdigest()
        if each["sheet"] != "Nothing":
            assert each["rows"] == len(_records(files[name])) - 1
    assert [each["sheet"] for each in told.values()] == ["Summary", "Details", "Nothing", "Export Info"]
    assert told["03 Nothing.csv"]["rows"] == 0


def test_files_hold_what_the_spreadsheet_holds() -> None:
    """Heading for heading and cell for cell, but for what only text can do: the guard, and ISO dates."""
    files, book = _files(_rendered(_several())[0]), as_xlsx(_several())[0]
    for place, name in enumerate(("Summary", "Details", "Nothing"), start=1):
        expected = [[_as_text(cell) for cell in row] for row in rows(book, name)]
        assert _records(files[f"{place:02} {name}.csv"]) == expected
    assert len(_records(files["02 Details.csv"])) == 1_201


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.2f}"
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return f"'{cell}" if isinstance(cell, str) and cell.startswith("=") else str(cell)


@pytest.mark.parametrize("bom", [True, False])
def test_byte_order_mark_is_a_setting_of_every_file(bom: bool) -> None:  # noqa: FBT001 pytest gives it
    """Each CSV has it or none, and the manifest, which is JSON, never."""
    for name, content in _files(_rendered(_several(), csv_bom=bom)[0]).items():
        assert content.startswith(b"\xef\xbb\xbf") == (bom and name != "manifest.json")


def test_hostile_names() -> None:
    """Whatever a sheet is called, its file has a name that every system takes, its own place, and no folder."""
    made = document(*[Table.eager(name, _TEXT, [(str(place),)]) for place, name in enumerate(_HOSTILE)])
    content, _ = _rendered(made)
    names = [name for name in _files(content) if name != "manifest.json"]
    assert len({name.casefold() for name in names}) == len(names) == len(_HOSTILE)
    for place, name in enumerate(names):
        assert re.fullmatch(rf"{place + 1:02}( [^<>:\"/\\|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e]+)?\.csv", name)
        assert not re.search(r"[. ]\.csv$", name)
        assert len(name.encode()) < 200
        assert _records(_files(content)[name])[1] == [str(place)]
    assert [name for name in names if "etc" in name] == ["03 etc passwd.csv"]


def test_many_sheets_stay_in_order() -> None:
    """A hundred sheets and more keep numbers that tell them apart."""
    made = document(*[Table.eager("Bank", _TEXT, [("x",)]) for _ in range(120)])
    names = list(_files(_rendered(made)[0]))
    assert (names[0], names[98], names[119]) == ("01 Bank.csv", "99 Bank.csv", "120 Bank.csv")


def test_same_document_gives_the_same_bytes() -> None:
    """Two files of one document are equal byte for byte."""
    assert _rendered(_several())[0] == _rendered(_several())[0]


def test_stream_need_not_seek() -> None:
    """The file can go straight into a stream that only takes bytes."""
    target = OneWay()
    _bundle().render(_several(), RenderOptions(), target)  # type: ignore[arg-type] # a raw stream has what it takes
    assert next(iter(_files(bytes(target.content)))) == "01 Summary.csv"


def test_memory_is_flat() -> None:
    """A sheet of any length costs no more memory than a short one."""

    def many(count: int) -> Iterator[Row]:
        for number in range(count):
            yield (f"{number} " + "text" * 30, number, 1.5, NOW.date(), None)

    def peak(count: int) -> int:
        made = document(Table("Long", tuple(_COLUMNS), lambda: many(count)), Table("Next", tuple(_COLUMNS), tuple))
        with tempfile.TemporaryFile() as target:
            _bundle().render(made, RenderOptions(), target)
        return getrusage(RUSAGE_SELF).ru_maxrss

    short = peak(5_000)
    assert peak(100_000) - short < 8 << 10  # KiB; the rows are 15 MB


def test_cancelled_render_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A render that is stopped in mid-sheet leaves no temporary file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def endless() -> Iterator[Row]:
        for number in range(30_000):
            yield (f"{number}" * 20,)
        raise JobCancelled

    with pytest.raises(JobCancelled):
        _rendered(document(Table("Long", tuple(_TEXT), endless)))
    assert list(tmp_path.iterdir()) == []
