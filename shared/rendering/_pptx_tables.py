"""The slides with the first rows of a report's main table, native and editable; reads no more rows than it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from pptx.slide import Slide

from shared.document import Column, Kind, Row, Table, clean_text
from shared.rendering._page_text import page_text
from shared.rendering._pptx_deck import BODY, GREY, TABLE, Deck, say_below
from shared.rendering._pptx_table_fit import fit
from shared.rendering._pptx_table_frame import add_frame
from shared.rendering._slides_fit import cut_to_width, one_line
from shared.rendering._slides_shapes import Paragraph, Run, add_text

SHOWN = 15  # rows of a table (reports.md §4)
_MOST_SIGNS = 1_000  # of a cell or a heading: more than any has room for
_MOST_FILTERS, _FILTER = 12, 14.0  # lines of an empty result, and their size


def add_table(deck: Deck, table: Table) -> tuple[Slide, int]:
    """Adds the table's slide; the slide, and how many rows the table has."""
    rows, count = _first_rows(table)
    columns = _shown_columns(table)
    slide = deck.add(TABLE, one_line(table.name), "")
    place = slide.placeholders[13]
    place._element.getparent().remove(place._element)  # noqa: SLF001 # a placeholder has no other way to go
    if not rows:
        _say_empty(deck, slide, table)
        return slide, count
    texts = [[_text(deck, row[index], table.columns[index]) for index in columns] for row in rows]
    headed = [
        replace(table.columns[index], label=clean_text(table.columns[index].label)[:_MOST_SIGNS]) for index in columns
    ]
    fitted = fit(headed, texts, BODY.width, BODY.height)
    kept = columns[: len(fitted.widths)]
    say_below(slide, _told(deck, len(rows), count, (len(kept), len(table.columns))))
    add_frame(slide, table.name, fitted, headed[: len(kept)], [[row[index] for index in kept] for row in rows])
    return slide, count


def count_rows(table: Table) -> int:
    """How many rows the table has, read only where nobody else counts them."""
    return _first_rows(table)[1] if table.count is None else _known(table) or 0


def _known(table: Table) -> int | None:
    return table.count() if callable(table.count) else table.count


def _first_rows(table: Table) -> tuple[Sequence[Row], int]:
    """The rows to show and the number of all; those that are not shown are read only where nobody else counts them."""
    known = _known(table)
    source: Any = iter(table.rows())
    try:
        rows = list(islice(source, SHOWN))
        if len(rows) < SHOWN:
            return rows, len(rows)
        return rows, len(rows) + sum(1 for _ in source) if known is None else known
    finally:
        if hasattr(source, "close"):
            source.close()  # a stream that is not read to its end stands in the next statement's way


def _shown_columns(table: Table) -> list[int]:
    wanted = table.page_columns or tuple(column.key for column in table.columns)
    places: Mapping[str, int] = {column.key: place for place, column in enumerate(table.columns)}
    return [places[key] for key in wanted]


def _text(deck: Deck, cell: Any, column: Column) -> str:
    return one_line(page_text(cell, column, deck.document.zone, deck.options.locale))[:_MOST_SIGNS]


def _told(deck: Deck, shown: int, count: int, columns: tuple[int, int]) -> str:
    rows = f"first {shown} of {_whole(deck, count)} rows" if shown < count else _counted(shown)
    parts = [deck.about, rows]
    if columns[0] < columns[1]:
        parts.append(f"{columns[0]} of {columns[1]} columns")
    if shown < count or columns[0] < columns[1]:
        parts.append("the full set is in XLSX and CSV")
    return " · ".join(parts)


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"all {rows} rows"


def _whole(deck: Deck, number: int) -> str:
    return page_text(number, Column("", "", Kind.INTEGER), deck.document.zone, deck.options.locale)


def _say_empty(deck: Deck, slide: Slide, table: Table) -> None:
    """An empty result says so, and lists the filters that made it empty."""
    say_below(slide, f"{deck.about} · no rows")
    said = table.empty_text or deck.document.empty_text
    notes = deck.document.notes
    lines = [f"{note.label}: {note.text}" for note in notes[:_MOST_FILTERS]]
    paragraphs = [Paragraph((Run(one_line(said), 24, is_bold=True, colour="tx2"),))]
    for line in lines:
        shown = cut_to_width(line, _FILTER, BODY.width)
        paragraphs.append(Paragraph((Run(shown, _FILTER, colour=GREY),), 8))
    add_text(slide, "Empty result", BODY, paragraphs)
