"""Native charts: a workbook with nothing else is re-opened, its cells and charts compared, and printed as a page."""

import io
import math
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring
from PIL import Image

from shared.document import Chart, ChartKind, Series, clean_text
from shared.rendering._chart_style import BRAND
from shared.rendering._xlsx_charts import add_charts, with_caches, with_descriptions

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
EMU = 360_000  # to the cm
NAN = math.nan
HOSTILE = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "<b>&amp;\"'</b>",
    "]]>",
    "#N/A",
    " x ",
    "नमस्ते",
    "",
)

STATUS = Chart(
    "status",
    "Calls by status",
    ChartKind.BAR,
    ("pending", "completed", "cancelled"),
    (Series("Calls", (3, 12_345, 0)),),
    "Number of calls in each status",
    "Calls",
)
RATING = Chart(
    "rating",
    "Average rating",
    ChartKind.LINE,
    ("2026-01", "2026-02", "2026-03", "2026-04"),
    (Series("All", (4.25, None, NAN, 3.5)), Series("Mine", (None, 5, 1 / 3, None))),
)
AGEING = Chart(
    "ageing",
    "Ageing by bank",
    ChartKind.STACKED_BAR,
    ("0-1", "2-3"),
    tuple(Series(f"Bank {place}", (place, 2 * place)) for place in range(1, 11)),
    "Open calls in each bucket",
)
YEAR = Chart(
    "year",
    "Volume per day",
    ChartKind.LINE,
    tuple(f"2026-{1 + day // 31:02}-{1 + day % 31:02}" for day in range(366)),
    (Series("Total", tuple(range(366))),),
)
NOTHING = Chart("nothing", "Nothing here", ChartKind.BAR, (), (Series("Calls", ()),))
ALL = (STATUS, RATING, AGEING, YEAR, NOTHING)


