"""Decks as files: re-opened, every slide says what the document says, and nothing is cut without saying so."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pptx.oxml import parse_xml

from shared.document import (
    Chart,
    ChartKind,
    Column,
    Kind,
    Kpi,
    Link,
    Note,
    Series,
    clean_text,
)
from shared.rendering import Brand
from shared.rendering._chart_style import PALETTE
from tests.integration import pptx_files as files
from tests.integration.xlsx_files import table

HOSTILE = (
    "=1+1",
    "<b>&amp;</b>",
    "#N/A",
    "_x0041_",
    "quote \" and ' tick",
    "{{customer_name}}",
    "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER BEH} \N{RIGHT-TO-LEFT OVERRIDE}x",
    "ग्राहक ने कहा",
    "机器经常断网",
    "\N{GRINNING FACE}" * 3,
    "12345678901234567",
)


def test_slides_come_in_order() -> None:
    """Title, key figures, one slide a chart, the main table; wide, numbered, each with product and time at its foot."""
    charts = tuple(Chart(key, f"Chart {key}", ChartKind.BAR, ("a",), (Series("s", (1,)),)) for key in "xy")
    made = files.counting(kpis=(Kpi("k", "Calls", Kind.INTEGER, 5),), charts=charts)
    content, _ = files.rendered(made, product_name="Reports & Co")
    presentation = files.opened(content)
    slides = list(presentation.slides)
    assert (presentation.slide_width, presentation.slide_height) == (12192000, 6858000)
    assert [files.title(slide) for slide in slides] == ["Report", "Key figures", "Chart x", "Chart y", "Calls"]
    for number, slide in enumerate(slides, start=1):
        assert "Reports & Co · Generated 10-03-2026 10:00 (Asia/Kolkata)" in files.texts(slide)
        assert str(number) in files.texts(slide)
        assert files.overlapping(slide) == []


def test_title_tells_what_the_file_covers() -> None:
    """Name, dates, when it was made, as of when, and every note; a long note is cut here and whole in the notes."""
    many = ", ".join(f"Bank {number}" for number in range(500))
    made = replace(
        files.counting(notes=(Note("Banks", many), Note("Status", "pending"))),
        data_as_of=datetime(2026, 3, 9, tzinfo=UTC),
    )
    slide = files.deck(made)[0]
    name, dates, facts = files.texts(slide)[:3]
    assert (name, dates) == ("Report", "March")
    generated, as_of, banks, status = facts.split("\n")
    assert (generated, as_of, status) == (
        "Generated\t10-03-2026 10:00 (Asia/Kolkata)",
        "Data as of\t09-03-2026 05:30 (Asia/Kolkata)",
        "Status\tpending",
    )
    assert banks.startswith("Banks\tBank 0, Bank 1, ")
    assert banks.endswith("…")
    assert f"Banks: {many}" in files.notes(slide)


def test_more_notes_than_lines_are_told_of() -> None:
    """Where the title slide has no room for all notes it says so, and its own notes hold them."""
    slide = files.deck(files.counting(notes=tuple(Note(f"Filter {n}", f"value {n}") for n in range(40))))[0]
    shown = files.texts(slide)[2].split("\n")
    assert shown[-1] == "More\tsee the notes of this slide"
    assert len(shown) < 20
    assert files.notes(slide)[-1] == "Filter 39: value 39"


def test_tiles_say_value_change_and_formula() -> None:
    """Each tile has its label, value with unit, and change with arrow, sign and unit; notes have the formulas."""
    kpis = (
        Kpi("a", "Calls", Kind.INTEGER, 1_234_567, 1_234_500, "all calls"),
        Kpi("b", "Rate %", Kind.PERCENT, 87.5, 90.0, "done / all"),
        Kpi("c", "Average", Kind.MINUTES, 12.345, 12.345),
        Kpi("d", "Nothing", Kind.DECIMAL, None, 4.0),
        Kpi("e", "Day", Kind.DATE, date(2026, 3, 10)),
    )
    slide = files.deck(files.counting(kpis=kpis))[1]
    assert files.tiles(slide) == [
        ["Calls", "12,34,567", "▲ +67", "all calls"],
        ["Rate %", "87.50%", "▼ −2.50 pp", "done / all"],
        ["Average", "12.35 min", "■ ±0.00 min"],
        ["Nothing", "n/a"],
        ["Day", "10-03-2026"],
    ]
    assert files.notes(slide) == ["Calls: all calls", "Rate %: done / all"]


@pytest.mark.parametrize(("count", "slides"), [(0, []), (1, [1]), (12, [12]), (13, [6, 7]), (40, [10, 10, 10, 10])])
def test_many_tiles_take_further_slides(count: int, slides: list[int]) -> None:
    """Twelve tiles fill a slide; more are spread evenly, in their order, and none overlaps another."""
    kpis = tuple(Kpi(f"k{place}", f"Figure {place}", Kind.INTEGER, place, formula="x" * 300) for place in range(count))
    shown = files.deck(files.counting(kpis=kpis))[1:-1]
    assert [len(files.tiles(slide)) for slide in shown] == slides
    assert [tile[:2] for slide in shown for tile in files.tiles(slide)] == [
        [f"Figure {n}", str(n)] for n in range(count)
    ]
    assert [files.overlapping(slide) for slide in shown] == [[]] * len(slides)
    assert all(
        f"({number} of {len(slides)})" in files.title(slide) for number, slide in enumerate(shown, 1) if len(slides) > 1
    )


def test_hostile_text_survives() -> None:
    """Text that looks like markup, formulas, tokens or errors comes back as it was, wherever it stands."""
    chart = Chart("h", HOSTILE[1], ChartKind.BAR, HOSTILE, (Series(HOSTILE[0], (1,) * len(HOSTILE)),), HOSTILE[1])
    made = replace(
        files.counting(
            table([Column("n", HOSTILE[1])], [(text,) for text in HOSTILE]),
            kpis=(Kpi("k", HOSTILE[1], Kind.TEXT, HOSTILE[0], formula=HOSTILE[5]),),
            charts=(chart,),
            notes=(Note(HOSTILE[1], HOSTILE[3]),),
        ),
        title=HOSTILE[1],
        subtitle=HOSTILE[0],
    )
    slides = files.deck(made, product_name=HOSTILE[1])
    assert [row[0] for row in files.table(files.main(slides))] == [HOSTILE[1], *HOSTILE]
    assert files.tiles(slides[1])[0][:2] == [HOSTILE[1], HOSTILE[0]]
    assert files.title(slides[2]) == files.title(slides[0]) == HOSTILE[1]
    assert files.notes(slides[1]) == [f"{HOSTILE[1]}: {HOSTILE[5]}"]
    assert f"{HOSTILE[1]}\t{HOSTILE[3]}" in files.texts(slides[0])[2]
    plot = files.charts(slides)[0].chart.plots[0]
    assert list(plot.categories) == [text.replace("_x0041_", "_x005F_x0041_") for text in HOSTILE]
    assert plot.series[0].name == HOSTILE[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=60))
def test_any_text_makes_a_deck(one: str, other: str) -> None:
    """Whatever texts there are, the file opens, its XML is sound, and cells hold the clean text."""
    chart = Chart("c", one, ChartKind.LINE, (other,), (Series(one, (1,)),), other, one)
    made = replace(
        files.counting(
            table([Column("a", one), files.NAME], [(other, Link(one, other))]),
            kpis=(Kpi("k", one, Kind.TEXT, other, formula=one),),
            charts=(chart,),
            notes=(Note(one, other),),
        ),
        title=one,
        subtitle=other,
    )
    content, _ = files.rendered(made, product_name=other)
    for name, part in files.parts(content):
        if name.endswith((".xml", ".rels")):
            parse_xml(part)
    assert files.table(files.main(list(files.opened(content).slides)))[1][0] == " ".join(clean_text(other).split())


def test_a_text_of_40_000_letters_is_no_trouble() -> None:
    """Texts longer than a cell of a spreadsheet are cut like everywhere, in every place."""
    long = "letters " * 5_000
    made = replace(
        files.counting(
            table([Column("a", long)], [(long,)]),
            kpis=(Kpi("k", long, Kind.TEXT, long, formula=long),),
            notes=(Note(long, long),),
        ),
        title=long,
        subtitle=long,
    )
    slides = files.deck(made)
    assert [files.overlapping(slide) for slide in slides] == [[], [], []]
    assert all(files.title(slide).endswith("…") for slide in (slides[0],))


def test_equal_documents_make_equal_bytes() -> None:
    """Two runs under the same clock give the same file, workbooks of charts included; no part tells another time."""
    chart = Chart("c", "C", ChartKind.STACKED_BAR, ("a", "b"), (Series("s", (1, None)), Series("t", (2.5, 3))))
    made = files.counting(kpis=(Kpi("k", "K", Kind.INTEGER, 5),), charts=(chart, replace(chart, key="d")))
    content, _ = files.rendered(made)
    assert files.rendered(made)[0] == content
    with ZipFile(io.BytesIO(content)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = files.opened(content).core_properties
    assert (properties.created, properties.modified) == (datetime(2026, 3, 10, 4, 30), datetime(2026, 3, 10, 4, 30))  # noqa: DTZ001
    assert (properties.title, properties.author) == ("Report", "CoSTAR Reports")


def test_brand_s_colour_and_logo_are_on_every_slide() -> None:
    """The colour is the theme's first, so that everything follows it; a PNG logo stands on master and title layout."""
    logo = _png(200, 100)
    content, _ = files.rendered(files.counting(), brand=Brand("DC2626", logo, "png"), product_name="Forklift Co")
    package = dict(files.parts(content))
    assert b'<a:accent1><a:srgbClr val="DC2626"/>' in package["ppt/theme/theme1.xml"]
    assert package["ppt/media/logo.png"] == logo
    presentation = files.opened(content)
    for sheet in (presentation.slide_master, presentation.slide_layouts[0]):
        picture = next(shape for shape in sheet.shapes if shape.name == "Logo")
        assert picture.width / picture.height == pytest.approx(2, rel=0.01)
        assert picture._element._nvXxPr.cNvPr.get("descr") == "Forklift Co"


