"""Native charts of decks: the document's numbers in the drawing and in the workbook behind it, looks as everywhere."""

import io
import math
from typing import Any
from zipfile import ZipFile

import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

from shared.document import Chart, ChartKind, Column, Series, clean_text
from shared.rendering._chart_style import PALETTE, look
from shared.rendering._slides_chart_book import column_letters
from tests.integration import pptx_files as files
from tests.integration.xlsx_files import document, table

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DAYS = tuple(f"2025-{day // 28 + 1:02}-{day % 28 + 1:02}" for day in range(300))
STATUS = Chart(
    "s",
    "By status",
    ChartKind.BAR,
    ("Pending", "Done", "Other"),
    (Series("Calls", (3, 0, 12)),),
    "Calls in each status",
    "Calls",
)
TREND = Chart(
    "t",
    "Trend",
    ChartKind.LINE,
    ("2026-03-01", "2026-03-02", "2026-03-03"),
    (Series("Total", (1.5, None, 3.25)), Series("Done", (None, math.nan, -2))),
)
BANKS = Chart(
    "b",
    "By bank",
    ChartKind.STACKED_BAR,
    tuple(f"Bank {place}" for place in range(40)),
    tuple(Series(f"Status {place}", tuple(range(place, place + 40))) for place in range(12)),
)
YEAR = Chart("y", "Year", ChartKind.LINE, DAYS, (Series("Calls", tuple(range(300))),))
ALL = (STATUS, TREND, BANKS, YEAR)


def _shapes(*charts: Chart) -> list[Any]:
    return files.charts(files.deck(document(table([Column("n", "N")], [("x",)]), charts=charts)))


@pytest.fixture(name="shapes", scope="module")
def _all_shapes() -> list[Any]:
    return _shapes(*ALL)


def _known(values: tuple[float | None, ...]) -> list[float | None]:
    return [value if value is not None and math.isfinite(value) else None for value in values]


@pytest.mark.parametrize("place", range(len(ALL)))
def test_drawing_has_the_document_s_numbers(shapes: list[Any], place: int) -> None:
    """Kind, categories, names and values are the chart's; what is no number is a gap; they are cached for viewers."""
    chart, plot = ALL[place], shapes[place].chart.plots[0]
    kinds = {
        ChartKind.BAR: XL_CHART_TYPE.COLUMN_CLUSTERED,
        ChartKind.STACKED_BAR: XL_CHART_TYPE.COLUMN_STACKED,
        ChartKind.LINE: XL_CHART_TYPE.LINE_MARKERS,
    }
    assert shapes[place].chart.chart_type in {kinds[chart.kind], XL_CHART_TYPE.LINE}
    assert tuple(plot.categories) == chart.categories
    assert [series.name for series in plot.series] == [series.name for series in chart.series]
    assert [list(series.values) for series in plot.series] == [_known(series.values) for series in chart.series]


@pytest.mark.parametrize("place", range(len(ALL)))
def test_workbook_has_the_same_numbers(shapes: list[Any], place: int) -> None:
    """The embedded workbook opens, and its cells are those that the drawing refers to, with the same numbers."""
    chart, drawn = ALL[place], shapes[place].chart
    sheet = files.book(drawn)
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0][1:] == [series.name for series in chart.series]
    assert [row[0] for row in rows[1:]] == list(chart.categories)
    assert [list(column) for column in zip(*(row[1:] for row in rows[1:]), strict=True)] == [
        _known(series.values) for series in chart.series
    ]
    for number, node in enumerate(drawn._chartSpace.iter(f"{C}ser"), start=1):
        letters, last = column_letters(number), len(chart.categories) + 1
        assert [each.text for each in node.iter(f"{C}f")] == [
            f"Sheet1!${letters}$1",
            f"Sheet1!$A$2:$A${last}",
            f"Sheet1!${letters}$2:${letters}${last}",
        ]
    assert drawn._chartSpace.find(f"{C}chart/{C}dispBlanksAs").get("val") == "gap"


def test_charts_can_be_edited() -> None:
    """New numbers can be put in, as PowerPoint would after its user changed the workbook, and the look stays."""
    content, _ = files.rendered(document(table([Column("n", "N")], [("x",)]), charts=(STATUS,)))
    presentation = files.opened(content)
    drawn = files.charts(list(presentation.slides))[0].chart
    data = CategoryChartData()
    data.categories = ["New"]
    data.add_series("Calls", (42,))
    drawn.replace_data(data)
    target = io.BytesIO()
    presentation.save(target)
    again = files.charts(list(files.opened(target.getvalue()).slides))[0].chart
    assert list(again.plots[0].series[0].values) == [42]
    assert str(again.plots[0].series[0].format.fill.fore_color.rgb) == PALETTE[0]


