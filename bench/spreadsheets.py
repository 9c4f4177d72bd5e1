"""Spreadsheets: 100,000 styled rows of 30 columns cost less CPU than the bare XML that they are made of.

Claims, for 100,000 rows of Call Details in memory, cleaning included: XLSX takes at most 0.75 times the CPU of a bare
streaming writer at zlib level 6, a sixth of exceljs's and an eighth of openpyxl's streaming modes, and at most 80 MiB
above the idle process, as much for 1,000,000 rows; CSV at most 1.3 times the CPU of Python's csv module writing the
same texts. The figures stand in `docs/explanation/performance.md`.

Command: `python -m bench spreadsheets`, ten minutes on two cores; with `--all` also what takes longer. Each file is
written by a fresh process; the writers take turns, so that a busy machine slows all of them; medians are compared.
"""

import csv
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench._call_rows import ZONE, call_rows
from bench._costs import Cost, Costs, middle, told
from bench._writers import WRITERS
from shared.document import Link, Row
from shared.reports._call_rows import COLUMNS

_MIB = 1 << 20
_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = {1_000: 3, 10_000: 3, 100_000: 3, 1_000_000: 1}
_CLAIMED, _LARGEST = 100_000, 1_000_000
_LABELS = {
    "xlsx": "**ours, XLSX**",
    "floor": "bare XML, zlib 6, unstyled (the floor)",
    "xlsxwriter": "XlsxWriter, constant memory",
    "exceljs": "exceljs, streaming",
    "openpyxl": "openpyxl, write-only, shared styles",
    "csv": "**ours, CSV**",
    "csv-module": "csv module, texts formatted before",
}
_MOST_OF_FLOOR, _LEAST_OF_EXCELJS, _LEAST_OF_OPENPYXL, _MOST_OF_CSV_MODULE = 0.75, 6, 8, 1.3  # times the CPU
_MOST_MEMORY, _FLAT = 80, 10  # MiB
_SLOW = {"xlsxwriter", "exceljs", "openpyxl"}  # fewer rounds, and not at the largest size unless asked for
_SLOW_ROUNDS = 2


def run(*, everything: bool = False) -> bool:
    """Measures, prints a table, and says whether every claim holds."""
    if not (_ROOT / "bench/exceljs/node_modules").exists():
        raise SystemExit("spreadsheets: exceljs is not there; `make bench` installs it")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        costs = _measured(Path(folder), everything=everything)
    print(f"spreadsheets: {len(COLUMNS)} columns, medians of at most 3 files, Python {sys.version.split()[0]}\n")
    for line in _table(costs):
        print(line)
    return told(_claims(costs))


def run_all() -> bool:
    """The same with what takes longer than ten minutes."""
    return run(everything=True)


def _measured(folder: Path, *, everything: bool) -> Costs:
    _prepare(folder)
    taken: dict[tuple[int, str], list[Cost]] = {}
    for number in range(max(_ROUNDS.values())):
        for count in (count for count, rounds in _ROUNDS.items() if number < rounds):
            for name in _LABELS if everything else _soon(count, number):
                print(f"  round {number + 1}: {count:,} rows, {name}", file=sys.stderr, flush=True)
                taken.setdefault((count, name), []).append(_cost(folder, name, count))
    return {key: middle(costs) for key, costs in taken.items()}


def _soon(count: int, number: int) -> list[str]:
    """The writers of a round that keeps the whole within ten minutes."""
    is_long = count >= _LARGEST or (count >= _CLAIMED and number >= _SLOW_ROUNDS)
    return [name for name in _LABELS if not (is_long and name in _SLOW)]


