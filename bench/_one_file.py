"""`python -m bench._one_file WRITER ROWS BLOCK TARGET`: writes one file and prints what it took, as JSON.

The rows are in memory before anything is measured, and ten of them have been written, so that imports are done. Where
the block is shorter than ROWS it is repeated, which takes no memory.
"""

import gc
import json
import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from bench._writers import WRITERS

_WARM_ROWS = 10
_PROCESS = Path("/proc/self")


def main(name: str, count: int, block: Path, target: Path) -> None:
    """Prints CPU and wall seconds, and the bytes of the file and of the memory at its highest above the idle one."""
    with block.open("rb") as file:
        rows: Sequence[Any] = pickle.load(file)  # noqa: S301 written by this very run
    WRITERS[name](iter(rows[:_WARM_ROWS]), target)
    gc.collect()
    gc.freeze()  # rows in memory would make every collection longer, which no job knows
    (_PROCESS / "clear_refs").write_text("5")  # the highest memory begins anew
    idle, cpu, wall = _memory("VmRSS"), time.process_time(), time.perf_counter()
    WRITERS[name](_repeated(rows, count), target)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = _memory("VmHWM") - idle
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": peak, "size": target.stat().st_size}))


def _repeated(rows: Sequence[Any], count: int) -> Iterator[Any]:
    return islice(chain.from_iterable(repeat(rows)), count)


def _memory(name: str) -> int:
    """Bytes."""
    lines = (_PROCESS / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
