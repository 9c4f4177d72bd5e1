"""What tests of presentations share: a document's deck as a job makes it, and readers of the deck."""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import pptx
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pptx.presentation import Presentation

from dev.still_meter import StillMeter
from shared.document import Cell, Column, Document, Facts, Kind, Table
from shared.rendering import RenderOptions
from shared.rendering.pptx import render
from shared.rows import metered
from tests.integration.xlsx_files import document
from tests.integration.xlsx_files import table as as_table

NAME = Column("name", "Name")
COUNT = Column("count", "Count", Kind.INTEGER)


def counted(number: int) -> list[tuple[Cell, ...]]:
    """Rows with a name and a number each."""
    return [(f"Row {place}", place) for place in range(number)]


def counting(*tables: Table, **more: Any) -> Document:
    """A document of these tables, or of one with three rows."""
    return document(*(tables or (as_table([NAME, COUNT], counted(3)),)), **more)


def main(slides: list[Any]) -> Any:
    """The slide with the main table."""
    return slides[-1]


def rendered(made: Document, **options: Any) -> tuple[bytes, Facts]:
    """The file as a job makes it, rows cleaned on their way, and what was drawn."""
    target = io.BytesIO()
    facts = render(metered(made, StillMeter())[0], RenderOptions(**options), target)
    return target.getvalue(), facts


def opened(content: bytes) -> Presentation:
    """The file as python-pptx reads it."""
    return pptx.Presentation(io.BytesIO(content))


def deck(made: Document, **options: Any) -> list[Any]:
    """The slides of the document's file, re-opened."""
    return list(opened(rendered(made, **options)[0]).slides)


def title(slide: Any) -> str:
    """What stands in the slide's title."""
    return str(slide.shapes.title.text_frame.text)


def texts(slide: Any) -> list[str]:
    """All that the slide's shapes say, in their order, tables left out."""
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame and shape.text_frame.text]


def tiles(slide: Any) -> list[list[str]]:
    """The lines of each tile."""
    return [shape.text_frame.text.split("\n") for shape in slide.shapes if shape.name.startswith("Tile ")]


def notes(slide: Any) -> list[str]:
    """The lines of the slide's notes; none where it has no notes."""
    return slide.notes_slide.notes_text_frame.text.split("\n") if slide.has_notes_slide else []


def charts(slides: list[Any]) -> list[Any]:
    """The shapes with charts."""
    return [shape for slide in slides for shape in slide.shapes if shape.has_chart]


def book(chart: Any) -> Worksheet:
    """The sheet of the workbook behind a chart."""
    found = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    assert isinstance(found, Worksheet)
    return found


def table(slide: Any) -> list[list[str]]:
    """The texts of the slide's table, its headings first."""
    found = next(shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in found.rows]


def overlapping(slide: Any) -> list[tuple[str, str]]:
    """Pairs of shapes with content that lie over each other, and shapes that leave the slide."""
    boxes = [(shape.name, _box(shape)) for shape in slide.shapes if not shape.name.startswith(("Tile", "Edge"))]
    tile_boxes = [(shape.name, _box(shape)) for shape in slide.shapes if shape.name.startswith("Tile")]
    every = boxes + tile_boxes
    pairs = [
        (one, other)
        for place, (one, first) in enumerate(every)
        for other, second in every[place + 1 :]
        if _overlap(first, second)
    ]
    return pairs + [
        (name, "edge") for name, box in every if not (0 <= box[0] < box[2] <= 12192000 and box[3] <= 6858000)
    ]


def parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of the package, workbooks within it opened too."""
    with ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            part = package.read(name)
            yield name, part
            if name.endswith(".xlsx"):
                yield from ((f"{name}/{inner}", held) for inner, held in parts(part))


def _box(shape: Any) -> tuple[int, int, int, int]:
    return shape.left, shape.top, shape.left + shape.width, shape.top + shape.height


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
