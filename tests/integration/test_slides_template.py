"""The shape machinery on a template: tokens over runs, lists that go on, copies with charts, checks that say where."""

import io
from collections import Counter
from typing import Any

import pptx
import pytest
from pptx.dml.color import RGBColor
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from shared.document import Chart, ChartKind, Series
from shared.errors import ExportFailed
from shared.rendering._slides_charts import put_chart
from shared.rendering._slides_checks import Place, left_over, require_filled, set_description, undescribed
from shared.rendering._slides_clone import clone_slide
from shared.rendering._slides_overflow import pour
from shared.rendering._slides_package import open_template, write
from shared.rendering._slides_text import Filler, find_shape
from tests.integration import pptx_files as files

ALIASES = {"[Customer Name]": "customer_name", "Q[X]": "quarter"}
CHART = Chart("c", "Costs", ChartKind.BAR, ("Jan", "Feb"), (Series("Cost", (1, 2.5)),), "Costs by month")


@pytest.fixture(name="template")
def _template() -> Presentation:
    """Two slides: one with tokens and a list, one with a table, a chart's place and a picture."""
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[5])
    first.shapes.title.text = "Review of {{customer_name}}"
    box = _box(first, "token_box", 1.5)
    _runs(
        box.text_frame.paragraphs[0], ("Dear {{cust", True), ("omer_name", False), ("}}, welcome to {{quarter}}!", True)
    )
    _list(first, "{{priorities}}", 3.0)
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Costs"
    _table(second)
    place = _box(second, "cost_chart", 1.5)
    place.width, place.height = Inches(4), Inches(3)
    return made


def _box(slide: Slide, name: str, top: float) -> Any:
    box = slide.shapes.add_textbox(Inches(1), Inches(top), Inches(4), Inches(1))
    box.name = name
    return box


def _runs(paragraph: Any, *runs: tuple[str, bool]) -> None:
    for text, is_bold in runs:
        run = paragraph.add_run()
        run.text, run.font.bold, run.font.size = text, is_bold, Pt(20)
        run.font.color.rgb = RGBColor(0xDC, 0x26, 0x26)


def _list(slide: Slide, name: str, top: float) -> None:
    box = _box(slide, name, top)
    box.text_frame.word_wrap = True
    box.height = Inches(1.5)
    _runs(box.text_frame.paragraphs[0], ("First sample", True))
    box.text_frame.add_paragraph().text = "Second sample"


def _table(slide: Slide) -> None:
    frame = slide.shapes.add_table(3, 2, Inches(5), Inches(1.5), Inches(4), Inches(2))
    frame.name = "units"
    for column, heading in enumerate(("Unit", "Age")):
        frame.table.cell(0, column).text = heading
        _runs(frame.table.cell(1, column).text_frame.paragraphs[0], ("sample", True))


def _again(presentation: Presentation) -> Presentation:
    target = io.BytesIO()
    write(presentation, target)
    return open_template(target.getvalue())


def test_tokens_over_several_runs_are_filled(template: Presentation) -> None:
    """A token that is spread over runs takes the look of its first; size, colour and weight of all runs stay."""
    filler = Filler({"customer_name": "A & B <Ltd>", "quarter": "Q3 2025"})
    filler.fill(template.slides[0])
    slide = _again(template).slides[0]
    runs = find_shape(slide, "token_box").text_frame.paragraphs[0].runs
    assert [run.text for run in runs] == ["Dear A & B <Ltd>", "", ", welcome to Q3 2025!"]
    assert [run.font.bold for run in runs] == [True, False, True]
    assert {(run.font.size, str(run.font.color.rgb)) for run in runs} == {(Pt(20), "DC2626")}
    assert files.title(slide) == "Review of A & B <Ltd>"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{{ customer_name }}", "X{{quarter}}"),
        ("[Customer Name] in Q[X]", "X{{quarter}} in Q3"),
        ("{{customer_name}}{{quarter}}{{customer_name}}", "X{{quarter}}Q3X{{quarter}}"),
        ("{{unknown}} and [##]", "{{unknown}} and [##]"),
        ("{customer_name} {{}} }}{{", "{customer_name} {{}} }}{{"),
    ],
)
def test_aliases_and_values_that_look_like_tokens(template: Presentation, said: str, told: str) -> None:
    """Old tokens are accepted, unknown ones stay, and what is filled in is text even where it looks like a token."""
    box = find_shape(template.slides[0], "token_box")
    box.text_frame.text = said
    Filler({"customer_name": "X{{quarter}}", "quarter": "Q3"}, ALIASES).fill(template.slides[0])
    assert box.text_frame.text == told


def test_values_with_line_ends_keep_their_look(template: Presentation) -> None:
    """A line end in a value becomes a break, and the lines have the same look; control characters are cleaned away."""
    Filler({"customer_name": "One\nTwo\x00", "quarter": ""}).fill(template.slides[0])
    paragraph = find_shape(_again(template).slides[0], "token_box").text_frame.paragraphs[0]
    assert paragraph.text == "Dear One\vTwo, welcome to !"
    assert [run.font.size for run in paragraph.runs] == [Pt(20)] * 4


