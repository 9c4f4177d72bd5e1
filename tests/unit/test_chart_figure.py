"""Charts as pictures: the numbers, names and colours of the chart, equal bytes, and odd charts that break nothing."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from shared.document import Chart, ChartKind, Series
from shared.rendering import _chart_style as style
from shared.rendering._chart_figure import chart_png, chart_svg

_SVG = "{http://www.w3.org/2000/svg}"


def _chart(kind: ChartKind = ChartKind.BAR, names: tuple[str, ...] = ("a", "b", "c"), series: int = 1) -> Chart:
    values = tuple(Series(f"S{place}", tuple(range(1, len(names) + 1))) for place in range(series))
    return Chart("k", "Title", kind, names, values, "described", "Calls")


@pytest.mark.parametrize("kind", list(ChartKind))
def test_equal_charts_give_equal_bytes(kind: ChartKind) -> None:
    """SVG and PNG are the same from run to run, and have the size that was asked for."""
    chart = _chart(kind, series=3)
    svg, png = chart_svg(chart, 12, 6), chart_png(chart, 480, 240)
    assert (svg, png) == (chart_svg(chart, 12, 6), chart_png(chart, 480, 240))
    assert Image.open(io.BytesIO(png)).size == (480, 240)
    root = ET.fromstring(svg)  # noqa: S314 it was made here
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(12 / 2.54 * 72)
    assert float(root.attrib["height"].removesuffix("pt")) == pytest.approx(6 / 2.54 * 72)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_series_have_the_colours_of_every_format(kind: ChartKind) -> None:
    """The first eight series are drawn in the palette's colours."""
    svg = chart_svg(_chart(kind, series=8), 14, 7).decode().upper()
    assert [colour for colour in style.PALETTE if f"#{colour}" not in svg] == []


def test_bars_are_as_high_as_their_values() -> None:
    """The heights of bars are in proportion to the values, from a floor of 0."""
    heights = _bar_heights(chart_svg(_chart(names=("a", "b", "c", "d")), 12, 6))
    assert [height / heights[0] for height in heights] == pytest.approx([1, 2, 3, 4], rel=1e-3)


def _bar_heights(svg: bytes) -> list[float]:
    paths = re.findall(rf'<path d="([^"]+)"[^>]*style="fill: #{style.BRAND.lower()}', svg.decode())
    return [
        max(ends) - min(ends) for ends in ([float(y) for y in re.findall(r"[ML] \S+ (\S+)", path)] for path in paths)
    ]


def test_series_of_the_second_round_are_hatched() -> None:
    """The ninth series shares a colour with the first and is told from it by its pattern."""
    assert b"<pattern" in chart_svg(_chart(series=9), 14, 7)
    assert b"<pattern" not in chart_svg(_chart(series=8), 14, 7)


@pytest.mark.parametrize(
    "chart",
    [
        Chart("k", "t", ChartKind.BAR, (), ()),
        Chart("k", "t", ChartKind.LINE, (), (Series("s", ()),)),
        Chart("k", "t", ChartKind.BAR, ("a",), (Series("s", (0,)),)),
        Chart("k", "t", ChartKind.LINE, ("a", "b", "c"), (Series("s", (None, 5, None)),)),
        Chart("k", "t", ChartKind.LINE, ("a", "b"), (Series("s", (float("nan"), float("inf"))),)),
        Chart("k", "t", ChartKind.STACKED_BAR, ("a", "b"), (Series("s", (1, -2)), Series("u", (-3, 4)))),
        Chart("k", "t", ChartKind.BAR, ("$x^2$", "_b"), (Series("_hidden", (1, 2)), Series("$y", (2, 1))), "", "$z$"),
        Chart("k", "t", ChartKind.BAR, ("😀", "ok 👍🏽", "नमस्ते", "مرحبا", "中国"), (Series("🌟", (1, 2, 3, 4, 5)),)),
        Chart(
            "k", "t", ChartKind.BAR, tuple(f"A long name {n}" for n in range(200)), (Series("s", tuple(range(200))),)
        ),
    ],
    ids=["nothing", "no-points", "zero", "lone-point", "nan", "negative", "mathematics", "scripts", "crowded"],
)
def test_odd_charts_are_drawn(chart: Chart) -> None:
    """Whatever a report gives makes a picture of some size, without a warning."""
    assert chart_svg(chart, 12, 6).startswith(b"<?xml")
    assert Image.open(io.BytesIO(chart_png(chart, 300, 160))).size == (300, 160)


def test_letters_are_shapes() -> None:
    """There is no text element, which page makers would set letter by letter."""
    svg = ET.fromstring(chart_svg(_chart(names=("नमस्ते", "b")), 12, 6))  # noqa: S314 it was made here
    assert list(svg.iter(f"{_SVG}text")) == []
