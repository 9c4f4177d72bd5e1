"""Faulty: has a fault of ours."""

from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Never writes."""
    del document, options, target
    raise LookupError("what the log has to tell")


FORMAT = Format("text/plain", render)
