"""Pages and slides: 10,000 rows as PDF for a fifth of a headless browser's CPU and a twentieth of its memory.

Claims, for a table of 10 columns in several scripts with two charts, rows in memory, cleaning included: PDF of 10,000
rows takes at most 0.2 times the CPU and 0.05 times the memory that Chromium takes to print the same table, its whole
process tree counted; at most 200 MiB, the whole process counted, and for 20,000 rows at most 1.3 times those of 1,000;
for 20,000 rows at most 2.6 times the CPU of 10,000. A PPTX deck (title, six figures, four native charts, a table) takes
at most twice the CPU of bare python-pptx making the same slides. The figures stand in
`docs/explanation/performance.md`.

Command: `python -m bench pages`, ten minutes on two cores; with `--all` WeasyPrint also prints more than 5,000 rows in
one piece, which takes longer. Each file is written by a fresh process; the writers take turns, so that a busy machine
slows all of them; medians are compared. Chromium is counted from its start to its end, for no page is printed without
them; a page of 10 rows tells what they alone take. Its page is laid down as HTML before.
"""

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench._call_rows import call_rows
from bench._costs import Cost, Costs, middle, told
from bench._page_writers import PLACES, html
from bench._process_tree import cost_of_tree, meter_name

_MIB = 1 << 20
_ROOT = Path(__file__).resolve().parents[1]
_CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions"),
    "--disable-pdf-tagging",  # a third of its work, and our pages have no tags either
)
_LONGEST = 600.0  # seconds that one page may take to print
_START = 10  # rows: what is left is Chromium's own
_ROUNDS = {_START: 3, 1_000: 3, 5_000: 3, 10_000: 3, 20_000: 2}
_SMALL, _CLAIMED, _LARGEST = 1_000, 10_000, 20_000
_LABELS = {
    "pdf": "**ours, PDF**",
    "chromium": "Chromium, print to PDF",
    "weasyprint": "WeasyPrint, one document",
    "pptx": "**ours, PPTX**",
    "python-pptx": "python-pptx alone",
}
_PAGES, _SLIDES = ("pdf", "chromium", "weasyprint"), ("pptx", "python-pptx")
_SLIDE_ROWS, _SLIDE_ROUNDS = 12, 5
_LARGEST_IN_ONE_PIECE = 5_000  # rows
_MOST_CPU, _MOST_SHARE, _MOST_MEMORY = 0.2, 0.05, 200  # times Chromium's, times Chromium's, MiB
_FLAT, _LINEAR, _MOST_OF_BARE = 1.3, 2.6, 2.0
_AT_ONCE = 500  # rows packed together