def test_tokens_in_tables_groups_and_notes_are_filled(template: Presentation) -> None:
    """Cells, shapes within groups, and speaker notes are filled too."""
    slide = template.slides[1]
    find_shape(slide, "units").table.cell(1, 1).text = "{{age}}"
    group = slide.shapes.add_group_shape([_box(slide, "inner", 6)])
    find_shape(slide, "inner").text_frame.text = "{{age}} years"
    slide.notes_slide.notes_text_frame.text = "Age: {{age}}"
    Filler({"age": "7"}).fill(slide)
    slide = _again(template).slides[1]
    assert files.table(slide)[1] == ["sample", "7"]
    assert find_shape(slide, "inner").text_frame.text == "7 years"
    assert files.notes(slide) == ["Age: 7"]
    assert len(group.shapes) == 1


def test_shapes_are_filled_by_name(template: Presentation) -> None:
    """A shape is found by its name, with braces or without; its lines take the look of its first run."""
    slide = template.slides[0]
    Filler({}).put(find_shape(slide, "priorities"), "One\nTwo\n\nFour")
    paragraphs = find_shape(_again(template).slides[0], "priorities").text_frame.paragraphs
    assert [paragraph.text for paragraph in paragraphs] == ["One", "Two", "", "Four"]
    assert {run.font.size for paragraph in paragraphs for run in paragraph.runs} == {Pt(20)}
    with pytest.raises(LookupError, match="named nothing"):
        find_shape(slide, "nothing")


def test_left_over_tokens_are_named(template: Presentation) -> None:
    """A deck with tokens is refused, and told where each stands: slide, shape, token; a filled one passes."""
    find_shape(template.slides[1], "cost_chart").text_frame.text = "[##] of Q[X]"
    assert left_over(template, ALIASES) == [
        Place(1, "Title 1", "{{customer_name}}"),
        Place(1, "token_box", "{{customer_name}}"),
        Place(1, "token_box", "{{quarter}}"),
        Place(2, "cost_chart", "Q[X]"),
        Place(2, "cost_chart", "[##]"),
    ]
    with pytest.raises(ExportFailed, match=r"slide 1, “token_box”: \{\{quarter\}\}") as refused:
        require_filled(template, ALIASES)
    assert {"slide": 2, "shape": "cost_chart", "token": "[##]"} in refused.value.details["tokens"]
    filler = Filler({"customer_name": "{{quarter}} & {{other}}", "quarter": "Q3"}, ALIASES)
    find_shape(template.slides[1], "cost_chart").text_frame.text = ""
    for slide in template.slides:
        filler.fill(slide)
    assert filler.said == Counter({"{{quarter}}": 2, "{{other}}": 2})
    require_filled(template, ALIASES, filler.said)


