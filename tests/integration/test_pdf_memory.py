"""Memory of a PDF of many rows (R12): under 200 MiB in a process of its own, and no more for many rows than for few."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MOST = 200  # MiB
_GROWTH = 30  # MiB from 1,000 to 20,000 rows
_DRAWN = """
import re, sys
from datetime import UTC, date, datetime, timedelta
from tests.integration.pdf_files import NOW, document
from shared.document import Chart, ChartKind, Column, Kind, Series, Table
from shared.rendering import RenderOptions, find_format

count = int(sys.argv[1])
columns = tuple(Column(f"k{place}", f"Column {place}") for place in range(7))
columns += (Column("d", "Day", Kind.DATE), Column("t", "Time", Kind.DATE_TIME), Column("n", "Minutes", Kind.MINUTES))
names = ("Cedar Bank", "Birch Bank", "\\u0928\\u092e\\u0938\\u094d\\u0924\\u0947")

def rows():
    for row in range(count):
        texts = (f"C-{row:06}", *(f"{names[(row + place) % 3]} {row}" for place in range(6)))
        yield *texts, date(2026, 3, 1 + row % 28), NOW + timedelta(seconds=row), row / 7

chart = Chart("c", "Calls", ChartKind.BAR, ("a", "b"), (Series("s", (1, 2)),))
made = document(Table("Calls", columns, rows, count=count, is_main=True), charts=(chart,))
with open(sys.argv[2], "wb") as target:
    find_format("pdf").render(made, RenderOptions(), target)
with open("/proc/self/status") as status:  # the kernel's other count begins at what the parent had
    print(int(re.search("VmHWM:\\s*([0-9]+)", status.read())[1]) // 1024)
"""


def test_memory_is_small_and_flat(tmp_path: Path) -> None:
    """A file of 20,000 rows of ten columns needs less than 200 MiB, and hardly more than one of 1,000."""
    few, many = (_peak(count, tmp_path / f"{count}.pdf") for count in (1_000, 20_000))
    assert many < _MOST
    assert many - few < _GROWTH


def _peak(count: int, target: Path) -> int:
    """MiB of a process that draws so many rows."""
    command = [sys.executable, "-c", _DRAWN, str(count), str(target)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)
