"""PDF: designed first pages with tiles and charts, then every table drawn row by row; holds no table's rows in memory.

WeasyPrint lays out the first pages, Pango and cairo draw the tables, pikepdf joins both (`architecture.md`, "PDF, how
to draw").
"""

import gc
from collections.abc import Iterable
from contextlib import closing
from tempfile import TemporaryFile
from typing import BinaryIO

from shared.document import Document, Facts, Table, clean_text
from shared.rendering._model import Format, RenderOptions
from shared.rendering._pdf_canvas import Canvas, Place
from shared.rendering._pdf_cells import Manner, Tally
from shared.rendering._pdf_cover import cover
from shared.rendering._pdf_join import Drawn, Imprint, join
from shared.rendering._pdf_paper import colour
from shared.rendering._pdf_tables import Setting, draw_table

_LONGEST_TITLE = 500  # letters, in properties


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the pages; `target` need not be able to seek."""
    designed = cover(document, options, is_empty=_is_known_empty(document))
    gc.collect()  # the trees of layouts and charts are circles of 20 MiB, which would stay while tables are drawn
    with TemporaryFile() as file, closing(Canvas(file, top=designed.end)) as canvas:
        tally, places = Tally(), list[tuple[str, Place]]()
        setting = Setting(
            canvas, colour(options.brand.colour), Manner(document.zone, options.locale, tally), options.pictures
        )
        rows = _draw(document.tables, document, setting, places)
        facts = _facts(rows, tally)
        if options.include_metadata:
            _draw(document.closing(facts), document, setting, places, on_new_page=True)
        drawn = Drawn(file, canvas.finish(), places)
        join(designed.file, drawn=drawn, imprint=_imprint(document, options), target=target)
    return facts


FORMAT = Format(content_type="application/pdf", render=render, is_paged=True)


def _draw(
    tables: Iterable[Table],
    document: Document,
    setting: Setting,
    places: list[tuple[str, Place]],
    *,
    on_new_page: bool = False,
) -> dict[str, int]:
    """Draws tables one after another; the rows of each by its name."""
    counts = {}
    for table in tables:
        empty_text = clean_text(table.empty_text or document.empty_text)
        counts[table.name], place = draw_table(table, setting, empty_text, on_new_page=on_new_page)
        places.append((table.name, place))
    return counts


def _facts(rows: dict[str, int], tally: Tally) -> Facts:
    return Facts(
        "pdf",
        rows,
        dropped_links=tally.dropped_links,
        odd_values=tally.odd_values,
        photos_left_out=tally.photos_left_out,
        photos_unshown=tally.photos_unshown,
    )


def _is_known_empty(document: Document) -> bool:
    """Whether the main table, or every part of it, says that it has no rows."""
    parts = [table for table in document.tables if table.is_main] or [document.main]
    return all((table.count() if callable(table.count) else table.count) == 0 for table in parts)


def _imprint(document: Document, options: RenderOptions) -> Imprint:
    return Imprint(
        title=clean_text(document.title, _LONGEST_TITLE),
        dates=clean_text(document.subtitle, _LONGEST_TITLE),
        product=options.product_name,
        version=options.product_version,
        language=document.language,
        made_at=document.generated_at,
        brand=colour(options.brand.colour),
    )
