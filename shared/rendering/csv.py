"""CSV: the main table as RFC 4180 text in UTF-8, instants in ISO 8601 with offset; text can never become a formula.

Every sheet at once is a zip of such files (`_csv_bundle.py`).
"""

from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._csv_bundle import BUNDLE
from shared.rendering._csv_columns import Tally
from shared.rendering._csv_table import write_table
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the main table; an empty one says so in its first record and lists the filters."""
    table, tally = document.main, Tally()
    count = write_table(table, document, target.write, tally, with_bom=options.csv_bom)
    return Facts("csv", {table.name: count}, odd_values=tally.odd_values)


FORMAT = Format(content_type="text/csv; charset=utf-8", render=render, bundle=BUNDLE)
