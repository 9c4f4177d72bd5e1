"""PDF files that cannot be finished: a full disk and a cancelled job end the render as they are; nothing is left."""

import errno
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.document import Column, Row, Table
from shared.errors import JobCancelled
from shared.rendering._pdf_canvas import Canvas
from tests.integration.pdf_files import document, rendered

_HEAVY = ("weasyprint", "matplotlib", "cairocffi", "pangocffi", "pikepdf", "PIL")


class _FullDisk(io.BytesIO):
    def write(self, _: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told() -> None:
    """The error of the file that pages go to is raised as it is, with its number, though cairo loses it."""
    canvas = Canvas(_FullDisk())
    canvas.fill((0, 0, 0), [(0, 0, 10, 10)])
    with pytest.raises(OSError, match="No space") as failed:
        canvas.finish()
    assert failed.value.errno == errno.ENOSPC
    canvas.close()


def test_a_cancelled_render_ends_at_once() -> None:
    """What the rows raise comes through, and no row after it is asked for."""
    asked = []

    def rows() -> Iterator[Row]:
        for number in range(10_000):
            if number == 300:
                raise JobCancelled
            asked.append(number)
            yield (f"row {number}",)

    with pytest.raises(JobCancelled):
        rendered(document(Table("Calls", (Column("k", "K"),), rows, is_main=True)))
    assert len(asked) == 300


def test_the_format_is_known_without_its_libraries() -> None:
    """Asking what a PDF is, as every request does, loads none of the libraries that draw it."""
    code = "import sys; from shared.rendering import find_format; find_format('pdf'); print(*sys.modules)"
    root = Path(__file__).parents[2]
    loaded = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert {name.partition(".")[0] for name in loaded.split()} & set(_HEAVY) == set()