def test_an_svg_logo_is_kept_as_one() -> None:
    """An SVG logo is in the file as it is, in its own proportions, with a clear picture for programs that know none."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"><rect width="300" height="100"/></svg>'
    content, _ = files.rendered(files.counting(), brand=Brand("0066CC", svg, "svg"))
    package = dict(files.parts(content))
    assert package["ppt/media/logo.svg"] == svg
    assert b"svgBlip" in package["ppt/slideMasters/slideMaster1.xml"]
    picture = next(shape for shape in files.opened(content).slide_master.shapes if shape.name == "Logo")
    assert picture.width / picture.height == pytest.approx(3, rel=0.01)


def test_without_a_logo_the_product_s_mark_stands() -> None:
    """The mark is drawn with shapes, and the title names the product."""
    presentation = files.opened(files.rendered(files.counting(), product_name="My Reports")[0])
    assert [shape.shape_type.name for shape in presentation.slide_master.shapes if shape.name == "Logo"] == ["GROUP"]
    assert "My Reports" in files.texts(presentation.slide_layouts[0])


def _png(width: int, height: int) -> bytes:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_template_has_the_colours_of_charts() -> None:
    """The theme's accents are the palette's first, so that what a user adds to a deck looks like the rest of it."""
    theme = dict(files.parts(files.rendered(files.counting())[0]))["ppt/theme/theme1.xml"]
    accents = re.findall(rb'<a:accent\d>\s*<a:srgbClr val="([0-9A-F]{6})"', theme)
    assert [accent.decode() for accent in accents] == list(PALETTE[:6])
