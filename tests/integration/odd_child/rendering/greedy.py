"""Greedy: takes more memory every moment."""

import time
from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._model import Format, RenderOptions

_MIB = 1 << 20


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Comes back if it is let to take 2 GiB."""
    del options, target
    taken = []
    for _ in range(200):
        taken.append(b"x" * 10 * _MIB)
        time.sleep(0.02)
    return Facts("greedy", {document.main.name: len(taken)})


FORMAT = Format("text/plain", render)
