"""JSON Lines: the main table, one JSON object a line, keyed by the columns' machine keys; draws no charts."""

import json
from typing import BinaryIO

from shared.document import Document, Facts, Link
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes one line per row."""
    del options
    table, rows = document.main, 0
    keys = [column.key for column in table.columns]
    for row in table.rows():
        line = json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False, default=_text)
        target.write(f"{line}\n".encode())
        rows += 1
    return Facts("jsonl", {table.name: rows})


def _text(cell: object) -> str:
    return cell.text if isinstance(cell, Link) else str(cell)


FORMAT = Format(content_type="application/jsonl", render=render)