def run(*, everything: bool = False) -> bool:
    """Measures, prints a table, and says whether every claim holds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        costs = _measured(Path(folder), everything=everything)
    print(f"pages: {len(PLACES)} columns, medians of at most {_SLIDE_ROUNDS} files, Python {sys.version.split()[0]}")
    print(f"{_version()}, its whole process tree counted by {meter_name()}\n")
    for line in _table(costs):
        print(line)
    return told(_claims(costs))


def run_all() -> bool:
    """The same with what takes longer."""
    return run(everything=True)


def _version() -> str:
    told = subprocess.run([_CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout
    return " ".join(told.split()[:2])


def _measured(folder: Path, *, everything: bool) -> Costs:
    _prepare(folder)
    taken: dict[tuple[int, str], list[Cost]] = {}
    for number in range(max(*_ROUNDS.values(), _SLIDE_ROUNDS)):
        for count, name in _turns(number, everything=everything):
            print(f"  round {number + 1}: {count:,} rows, {name}", file=sys.stderr, flush=True)
            taken.setdefault((count, name), []).append(_cost(folder, name, count))
    return {key: middle(costs) for key, costs in taken.items()}


def _turns(number: int, *, everything: bool) -> Iterator[tuple[int, str]]:
    """Rows and writers of a round, in their order."""
    for count in (count for count, rounds in _ROUNDS.items() if number < rounds):
        is_long = count > _LARGEST_IN_ONE_PIECE
        yield from ((count, name) for name in _PAGES if everything or not (is_long and name == "weasyprint"))
    yield from ((_SLIDE_ROWS, name) for name in _SLIDES)


def _prepare(folder: Path) -> None:
    """Lays down the rows, packed, and the page of each size."""
    rows = [tuple(row[place] for place in PLACES) for row in call_rows(max(_ROUNDS))]
    packed = [pickle.dumps(rows[start : start + _AT_ONCE]) for start in range(0, len(rows), _AT_ONCE)]
    (folder / "rows").write_bytes(pickle.dumps(packed))
    for count in _ROUNDS:
        (folder / f"{count}.html").write_text("".join(html(rows[:count])), encoding="utf-8")


def _cost(folder: Path, name: str, count: int) -> Cost:
    target = folder / "file"
    if name == "chromium":
        return _printed(folder, count, target)
    arguments = [name, str(count), str(folder / "rows"), str(target)]
    command = [sys.executable, "-m", "bench._one_document", *arguments]
    finished = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return Cost(**json.loads(finished.stdout))


def _printed(folder: Path, count: int, target: Path) -> Cost:
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        options = (*_FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}")
        took = cost_of_tree([_CHROMIUM, *options, (folder / f"{count}.html").as_uri()], _LONGEST)
    return Cost(took.cpu, took.wall, took.peak, target.stat().st_size)


def _table(costs: Costs) -> Iterator[str]:
    yield "| Rows | Writer | CPU s | × ours | Wall s | Memory, MiB | File, MiB |"
    yield "|--:|---|--:|--:|--:|--:|--:|"
    for count, names in [*((count, _PAGES) for count in _ROUNDS), (_SLIDE_ROWS, _SLIDES)]:
        for name in names:
            cost = costs.get((count, name))
            if cost is None:
                yield f"| {count:,} | {_LABELS[name]} | not run | | | | |"
                continue
            figures = f"{cost.cpu:.2f} | {cost.cpu / costs[count, names[0]].cpu:.1f} | {cost.wall:.2f}"
            yield f"| {count:,} | {_LABELS[name]} | {figures} | {cost.peak / _MIB:.0f} | {cost.size / _MIB:.2f} |"


def _claims(costs: Costs) -> Iterator[tuple[str, bool]]:
    """Each claim with its figure, and whether it holds."""
    ours, theirs = costs[_CLAIMED, "pdf"], costs[_CLAIMED, "chromium"]
    small, largest = costs[_SMALL, "pdf"], costs[_LARGEST, "pdf"]
    slides, bare = (costs[_SLIDE_ROWS, name] for name in _SLIDES)
    highest = max(costs[count, "pdf"].peak for count in _ROUNDS) / _MIB
    yield _most(f"PDF of {_CLAIMED:,} rows, CPU beside Chromium's", ours.cpu / theirs.cpu, _MOST_CPU)
    yield _most(f"PDF of {_CLAIMED:,} rows, memory beside Chromium's", ours.peak / theirs.peak, _MOST_SHARE)
    yield _most("PDF of any size, MiB of the whole process", highest, _MOST_MEMORY)
    yield _most(f"PDF of {_LARGEST:,} rows, memory beside {_SMALL:,}", largest.peak / small.peak, _FLAT)
    yield _most(f"PDF of {_LARGEST:,} rows, CPU beside {_CLAIMED:,}", largest.cpu / ours.cpu, _LINEAR)
    yield _most("PPTX, CPU beside python-pptx's", slides.cpu / bare.cpu, _MOST_OF_BARE)


def _most(claim: str, figure: float, ceiling: float) -> tuple[str, bool]:
    return f"{claim}: {figure:.3g}, at most {ceiling:.4g}", figure <= ceiling
