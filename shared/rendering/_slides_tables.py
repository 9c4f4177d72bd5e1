"""Fills a template's table: rows are made after its first one below the heading, and keep its look; draws none."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from shared.rendering._slides_shapes import EMU
from shared.rendering._slides_text import put_lines


def fill_rows(table: Any, rows: Sequence[Sequence[str]]) -> None:
    """Replaces the rows below the heading; without rows, none is left.

    Raises:
        ValueError: a row has not as many texts as the table has columns.

    """
    model = first_row(table)._tr  # noqa: SLF001 # the library has no way to add a row
    start = _start(table)
    for old in [row._tr for row in table.rows][start:]:  # noqa: SLF001 # as above
        if old is not model:
            old.getparent().remove(old)
    for _ in rows:
        model.addprevious(deepcopy(model))
    model.getparent().remove(model)
    for place, texts in enumerate(rows, start=start):
        for cell, text in zip(table.rows[place].cells, texts, strict=True):
            put_lines(cell, text.split("\n"))


def first_row(table: Any) -> Any:
    """The first row below the heading; the only one where there is no other."""
    return table.rows[_start(table)]


def body_height(frame: Any) -> float:
    """Points below the heading, within the height that the template gave the table."""
    heading: float = sum(row.height.pt for row in list(frame.table.rows)[: _start(frame.table)])
    height: float = frame.height / EMU
    return height - heading


def column_widths(table: Any) -> list[float]:
    """Points of each column."""
    return [column.width / EMU for column in table.columns]


def _start(table: Any) -> int:
    return 1 if table.first_row and len(table.rows) > 1 else 0
