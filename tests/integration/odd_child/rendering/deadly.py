"""Deadly: its process is killed while it writes."""

import os
import signal
from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Leaves half a file."""
    del options
    target.write(b"half")
    target.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    return Facts("deadly", {document.main.name: 0})


FORMAT = Format("text/plain", render)
