"""One table as CSV, a thousand rows at a time; knows neither the file it goes into nor the other tables."""

import codecs
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from shared.document import Document, Table, clean_text
from shared.rendering._csv_columns import ColumnWriter, Tally, column_writers, guarded

_BATCH = 1_000  # rows written column by column


def write_table(
    table: Table, document: Document, write: Callable[[bytes], object], tally: Tally, *, with_bom: bool
) -> int:
    """Hands the records to `write`; how many rows there were. Where there is none, a record says so."""
    writers, count = column_writers(table.columns, document.zone, tally), 0
    if with_bom:
        write(codecs.BOM_UTF8)
    write(_record([column.label for column in table.columns]))
    source = iter(table.rows())
    while batch := list(islice(source, _BATCH)):
        count += len(batch)
        write(_records(batch, writers))
    if count == 0:
        write(_record([_empty_text(table, document), *[""] * (len(table.columns) - 1)]))
    return count


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


def _empty_text(table: Table, document: Document) -> str:
    said = table.empty_text or document.empty_text
    filters = "; ".join(f"{note.label}: {note.text}" for note in document.notes)
    return clean_text(f"{said} ({filters})" if filters else said)
