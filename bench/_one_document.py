"""`python -m bench._one_document WRITER ROWS BLOCKS TARGET`: writes one file and prints what it took, as JSON.

The rows lie in memory packed, a few hundred together, so that they weigh next to nothing; ten of them have been written
before anything is measured, so that imports are done. The memory told is that of the whole process.
"""

import gc
import json
import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench._page_writers import WRITERS
from shared.document import Row

_WARM_ROWS = 10
_PROCESS = Path("/proc/self")


def main(name: str, count: int, blocks: Path, target: Path) -> None:
    """Prints CPU and wall seconds, and the bytes of the file and of the memory at its highest."""
    packed: Sequence[bytes] = pickle.loads(blocks.read_bytes())  # noqa: S301 written by this very run
    WRITERS[name](islice(_rows(packed), _WARM_ROWS), target)
    gc.collect()
    (_PROCESS / "clear_refs").write_text("5")  # the highest memory begins anew
    cpu, wall = time.process_time(), time.perf_counter()
    WRITERS[name](islice(_rows(packed), count), target)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": _highest(), "size": target.stat().st_size}))


def _rows(packed: Sequence[bytes]) -> Iterator[Row]:
    for block in packed:
        yield from pickle.loads(block)  # noqa: S301 as above


def _highest() -> int:
    """Bytes."""
    lines = (_PROCESS / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
