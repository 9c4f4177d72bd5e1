"""PPTX: title, key figures, native charts and the first rows of the main table; holds no more rows than it shows."""

from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes the deck; the facts tell the whole main table's rows, of which the slide says how many it shows."""
    from shared.rendering._pptx_report import write_deck

    return write_deck(document, options, target)


FORMAT = Format(content_type="application/vnd.openxmlformats-officedocument.presentationml.presentation", render=render)
