"""CSV: the main table as RFC 4180 text in UTF-8, instants in ISO 8601 with offset; text can never become a formula."""

import codecs
from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO

from shared.document import Document, Facts, clean_text
from shared.rendering._csv_columns import ColumnWriter, Tally, column_writers, guarded
from shared.rendering._model import Format, RenderOptions

_BATCH = 1_000  # rows written column by column


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the main table; an empty one says so in its first record and lists the filters."""
    table, tally, count = document.main, Tally(), 0
    writers = column_writers(table.columns, document.zone, tally)
    if options.csv_bom:
        target.write(codecs.BOM_UTF8)
    target.write(_record([column.label for column in table.columns]))
    source = iter(table.rows())
    while batch := list(islice(source, _BATCH)):
        count += len(batch)
        target.write(_records(batch, writers))
    if count == 0:
        target.write(_record([_empty_text(document), *[""] * (len(table.columns) - 1)]))
    return Facts("csv", {table.name: count}, odd_values=tally.odd_values)


FORMAT = Format(content_type="text/csv; charset=utf-8", render=render)


def _records(rows: Sequence[Sequence[Any]], writers: Sequence[ColumnWriter]) -> bytes:
    texts = [write(cells) for write, cells in zip(writers, zip(*rows, strict=True), strict=True)]
    return _joined(texts)


def _record(texts: Sequence[str]) -> bytes:
    return _joined([guarded([text]) for text in texts])


def _joined(columns: Sequence[Sequence[str]]) -> bytes:
    """Records of quoted texts; where an empty one stands alone, it is quoted too, or no reader sees a record."""
    alone = len(columns) == 1
    records = [text or '""' for text in columns[0]] if alone else map(",".join, zip(*columns, strict=True))
    return b"\r\n".join([*map(str.encode, records), b""])  # by records: most are ASCII, which is quick


def _empty_text(document: Document) -> str:
    filters = "; ".join(f"{note.label}: {note.text}" for note in document.notes)
    return clean_text(f"{document.empty_text} ({filters})" if filters else document.empty_text)
