"""The golden files' references: where they lie, how a new file is compared with them, and how they are renewed.

`python -m tests.golden.references` renews them and says which have changed; a person looks at the change before it is
committed.
"""

import sys
import tempfile
from collections.abc import Mapping
from difflib import unified_diff
from io import BytesIO
from itertools import islice
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

from tests.golden.readable import pages_of, text_of
from tests.golden.world import CASES, Case, golden_files, make

FOLDER = Path(__file__).parent / "expected"
_RENEW = "`make golden` renews the references"
_LONGEST_MESSAGE = 60  # lines
# Of 255: how far grey may be off on the average, and from where on a dot counts as another; then how many may be.
_MEAN, _OTHER, _SHARE = 1.0, 40, 0.004


def text_name(case: Case) -> str:
    """How the text of a file is called."""
    return case.name if case.name.endswith(".csv") else f"{case.name}.txt"


def page_names(case: Case) -> list[str]:
    """How the pages that are kept of a PDF are called, in their order."""
    return sorted(path.name for path in FOLDER.glob(f"{case.name}-*.png"))


def references(case: Case, file: Path) -> Mapping[str, bytes]:
    """What is kept of a file, by its name in the folder: its text, and of a PDF its first pages."""
    kept = {text_name(case): text_of(file).encode()}
    if case.format == "pdf":
        for number, page in enumerate(pages_of(file), 1):
            buffer = BytesIO()
            page.save(buffer, "PNG", optimize=True)
            kept[f"{case.name}-{number}.png"] = buffer.getvalue()
    return kept


def text_change(expected: str, found: str, name: str) -> str:
    """The first lines that differ; empty where none does."""
    if expected == found:
        return ""
    lines = unified_diff(expected.split("\n"), found.split("\n"), f"{name}, as kept", f"{name}, now", "", "", 2, "")
    return "\n".join([f"{name} has changed; {_RENEW}", *islice(lines, _LONGEST_MESSAGE)])


def page_change(expected: Image.Image, found: Image.Image, name: str) -> str:
    """How far a page looks other than before; empty where a person would not see it.

    Both are blurred a little first, so that letters may stand a fraction of a dot elsewhere: versions of fonts differ.
    """
    if expected.size != found.size:
        return f"{name} is {found.size} dots large instead of {expected.size}; {_RENEW}"
    blur = ImageFilter.BoxBlur(1)
    apart = ImageChops.difference(expected.filter(blur), found.filter(blur))
    mean, share = ImageStat.Stat(apart).mean[0], sum(apart.histogram()[_OTHER:]) / (apart.width * apart.height)
    if mean <= _MEAN and share <= _SHARE:
        return ""
    return f"{name} looks otherwise: grey is {mean:.2f} of 255 off, {share:.2%} of the dots are others; {_RENEW}"


def renew() -> list[str]:
    """Makes every file and writes what is kept of it; gives the names that were added, changed or dropped."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, golden_files() as files:
        made = {
            name: content
            for case in CASES
            for name, content in references(case, make(files, case, Path(folder))).items()
        }
    old = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in {".txt", ".csv", ".png"}}
    for name in old.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)
    return sorted(name for name in old.keys() | made.keys() if old.get(name) != made.get(name))


if __name__ == "__main__":
    sys.stdout.write("\n".join(renew() or ["Nothing has changed."]) + "\n")
