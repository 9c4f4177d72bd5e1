"""Noisy: as CSV, from a library that prints."""

import os
import subprocess
from typing import BinaryIO

from shared.document import Document, Facts
from shared.rendering import csv
from shared.rendering._model import Format, RenderOptions


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Talks on standard output in every way there is, on the way."""
    print('{"done": "python"}', flush=True)  # noqa: T201 this is what it is for
    os.write(1, b'{"done": "descriptor"}\n')
    subprocess.run(["echo", '{"done": "program"}'], check=True)
    return csv.render(document, options, target)


FORMAT = Format("text/csv", render)
