"""Stubborn: computes for ever, and never asks whether it should."""

from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Does not come back."""
    del document, options
    target.write(b"begun")
    target.flush()
    number = 0
    while True:
        number = (number + 1) % 1_000


FORMAT = Format("text/plain", render)
