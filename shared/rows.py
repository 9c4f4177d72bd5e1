"""The one place that gets between a table's rows and whoever draws them: cleaning, counting, progress and cancelling.

No report and no format knows of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from shared.document import Document, Facts, Row, Table, cleaned
from shared.ports import Meter

_REPORTED_AT_ONCE = 500


@dataclass
class RowCounts:
    """Rows drawn so far and texts that were cut in them, by table."""

    by_table: dict[str, int] = field(default_factory=dict)
    cut_by_table: dict[str, int] = field(default_factory=dict)

    @property
    def cut_texts(self) -> int:
        """Texts and links of all tables that were longer than a cell can be."""
        return sum(self.cut_by_table.values())


def metered(document: Document, meter: Meter) -> tuple[Document, RowCounts]:
    """The same document, whose rows come clean, are counted, and tell `meter` of every few hundred of them.

    Its `closing` is told how many texts were cut, which no format has to count, and gives clean tables.
    """
    counts = RowCounts()

    def closing(facts: Facts) -> Sequence[Table]:
        told = replace(facts, cut_texts=counts.cut_texts)
        return [_clean(table) for table in document.closing(told)]

    drawn = document.with_tables(lambda table: _metered(table, meter, counts))
    return replace(drawn, closing=closing), counts


def _metered(table: Table, meter: Meter, counts: RowCounts) -> Table:
    def on_cut() -> None:
        counts.cut_by_table[table.name] += 1

    def rows() -> Iterator[Row]:
        source = cleaned(table.rows(), table.columns, on_cut)
        counts.by_table[table.name] = counts.cut_by_table[table.name] = 0
        while batch := list(islice(source, _REPORTED_AT_ONCE)):
            counts.by_table[table.name] += len(batch)
            meter.advance(len(batch))
            yield from batch

    return table.with_rows(rows)


def _clean(table: Table) -> Table:
    return table.with_rows(lambda: cleaned(table.rows(), table.columns))


def known_total(document: Document) -> int | None:
    """Rows of all tables together where every table knows its count, else None."""
    counts = [table.count() if callable(table.count) else table.count for table in document.tables]
    return None if None in counts else sum(count for count in counts if count is not None)
