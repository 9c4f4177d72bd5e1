"""The deck of a report: title, key figures, a slide for each chart, the main table; loaded only to make one."""

from collections.abc import Sequence
from typing import BinaryIO

from shared.document import Chart, Document, Facts, Row, Table
from shared.rendering._model import RenderOptions
from shared.rendering._pptx_brand import put_brand
from shared.rendering._pptx_deck import BODY, CHART, GREY, Deck, add_notes
from shared.rendering._pptx_tables import add_table, count_rows
from shared.rendering._pptx_tiles import add_tiles
from shared.rendering._pptx_title import add_title
from shared.rendering._slides_charts import has_values, put_chart
from shared.rendering._slides_package import REPORT_TEMPLATE, describe, open_template, write
from shared.rendering._slides_shapes import Paragraph, Run, add_text

_MOST_TABLES = 10  # slides of a main table that comes in parts


def write_deck(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the deck; says how many rows the main table has, of which the first ones are shown."""
    deck = Deck(open_template(REPORT_TEMPLATE), document, options)
    describe(deck.presentation, document, options)
    put_brand(deck.presentation, options)
    add_title(deck)
    add_tiles(deck)
    for chart in document.charts if options.include_charts else ():
        _add_chart(deck, chart)
    facts = _add_tables(deck)
    deck.add_feet()
    write(deck.presentation, target)
    return facts


def _add_chart(deck: Deck, chart: Chart) -> None:
    slide = deck.add(CHART, chart.title, chart.description or deck.about)
    place = slide.placeholders[13]
    if has_values(chart):
        put_chart(slide, place, chart)
    else:
        place._element.getparent().remove(place._element)  # noqa: SLF001 # a placeholder has no other way to go
        add_text(slide, "Empty chart", BODY, [Paragraph((Run("Nothing to draw", 24, colour=GREY),))])
    add_notes(slide, [f"{chart.title}: {chart.description}" if chart.description else chart.title, deck.about])


def _add_tables(deck: Deck) -> Facts:
    document = deck.document
    parts = [table for table in document.tables if table.is_main] or [document.main]
    made = [add_table(deck, table) for table in parts[:_MOST_TABLES]]
    counts = [count for _, count in made] + [count_rows(table) for table in parts[_MOST_TABLES:]]
    facts = Facts("pptx", {table.name: count for table, count in zip(parts, counts, strict=True)})
    if left_out := len(parts) - len(made):
        last = made[-1][0].placeholders[12].text_frame
        last.text = f"{last.text} · {left_out} more tables are in XLSX and CSV"
    lines = _lines(document.closing(facts)) if deck.options.include_metadata else []
    for slide, _ in made:
        add_notes(slide, lines or _scope(deck))
    return facts


def _lines(tables: Sequence[Table]) -> list[str]:
    """Export Info as lines: filters, exclusions, formulas."""
    return [_line(row) for table in tables for row in table.rows()]


def _line(row: Row) -> str:
    return ": ".join(str(cell) for cell in row)


def _scope(deck: Deck) -> list[str]:
    return [deck.about, *(f"{note.label}: {note.text}" for note in deck.document.notes)]
