"""Photos in XLSX files: thumbnails beside the calls they belong to, within limits, in a file that opens everywhere."""

import io
import re
from collections.abc import Sequence
from typing import Any, cast
from zipfile import ZipFile

import pytest
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.drawing.spreadsheet_drawing import TwoCellAnchor
from openpyxl.worksheet.worksheet import Worksheet

from shared.document import Chart, ChartKind, Column, Facts, Kind, Link, Row, Series, Table
from shared.rendering import PICTURES_AT_ONCE
from shared.rendering._thumbnails import placeholder
from shared.rendering._xlsx_sheets import Limits
from tests.integration.xlsx_files import as_excel, document, parts, rendered, rows, sheet, table, workbook
from tests.pictures import bomb, photo, seen, turned

_CHART = Chart("c", "By status", ChartKind.BAR, ("open",), (Series("Calls", (1,)),), "Calls by status")
_COLUMNS = [Column("callNumber", "Call Number"), Column("photos", "Photos Column", Kind.LINK)]
_UPRIGHT = ["red", "green", "blue", "yellow"]
_PIXEL = 9_525


class Album:
    """Photos by their names, and what was asked for."""

    def __init__(self, **photos: bytes) -> None:
        self.asked: list[list[str]] = []
        self._photos = photos

    def __call__(self, names: Sequence[str]) -> list[bytes | None]:
        self.asked.append(list(names))
        return [self._photos.get(name.rpartition("/")[2].partition(".")[0]) for name in names]


def _link(*names: str) -> Link:
    return Link(f"View Photos ({len(names)})", "https://e.com/first", "tip", tuple(names))


def _info(facts: Facts) -> tuple[Table, ...]:
    lines: list[Row] = [*((name, str(count)) for name, count in facts.rows.items())]
    return (Table.eager("Export Info", [Column("i", "Item"), Column("v", "Value")], lines),)


def _images(found: Worksheet) -> list[tuple[SheetImage, TwoCellAnchor]]:
    held = cast("Any", found)._images
    return [(image, image.anchor) for image in held]


def _content(image: SheetImage) -> bytes:
    return bytes(cast("Any", image)._data())


def _three() -> tuple[bytes, Facts, Album]:
    """A file of three calls with four photos."""
    album = Album(a=photo(), b=turned(6), tall=photo(300, 600))
    cells: list[Row] = [("C-1", _link("x/a.jpg", "x/b.jpg")), ("C-2", Link("No photos")), ("C-3", _link("tall.png"))]
    made = document(table(_COLUMNS, cells), charts=(_CHART,), closing=_info)
    content, facts = rendered(made, pictures=album)
    return content, facts, album


def test_photos_stand_beside_their_calls() -> None:
    """A row for each photo: its thumbnail, the call, the file's name, and the link of the call's photos."""
    content, facts, album = _three()
    assert workbook(content).sheetnames == ["Calls", "Photos", "Charts", "Export Info"]
    assert rows(content, "Photos") == [
        ("Photo", "Call Number", "File Name", "Link"),
        (None, "C-1", "a.jpg", "View Photos (2)"),
        (None, "C-1", "b.jpg", "View Photos (2)"),
        (None, "C-3", "tall.png", "View Photos (1)"),
    ]
    found = sheet(content, "Photos")
    assert [found[f"D{row}"].hyperlink.target for row in (2, 3, 4)] == ["https://e.com/first"] * 3
    images = _images(found)
    assert [seen(_content(image)) for image, _ in images] == [
        *[((160, 120), _UPRIGHT)] * 2,
        ((80, 160), _UPRIGHT),
    ]
    assert [(anchor._from.col, anchor._from.row, anchor.to.col, anchor.to.row) for _, anchor in images] == [
        (0, row, 0, row) for row in (1, 2, 3)
    ]
    assert (facts.rows, facts.photos_left_out, facts.photos_unshown) == ({"Calls": 3, "Photos": 3}, 0, 0)
    assert album.asked == [["x/a.jpg", "x/b.jpg", "tall.png"]]


def test_thumbnails_fit_into_their_cells() -> None:
    """Each keeps its proportions, lies within its row and column, in the middle, and moves with them."""
    found = sheet(_three()[0], "Photos")
    width, height = found.column_dimensions["A"].width * 7 + 5, 168
    assert [found.row_dimensions[row].height for row in (2, 3, 4)] == [height * 0.75] * 3
    for image, anchor in _images(found):
        left, top, right, bottom = (
            offset / _PIXEL for offset in (anchor._from.colOff, anchor._from.rowOff, anchor.to.colOff, anchor.to.rowOff)
        )
        assert (right - left, bottom - top) == seen(_content(image))[0]
        assert left >= 4
        assert (left + right, top + bottom) == (168, 168)
        assert right <= width
        assert anchor.editAs == "twoCell"


def test_screen_readers_are_told() -> None:
    """Every thumbnail has a text of its own that names the file and the call; the charts keep theirs."""
    found = parts(_three()[0])
    drawings = [content.decode() for name, content in found.items() if name.startswith("xl/drawings/drawing")]
    told = [re.findall('descr="([^"]*)"', drawing) for drawing in drawings]
    assert sorted(told) == [
        ["Calls by status"],
        ["Photo a.jpg of C-1", "Photo b.jpg of C-1", "Photo tall.png of C-3"],
    ]