def _workbook(charts: Sequence[Chart], name: str = "Charts", first_row: int = 1) -> bytes:
    """A finished workbook of one sheet with the charts, as the format puts it together."""
    workbook, saved, finished = Workbook(), io.BytesIO(), io.BytesIO()
    sheet = workbook.worksheets[0]
    sheet.title = name
    add_charts(sheet, charts, first_row)
    workbook.save(saved)
    with ZipFile(saved) as source, ZipFile(finished, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part.startswith("xl/charts/"):
                content = with_caches(part, content, charts)
            elif part.startswith("xl/drawings/drawing"):
                content = with_descriptions(content, charts)
            target.writestr(part, content)
    return finished.getvalue()


def _sheet(book: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(book)).worksheets[0]


def _parts(book: bytes, beginning: str) -> list[Any]:
    """The roots of the parts whose names begin so, in the order of their numbers."""
    with ZipFile(io.BytesIO(book)) as package:
        names = [name for name in package.namelist() if name.startswith(beginning) and "_rels" not in name]
        return [fromstring(package.read(name)) for name in sorted(names, key=lambda name: (len(name), name))]


def _charts(book: bytes) -> list[Any]:
    return _parts(book, "xl/charts/chart")


def _referred(sheet: Worksheet, reference: Any) -> list[Any]:
    """The values of the cells that a reference of a chart names."""
    name, _, cells = reference.find(f"{C}f").text.rpartition("!")
    assert name == "'{}'".format(sheet.title.replace("'", "''"))
    left, top, right, bottom = range_boundaries(cells)
    return [row[0] for row in sheet.iter_rows(top, bottom, left, right, values_only=True)]


def _cached(reference: Any) -> list[str | None]:
    """The values that a chart holds itself, with None for those that it leaves out."""
    cache = reference[1]
    found: list[str | None] = [None] * int(cache.find(f"{C}ptCount").get("val"))
    for point in cache.iter(f"{C}pt"):
        found[int(point.get("idx"))] = point.find(f"{C}v").text
    return found


def _series(book: bytes) -> Iterator[tuple[Any, Chart, Series]]:
    """Each series of the charts of `ALL` in the book, with what it is made from."""
    for root, chart in zip(_charts(book), ALL, strict=True):
        for node, series in zip(root.iter(f"{C}ser"), chart.series, strict=True):
            yield node, chart, series


def _shown(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None or math.isnan(value) else value for value in values]


@pytest.fixture(name="book", scope="module")
def _book() -> bytes:
    return _workbook(ALL, "Bank's Charts")


def test_every_chart_is_native(book: bytes) -> None:
    """A spreadsheet finds as many charts as the document has, each of its kind, in order."""
    found = [next(iter(root.iter(f"{C}barChart", f"{C}lineChart"))) for root in _charts(book)]
    kinds = [(plot.tag.removeprefix(C), plot.find(f"{C}grouping").get("val")) for plot in found]
    bar, stacked, line = ("barChart", "clustered"), ("barChart", "stacked"), ("lineChart", "standard")
    assert kinds == [bar, line, stacked, line, bar]
    assert len(_sheet(book)._charts) == len(ALL)  # type: ignore[attr-defined] # openpyxl offers no other way


def test_charts_refer_to_their_cells(book: bytes) -> None:
    """Names, categories and values that a chart points at stand in the sheet, whose name has an apostrophe."""
    sheet = _sheet(book)
    for node, chart, series in _series(book):
        assert _referred(sheet, node.find(f"{C}tx/{C}strRef")) == [series.name]
        assert _referred(sheet, node.find(f"{C}cat/{C}strRef")) == [*chart.categories] or chart is NOTHING
        assert _referred(sheet, node.find(f"{C}val/{C}numRef")) == _shown(series.values) or chart is NOTHING


def test_charts_hold_their_values_themselves(book: bytes) -> None:
    """A viewer that reads no cell shows the same names, categories and values, to the last digit."""
    for node, chart, series in _series(book):
        assert _cached(node.find(f"{C}tx/{C}strRef")) == [series.name]
        assert _cached(node.find(f"{C}cat/{C}strRef")) == [*chart.categories]
        values = [None if text is None else float(text) for text in _cached(node.find(f"{C}val/{C}numRef"))]
        assert values == _shown(series.values)


def test_missing_values_are_gaps(book: bytes) -> None:
    """None and NaN leave an empty cell and a gap in the line, never a 0."""
    root = _charts(book)[1]
    assert root.find(f".//{C}dispBlanksAs").get("val") == "gap"
    first, second = (_cached(node.find(f"{C}val/{C}numRef")) for node in root.iter(f"{C}ser"))
    assert [text is None for text in first + second] == [False, True, True, False, True, False, False, True]


def test_chart_says_what_it_shows(book: bytes) -> None:
    """Title and unit are written; a legend only where there is more than one series; both axes are there."""
    for root, chart in zip(_charts(book), ALL, strict=True):
        title, *axis_titles = ("".join(each.itertext(f"{A}t")) for each in root.iter(f"{C}title"))
        assert (title, axis_titles) == (chart.title, [chart.value_label] if chart.value_label else [])
        assert (root.find(f".//{C}legend") is not None) == (len(chart.series) > 1)
        assert [each.get("val") for each in root.iter(f"{C}delete")] == ["0", "0"]
        assert {each.get("val") for each in root.iter(f"{C}overlay", f"{C}roundedCorners")} == {"0"}


def test_screen_readers_hear_a_description(book: bytes) -> None:
    """The alternative text is the chart's description, or its title where it has none."""
    frames = _parts(book, "xl/drawings/drawing")[0].iter("{*}cNvPr")
    expected = [chart.description or chart.title for chart in ALL]
    assert [frame.get("descr") for frame in frames] == expected


def test_data_is_labelled(book: bytes) -> None:
    """Beside the charts each block has a title, headings and its number format."""
    sheet = _sheet(book)
    left = next(cell.column for cell in sheet[1] if cell.value == STATUS.title)
    rows = sheet.iter_rows(1, 4, left, left + 1)
    assert [[cell.value for cell in row] for row in rows] == [
        ["Calls by status", None],
        ["Category", "Calls"],
        ["pending", 3],
        ["completed", 12_345],
    ]
    heading, number = sheet.cell(2, left), sheet.cell(4, left + 1)
    assert (heading.font.b, heading.font.sz, heading.fill.fgColor.rgb) == (True, 12, f"00{BRAND}")
    assert (number.number_format, number.alignment.horizontal, number.font.sz) == ("#,##0", "right", 11)


@pytest.mark.parametrize("first_row", [1, 4])
def test_nothing_lies_on_anything(first_row: int) -> None:
    """Charts begin at the row asked for and end above the next; data begins to the right of them all."""
    sheet = _sheet(_workbook(ALL, first_row=first_row))
    ends = [0.0]
    for chart in sheet._charts:  # type: ignore[attr-defined] # as above
        row, size = chart.anchor._from.row, chart.anchor.ext
        top = sum((sheet.row_dimensions[place].height or 15) for place in range(1, row + 1)) * 2.54 / 72
        assert row >= first_row - 1
        assert top >= ends[-1]
        ends.append(top + size.height / EMU)
        assert size.width / EMU < 13 * 75 * 2.54 / 96  # columns of 10 letters are 75 pixels wide
    assert sheet.min_column == 15
    assert sheet.print_area == f"'Charts'!$A$1:$M${first_row - 1 + 15 * len(ALL)}"


def test_no_charts_leave_the_sheet_alone() -> None:
    """Without charts nothing is written and nothing set up."""
    sheet = _sheet(_workbook(()))
    assert (sheet.max_row, sheet.max_column, sheet.print_area) == (1, 1, "")


def test_hostile_text_stays_text() -> None:
    """Titles, names and categories that look like formulas, markup or errors come back as they were."""
    chart = Chart("h", HOSTILE[1], ChartKind.BAR, HOSTILE, tuple(Series(text, (1,) * len(HOSTILE)) for text in HOSTILE))
    book = _workbook([chart])
    sheet = _sheet(book)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value not in (None, 1)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} == {"Category", *HOSTILE} - {""}
    assert b"<f>" not in ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert [_cached(node.find(f"{C}tx/{C}strRef")) for node in _charts(book)[0].iter(f"{C}ser")] == [
        [text or None] for text in HOSTILE
    ]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_any_text_makes_a_workbook(title: str, name: str) -> None:
    """Whatever a title or a name holds, the workbook opens and shows it clean, `_x0041_` not read as a letter."""
    book = _workbook([Chart("t", title, ChartKind.LINE, (name,), (Series(name, (1,)),))])
    sheet = _sheet(book)
    values = [re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", str(sheet.cell(row, 15).value or "")) for row in (1, 3)]
    assert values == [clean_text(title), clean_text(name)]


def test_escape_lookalike_is_kept() -> None:
    """`_x0041_` is written so that spreadsheets show those seven signs and no A."""
    sheet = _sheet(_workbook([Chart("t", "_x0041_", ChartKind.BAR, ("a",), (Series("s", (1,)),))]))
    assert sheet.cell(1, 15).value == "_x005F_x0041_"


def test_year_of_days_stays_readable(book: bytes) -> None:
    """Of 366 days few are written, all are drawn, and no marker stands at each."""
    root = _charts(book)[3]
    assert int(root.find(f".//{C}tickLblSkip").get("val")) >= 30
    assert len(_cached(root.find(f".//{C}numRef"))) == 366
    assert root.find(f".//{C}marker/{C}symbol").get("val") == "none"


def test_lone_point_of_a_long_line_is_marked() -> None:
    """A value between two gaps has no line to either side: it is drawn as a point."""
    lone = (None, 7, *[None] * 98)
    book = _workbook([Chart("t", "T", ChartKind.LINE, tuple(map(str, range(100))), (Series("s", lone),))])
    assert _charts(book)[0].find(f".//{C}marker/{C}symbol").get("val") == "circle"


@pytest.mark.parametrize("kind", ChartKind)
def test_many_series_look_different(kind: ChartKind) -> None:
    """Each of 24 series has a look of its own, and the legend stands where it takes no height from them."""
    series = tuple(Series(f"Engineer {place}", (place, 2)) for place in range(24))
    root = _charts(_workbook([Chart("m", "Many", kind, ("a", "b"), series)]))[0]
    looks = [_without_space(each) for node in root.iter(f"{C}ser") for each in node.findall(f"{C}spPr")]
    assert len(set(looks)) == len(looks) == 24
    assert root.find(f".//{C}legendPos").get("val") == "r"


def _without_space(node: Any) -> str:
    return str([(each.tag, sorted(each.attrib.items())) for each in node.iter()])


def test_two_runs_are_equal(book: bytes) -> None:
    """The same charts make the same bytes in every part but the one that holds the time of saving."""
    with ZipFile(io.BytesIO(book)) as one, ZipFile(io.BytesIO(_workbook(ALL, "Bank's Charts"))) as other:
        assert one.namelist() == other.namelist()
        differing = [name for name in one.namelist() if one.read(name) != other.read(name)]
    assert set(differing) <= {"docProps/core.xml"}


def test_wrong_part_is_refused() -> None:
    """Only chart parts hold values, and each has its own chart."""
    with pytest.raises(ValueError, match="is no chart part"):
        with_caches("xl/charts/style1.xml", b"<x/>", ALL)
    with pytest.raises(IndexError):
        with_caches("xl/charts/chart9.xml", b"<x/>", ALL)


def test_charts_print_two_to_a_page(tmp_path: Path) -> None:
    """LibreOffice draws every chart on A4 landscape, two to a page, none cut, and no data on the pages."""
    charts = (STATUS, YEAR, STATUS, YEAR)
    (tmp_path / "charts.xlsx").write_bytes(_workbook(charts, first_row=2))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*convert, str(tmp_path / "charts.xlsx")], check=True, capture_output=True, timeout=120)
    draw = ["pdftoppm", "-r", "50", "-png", str(tmp_path / "charts.pdf"), str(tmp_path / "page")]
    subprocess.run(draw, check=True, capture_output=True, timeout=60)
    pages = [Image.open(path).convert("RGB") for path in sorted(tmp_path.glob("page*.png"))]
    assert [(page.width > page.height, _bands(page)) for page in pages] == [(True, 2), (True, 2)]
    assert all(_width_of_ink(page) > 23 / 29.7 * page.width for page in pages)


def _bands(page: Any) -> int:
    """How many stretches of rows with ink lie one below the other: frames, since they reach around their charts."""
    rows = [_has_ink(page.crop((0, y, page.width, y + 1))) for y in range(page.height)]
    return sum(here and not above for above, here in zip([False, *rows], rows, strict=False))


def _width_of_ink(page: Any) -> int:
    columns = [x for x in range(page.width) if _has_ink(page.crop((x, 0, x + 1, page.height)))]
    return columns[-1] - columns[0]


def _has_ink(part: Any) -> bool:
    return any(lowest < 250 for lowest, _highest in part.getextrema())