def test_every_chart_says_what_it_shows(shapes: list[Any]) -> None:
    """Alternative text is the chart's description, else its title; the slide's title and notes say it too."""
    told = [shape._element._nvXxPr.cNvPr.get("descr") for shape in shapes]
    assert told == ["Calls in each status", "Trend", "By bank", "Year"]
    slides = files.deck(document(table([Column("n", "N")], [("x",)]), charts=(STATUS, TREND)))
    assert [files.title(slide) for slide in slides[1:3]] == ["By status", "Trend"]
    assert files.notes(slides[1]) == ["By status: Calls in each status", "Report · March"]
    assert files.notes(slides[2]) == ["Trend", "Report · March"]


def test_looks_are_those_of_all_formats() -> None:
    """Colours come from the one palette; where it begins again, patterns and dashes tell series apart."""
    series = tuple(Series(f"Series {place}", (place, 2)) for place in range(24))
    bars, lines = _shapes(*(Chart("m", "M", kind, ("a", "b"), series) for kind in (ChartKind.BAR, ChartKind.LINE)))
    fills = [node.find(f"{C}spPr") for node in bars.chart._chartSpace.iter(f"{C}ser")]
    assert [next(fill.iter(f"{A}srgbClr")).get("val") for fill in fills] == [look(place).colour for place in range(24)]
    assert [fill[0].tag for fill in fills] == [f"{A}solidFill"] * 8 + [f"{A}pattFill"] * 16
    assert len({fill[0].get("prst") for fill in fills[8:]}) == 2
    dashes = [node.find(f".//{A}prstDash").get("val") for node in lines.chart._chartSpace.iter(f"{C}ser")]
    assert dashes == ["solid"] * 8 + ["dash"] * 8 + ["sysDot"] * 8
    assert bars.chart._chartSpace.find(f".//{C}legendPos").get("val") == "r"


def test_axes_begin_at_zero_and_leave_labels_out(shapes: list[Any]) -> None:
    """The floor is 0 unless a value is negative; of many categories few are written, slanted, and markers go."""
    spaces = [shape.chart._chartSpace for shape in shapes]
    floors = [space.find(f".//{C}valAx/{C}scaling/{C}min") for space in spaces]
    assert [None if floor is None else floor.get("val") for floor in floors] == ["0", None, "0", "0"]
    assert int(spaces[3].find(f".//{C}tickLblSkip").get("val")) >= 8
    assert spaces[3].find(f".//{C}marker/{C}symbol").get("val") == "none"
    assert spaces[0].find(f".//{C}dLbls/{C}showVal").get("val") == "1"
    assert spaces[2].find(f".//{C}dLbls") is None


def test_many_categories_are_all_in_the_file() -> None:
    """Thousands of categories and dozens of series make a file that holds each value."""
    categories = tuple(f"Merchant number {place}" for place in range(2_000))
    many = Chart("m", "Many", ChartKind.BAR, categories, tuple(Series(f"S{n}", tuple(range(2_000))) for n in range(30)))
    space = _shapes(many)[0].chart._chartSpace
    caches = [[each.text for each in cache.iter(f"{C}v")] for cache in space.iter(f"{C}numCache")]
    assert caches == [[str(place) for place in range(2_000)]] * 30
    assert [each.text for each in next(space.iter(f"{C}cat")).iter(f"{C}v")] == list(categories)


def test_without_charts_there_is_no_slide_of_one() -> None:
    """Whoever wants no charts gets none."""
    slides = files.deck(document(table([Column("n", "N")], [("x",)]), charts=(STATUS,)), include_charts=False)
    assert files.charts(slides) == []
    assert len(slides) == 2


def test_charts_are_no_pictures() -> None:
    """No part of the package is a picture."""
    content, _ = files.rendered(document(table([Column("n", "N")], [("x",)]), charts=ALL))
    with ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
    assert [name for name in names if name.startswith("ppt/media/")] == []
    assert [name for name in names if name.startswith("ppt/charts/chart")] == [
        f"ppt/charts/chart{number}.xml" for number in range(1, 5)
    ]


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_lettered_as_in_spreadsheets(place: int, letters: str) -> None:
    """A to Z, then AA."""
    assert column_letters(place) == letters


def test_text_in_charts_is_clean_and_no_formula() -> None:
    """Control characters go, formulas stay text, in the drawing and in its workbook."""
    odd = "=1+1\x00\ud800"
    drawn = _shapes(Chart("o", odd, ChartKind.BAR, (odd,), (Series(odd, (1,)),), odd, odd))[0].chart
    clean = clean_text(odd)
    assert list(drawn.plots[0].categories) == [clean]
    sheet = files.book(drawn)
    assert [(cell.value, cell.data_type) for cell in sheet["A"][1:]] == [(clean, "s")]
    assert drawn.value_axis.axis_title.text_frame.text == clean
