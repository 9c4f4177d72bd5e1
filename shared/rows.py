"""The one place that gets between a table's rows and whoever draws them: cleaning, counting, progress and cancelling.

No report and no format knows of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from shared.document import Document, Row, Table, cleaned
from shared.ports import Meter

_REPORTED_AT_ONCE = 500


@dataclass
class RowCounts:
    """Rows drawn so far, by table."""

    by_table: dict[str, int] = field(default_factory=dict)


def metered(document: Document, meter: Meter) -> tuple[Document, RowCounts]:
    """The same document, whose rows come clean, are counted, and tell `meter` of every few hundred of them."""
    counts = RowCounts()
    return document.with_tables(lambda table: _metered(table, meter, counts)), counts


def _metered(table: Table, meter: Meter, counts: RowCounts) -> Table:
    def rows() -> Iterator[Row]:
        source = cleaned(table.rows(), table.columns)
        counts.by_table[table.name] = 0
        while batch := list(islice(source, _REPORTED_AT_ONCE)):
            counts.by_table[table.name] += len(batch)
            meter.advance(len(batch))
            yield from batch

    return table.with_rows(rows)


def known_total(document: Document) -> int | None:
    """Rows of all tables together where every table knows its count, else None."""
    counts = [table.count() if callable(table.count) else table.count for table in document.tables]
    return None if None in counts else sum(count for count in counts if count is not None)