def test_a_long_list_goes_on_on_further_slides(template: Presentation) -> None:
    """What has no room goes on on copies of the slide, in order; all of it is there, nothing overflows its box."""
    items = [f"Priority {number}: " + "long text " * (number % 9) for number in range(30)]
    slides = pour(template, template.slides[0], {"priorities": items}, Filler({}))
    again = list(_again(template).slides)
    assert len(again) == len(slides) + 1
    shown = [find_shape(slide, "priorities").text_frame for slide in again[: len(slides)]]
    assert [line.strip() for frame in shown for line in frame.text.split("\n")] == [item.strip() for item in items]
    assert [files.title(slide) for slide in again[:2]] == [
        f"Review of {{{{customer_name}}}} ({number} of {len(slides)})" for number in (1, 2)
    ]
    assert files.title(again[-1]) == "Costs"
    for frame in shown:
        lines = sum(-(-len(paragraph.text) // 38) for paragraph in frame.paragraphs)  # 38 letters of 20 pt: four inches
        assert lines * 20 * 1.2 <= 1.5 * 72 + 20
        assert {run.font.size for paragraph in frame.paragraphs for run in paragraph.runs} == {Pt(20)}


def test_an_item_taller_than_its_box_is_divided(template: Presentation) -> None:
    """Not even one very long text overflows: it goes on on the next slides, and no word is lost."""
    text = " ".join(f"word{number}" for number in range(400))
    slides = pour(template, template.slides[0], {"priorities": [text]}, Filler({}))
    assert len(slides) > 3
    shown = [find_shape(slide, "priorities").text_frame.text for slide in slides]
    assert " ".join(part.strip() for part in shown) == text


def test_lists_of_one_slide_go_on_together(template: Presentation) -> None:
    """Two lists on a slide share its copies: where one has ended, its box is empty."""
    _list(template.slides[0], "others", 5.0)
    slides = pour(
        template,
        template.slides[0],
        {"priorities": [f"A {number}" for number in range(9)], "others": ["only one"]},
        Filler({}),
    )
    assert len(slides) == 3
    assert [find_shape(slide, "others").text_frame.text for slide in slides] == ["only one", "", ""]


def test_rows_of_a_table_are_made_after_its_first(template: Presentation) -> None:
    """A table takes as many rows as its height allows, in the look of its sample row, and goes on on a copy."""
    rows = [(f"Unit {number}", str(number)) for number in range(10)]
    slides = pour(template, template.slides[1], {"units": rows}, Filler({}))
    again = list(_again(template).slides)[1:]
    assert len(again) == len(slides) > 1
    assert [row for slide in again for row in files.table(slide)[1:]] == [list(row) for row in rows]
    for slide in again:
        frame = find_shape(slide, "units")
        assert files.table(slide)[0] == ["Unit", "Age"]
        assert sum(row.height for row in frame.table.rows) <= Inches(2)
        run = frame.table.cell(1, 0).text_frame.paragraphs[0].runs[0]
        assert (run.font.size, run.font.bold) == (Pt(20), True)


def test_a_row_of_the_wrong_length_is_refused(template: Presentation) -> None:
    """A row has a text for each column of its table."""
    with pytest.raises(ValueError, match="zip"):
        pour(template, template.slides[1], {"units": [("one",)]}, Filler({}))


def test_an_empty_list_leaves_an_empty_box(template: Presentation) -> None:
    """Nothing to say takes the samples away, and needs no further slide."""
    assert len(pour(template, template.slides[0], {"priorities": []}, Filler({}))) == 1
    assert len(pour(template, template.slides[1], {"units": []}, Filler({}))) == 1
    assert find_shape(template.slides[0], "priorities").text_frame.text == ""
    assert files.table(template.slides[1]) == [["Unit", "Age"]]


def test_a_chart_takes_the_place_of_a_shape(template: Presentation) -> None:
    """The chart stands where its place was, native and with alternative text; a copy of the slide has its own."""
    slide = template.slides[1]
    place = find_shape(slide, "cost_chart")
    where = (place.left, place.top, place.width, place.height)
    put_chart(slide, place, CHART)
    copied = clone_slide(template, slide)
    original, copy = files.charts([slide, copied])
    assert (original.left, original.top, original.width, original.height) == where
    assert original.chart.part is not copy.chart.part
    assert original.chart.part.chart_workbook.xlsx_part is not copy.chart.part.chart_workbook.xlsx_part
    first, second = files.charts(list(_again(template).slides))
    assert list(first.chart.plots[0].series[0].values) == list(second.chart.plots[0].series[0].values) == [1, 2.5]
    book = files.book(second.chart)
    assert list(book.iter_rows(values_only=True)) == [("Category", "Cost"), ("Jan", 1), ("Feb", 2.5)]
    assert undescribed(template) == [Place(number, "units", "no alternative text") for number in (2, 3)]
    for number in (1, 2):
        set_description(find_shape(template.slides[number], "units"), "Units to replace")
    assert undescribed(_again(template)) == []


def test_a_copy_has_pictures_links_notes_and_ground(template: Presentation) -> None:
    """A copied slide shares pictures, leads to the same addresses, says the same notes, and stands right behind."""
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.new("RGB", (2, 2), "red").save(buffer, "PNG")
    slide = template.slides[0]
    slide.shapes.add_picture(buffer, 0, 0, Emu(100), Emu(100))
    find_shape(slide, "token_box").text_frame.paragraphs[0].runs[0].hyperlink.address = "https://example.com/"
    slide.notes_slide.notes_text_frame.text = "Say this"
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = RGBColor(1, 2, 3)
    clone_slide(template, slide)
    presentation = _again(template)
    first, second, third = presentation.slides
    assert files.title(third) == "Costs"
    assert files.texts(second) == files.texts(first)
    assert files.notes(second) == ["Say this"]
    assert str(second.background.fill.fore_color.rgb) == "010203"
    links = [
        find_shape(each, "token_box").text_frame.paragraphs[0].runs[0].hyperlink.address for each in (first, second)
    ]
    assert links == ["https://example.com/"] * 2
    pictures = [shape.image.sha1 for each in (first, second) for shape in each.shapes if hasattr(shape, "image")]
    assert len(pictures) == 2
    assert len(set(pictures)) == 1
    names = [name for name, _ in files.parts(_bytes(presentation))]
    assert len([name for name in names if name.startswith("ppt/media/")]) == 1
    assert len(names) == len(set(names))


def _bytes(presentation: Presentation) -> bytes:
    target = io.BytesIO()
    write(presentation, target)
    return target.getvalue()


def test_letters_are_as_large_as_the_layout_says(template: Presentation) -> None:
    """A placeholder that says no size has its layout's or master's, and a list in it breaks where those letters do."""
    slide = template.slides.add_slide(template.slide_layouts[1])
    slide.placeholders[1].name = "body"
    slides = pour(template, slide, {"body": [f"Line {number}" for number in range(40)]}, Filler({}))
    assert 3 <= len(slides) <= 8  # 4.95 inches of lines of 32 pt