def _prepare(folder: Path) -> None:
    """Lays down the rows of each size, as Python, JSON and texts; the largest size repeats those of the claimed one."""
    rows = call_rows(_CLAIMED)
    for count in (count for count in _ROUNDS if count <= _CLAIMED):
        target = folder / f"{count}.csv"
        WRITERS["csv"](iter(rows[:count]), target)
        with target.open(encoding="utf-8-sig", newline="") as file:
            texts = list(csv.reader(file))[1:]
        (folder / f"{count}.rows").write_bytes(pickle.dumps(rows[:count]))
        (folder / f"{count}.texts").write_bytes(pickle.dumps(texts))
        (folder / f"{count}.json").write_text(json.dumps(_json_table(rows[:count])), encoding="utf-8")


def _json_table(rows: Sequence[Row]) -> Mapping[str, Any]:
    columns = [{"label": column.label, "kind": column.kind.value} for column in COLUMNS]
    return {"columns": columns, "rows": [[_json_cell(cell) for cell in row] for row in rows]}


def _json_cell(cell: Any) -> Any:
    """The cell as exceljs takes it: the clock's reading as if it were UTC's, links as objects."""
    if isinstance(cell, datetime):
        return cell.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    return {"text": cell.text, "hyperlink": cell.url} if isinstance(cell, Link) else cell


def _cost(folder: Path, name: str, count: int) -> Cost:
    held, target = min(count, _CLAIMED), folder / "file"
    if name == "exceljs":
        block = folder / f"{held}.json"
        command = ["node", "--expose-gc", str(_ROOT / "bench/exceljs/write.js"), str(count), str(block), str(target)]
    else:
        block = folder / f"{held}.{'texts' if name == 'csv-module' else 'rows'}"
        command = [sys.executable, "-m", "bench._one_file", name, str(count), str(block), str(target)]
    finished = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return Cost(**json.loads(finished.stdout))


def _table(costs: Costs) -> Iterator[str]:
    yield "| Rows | Writer | CPU s | × ours | Wall s | Memory above idle, MiB | File, MiB |"
    yield "|--:|---|--:|--:|--:|--:|--:|"
    for count in _ROUNDS:
        for name, label in _LABELS.items():
            cost = costs.get((count, name))
            if cost is None:
                yield f"| {count:,} | {label} | not run | | | | |"
                continue
            ours = costs[count, "csv" if name.startswith("csv") else "xlsx"].cpu
            figures = f"{cost.cpu:.2f} | {cost.cpu / ours:.2f} | {cost.wall:.2f}"
            yield f"| {count:,} | {label} | {figures} | {cost.peak / _MIB:.0f} | {cost.size / _MIB:.1f} |"


def _claims(costs: Costs) -> Iterator[tuple[str, bool]]:
    """Each claim with its figure, and whether it holds."""
    cpu = {name: costs[_CLAIMED, name].cpu for name in _LABELS}
    peak, largest = (costs[count, "xlsx"].peak / _MIB for count in (_CLAIMED, _LARGEST))
    yield _most("XLSX, CPU beside the floor's", cpu["xlsx"] / cpu["floor"], _MOST_OF_FLOOR)
    yield _least("exceljs, CPU beside ours", cpu["exceljs"] / cpu["xlsx"], _LEAST_OF_EXCELJS)
    yield _least("openpyxl, CPU beside ours", cpu["openpyxl"] / cpu["xlsx"], _LEAST_OF_OPENPYXL)
    yield _most("XLSX, MiB above idle", peak, _MOST_MEMORY)
    yield _most(f"XLSX, MiB above idle for {_LARGEST:,} rows", largest, min(_MOST_MEMORY, peak + _FLAT))
    yield _most("CSV, CPU beside the csv module's", cpu["csv"] / cpu["csv-module"], _MOST_OF_CSV_MODULE)


def _most(claim: str, figure: float, ceiling: float) -> tuple[str, bool]:
    return f"{claim}: {figure:.2f}, at most {ceiling:.4g}", figure <= ceiling


def _least(claim: str, figure: float, ground: float) -> tuple[str, bool]:
    return f"{claim}: {figure:.2f}, at least {ground:.4g}", figure >= ground