def test_what_cannot_be_shown_has_a_placeholder() -> None:
    """Missing, corrupt, foreign and enormous photos cost nothing but their picture, and Export Info counts them."""
    album = Album(good=photo(), corrupt=photo()[:800], bomb=bomb(), text=b"<html>")
    names = ("good.jpg", "corrupt.jpg", "bomb.png", "text.jpg", "gone.jpg")
    content, facts = rendered(document(table(_COLUMNS, [("C-1", _link(*names))])), pictures=album)
    images = [_content(image) for image, _ in _images(sheet(content, "Photos"))]
    assert [image == placeholder().data for image in images] == [False, True, True, True, True]
    assert facts.photos_unshown == 4
    assert len(rows(content, "Photos")) == 6


def test_five_hundred_at_most() -> None:
    """A file holds 500 photos, asked for a few at a time; how many more there are is counted."""
    album = Album(p=photo(20, 10))
    cells: list[Row] = [
        (f"C-{number}", _link(*[f"{number}/{each}/p.jpg" for each in range(3)])) for number in range(400)
    ]
    content, facts = rendered(document(table(_COLUMNS, cells)), pictures=album)
    assert (facts.rows["Photos"], facts.photos_left_out) == (500, 700)
    assert len(_images(sheet(content, "Photos"))) == 500
    assert len(rows(content)) == 401
    assert sum(map(len, album.asked)) == 500
    assert max(map(len, album.asked)) == PICTURES_AT_ONCE
    assert rows(content, "Photos")[-1][1:3] == ("C-166", "p.jpg")


@pytest.mark.parametrize(("count", "left_out"), [(4, 0), (5, 0), (6, 1)])
def test_limit(count: int, left_out: int) -> None:
    """As many as the limit are shown, and none too many or too few is counted."""
    made = document(table(_COLUMNS, [(f"C-{number}", _link(f"{number}.jpg")) for number in range(count)]))
    _, facts = rendered(made, Limits(photos=5), pictures=Album())
    assert (facts.rows["Photos"], facts.photos_left_out) == (min(count, 5), left_out)


def test_no_photos() -> None:
    """Calls without photos give a sheet that says so; a report that tells of none has no such sheet."""
    content, facts = rendered(document(table(_COLUMNS, [("C-1", Link("No photos"))])), pictures=Album())
    assert rows(content, "Photos")[1][0] == "No call in this file has a photo"
    assert facts.rows == {"Calls": 1, "Photos": 0}
    content, facts = rendered(document(table(_COLUMNS[:1], [("C-1",)])), pictures=Album())
    assert workbook(content).sheetnames == ["Calls"]


def test_only_where_they_are_wanted() -> None:
    """Without the wish to embed there is no sheet of photos and no picture."""
    made = document(table(_COLUMNS, [("C-1", _link("a.jpg"))]))
    content, _ = rendered(made)
    assert workbook(content).sheetnames == ["Calls"]
    assert not [name for name in parts(content) if "media" in name]


def test_a_report_with_photos_of_its_own() -> None:
    """Photos that two sheets tell of are shown once, on a sheet whose name is not taken."""
    own = Table.eager("Photos", [Column("c", "Call Number"), Column("link", "Link", Kind.LINK)], [("C-1", _link("a"))])
    content, facts = rendered(document(table(_COLUMNS, [("C-1", _link("a"))]), own), pictures=Album(a=photo()))
    assert workbook(content).sheetnames == ["Calls", "Photos", "Photo Thumbnails"]
    assert facts.rows["Photo Thumbnails"] == 1


def test_photos_of_several_sheets() -> None:
    """Where the same column comes on several sheets, one per bank, the photos of all of them are shown."""
    made = [table(_COLUMNS, [(f"C-{name}", _link("a"))], name) for name in ("One", "Two")]
    content, _ = rendered(document(*made), pictures=Album(a=photo()))
    assert [row[1] for row in rows(content, "Photos")[1:]] == ["C-One", "C-Two"]


def test_hostile_names() -> None:
    """Names of files and calls that mean something elsewhere stay text."""
    name = '=cmd|"x"<&>\x0b_x0041_.jpg'
    content, _ = rendered(document(table(_COLUMNS, [("=1+1", _link(f"a/{name}"))])), pictures=Album())
    found = sheet(content, "Photos")
    assert (found["B2"].value, as_excel(found["C2"].value)) == ("=1+1", name.replace("\x0b", ""))
    assert {found["B2"].data_type, found["C2"].data_type} <= {"s", "inlineStr"}


def test_package_is_as_the_schema_has_it() -> None:
    """The sheet's relations are one part that names drawing and links, and its elements stand in their order."""
    content = _three()[0]
    with ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        assert archive.testzip() is None
    found = parts(content)
    relations = found["xl/worksheets/_rels/sheet2.xml.rels"].decode()
    assert relations.count('hyperlink"') == 3
    assert relations.count("drawing1.xml") == 1
    order = ("sheetData", "hyperlinks", "pageMargins", "pageSetup", "headerFooter", "ignoredErrors", "drawing")
    places = [found["xl/worksheets/sheet2.xml"].decode().index(f"<{each}") for each in order]
    assert places == sorted(places)


def test_same_photos_give_the_same_bytes() -> None:
    """Two files of one document are equal byte for byte."""
    assert _three()[0] == _three()[0]
