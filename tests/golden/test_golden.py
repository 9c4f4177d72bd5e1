"""Every report in every format is what it was when a person last looked at it; `make golden` renews what is kept."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops

from dev.sample_files import NOON
from shared.document import Column, Document, Table
from shared.rendering import RenderOptions, find_format
from tests.golden.glyphs import boxes
from tests.golden.readable import pages_of, text_of
from tests.golden.references import FOLDER, page_change, page_names, text_change, text_name
from tests.golden.world import CASES, Case, golden_files, make

ROOT = Path(__file__).resolve().parents[2]
PAGED = [case for case in CASES if case.format == "pdf"]
NO_LETTER = "\u0378"  # a number that Unicode gives to no letter

Made = Callable[[Case], Path]


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The file of a case; each is made once."""
    folder = tmp_path_factory.mktemp("golden")
    with golden_files() as files:

        def made(case: Case) -> Path:
            file = folder / case.name
            return file if file.exists() else make(files, case, folder)

        yield made


@pytest.fixture(name="elsewhere", scope="module")
def _elsewhere() -> Iterator[subprocess.Popen[str]]:
    """Another process, with another order of sets, which makes all files meanwhile."""
    command = [sys.executable, "-m", "tests.golden.world"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.usefixtures("elsewhere")
def test_content_is_as_before(case: Case, made: Made) -> None:
    """What the file says, and for packages how each part says it, is what is kept."""
    expected = (FOLDER / text_name(case)).read_bytes().decode()
    assert text_change(expected, text_of(made(case)), case.name) == ""


@pytest.mark.parametrize("case", PAGED, ids=lambda case: case.name)
def test_first_pages_look_as_before(case: Case, made: Made) -> None:
    """The first two pages look to a person as those that are kept."""
    pages, names = pages_of(made(case)), page_names(case)
    assert len(pages) == len(names)
    for name, page in zip(names, pages, strict=True):
        with Image.open(FOLDER / name) as expected:
            assert page_change(expected, page, name) == ""


@pytest.mark.parametrize("case", PAGED, ids=lambda case: case.name)
def test_every_letter_is_shown(case: Case, made: Made) -> None:
    """No page shows a box for a letter, whatever the script, and every font that a page uses is in the file."""
    assert boxes(made(case)) == []


def test_another_process_makes_the_same_bytes(made: Made, elsewhere: subprocess.Popen[str]) -> None:
    """The same rows under the same clock give the same file, to the last byte."""
    told, _ = elsewhere.communicate()
    digests = json.loads(told)
    found = {case.name: sha256(made(case).read_bytes()).hexdigest() for case in CASES}
    assert [name for name in found | digests if found.get(name) != digests.get(name)] == []


def test_nothing_else_is_kept() -> None:
    """Every reference belongs to a file that is made."""
    texts, pages = {text_name(case) for case in CASES}, {name for case in PAGED for name in page_names(case)}
    assert {path.name for path in FOLDER.iterdir() if path.name != ".gitattributes"} == texts | pages


def _pdf(folder: Path, title: str, text: str) -> Path:
    table = Table.eager("Calls", [Column("note", "Note")], [(text,)], is_main=True)
    document = Document("x", title, "2026", ZoneInfo("Asia/Kolkata"), NOON, NOON, "2026", (table,))
    with (folder / "made.pdf").open("w+b") as target:
        find_format("pdf").render(document, RenderOptions(), target)
    return folder / "made.pdf"


@pytest.mark.parametrize(("title", "text"), [(NO_LETTER, "plain"), ("plain", NO_LETTER)], ids=["designed", "drawn"])
def test_a_box_is_found(tmp_path: Path, title: str, text: str) -> None:
    """A letter that no font has is noticed, on designed pages and on drawn ones."""
    assert boxes(_pdf(tmp_path, title, text))
    assert boxes(_pdf(tmp_path, "plain", "plain")) == []


def test_the_same_picture_many_times_leaves_the_page_whole(tmp_path: Path) -> None:
    """A page full of one emoji keeps its fonts: cairo names it once for each time, which readers give up on."""
    assert boxes(_pdf(tmp_path, "plain", "😡 नमस्ते\n" * 20)) == []


def test_a_changed_page_is_seen() -> None:
    """A tile that is gone is noticed, as is a table that stands elsewhere; a shade that nobody sees is none."""
    with Image.open(FOLDER / "call-summary.pdf-1.png") as kept:
        page = kept.copy()
    width, height = page.size
    without_tile = page.copy()
    without_tile.paste(255, (width // 20, height // 6, width // 4, height // 3))
    assert page_change(page, without_tile, "p")
    assert page_change(page, ImageChops.offset(page, 0, 3), "p")
    assert page_change(page, page.point(lambda grey: max(grey - 1, 0)), "p") == ""


def test_a_change_is_told_with_its_lines() -> None:
    """The message shows the lines that differ and how to renew what is kept."""
    told = text_change("same\nold\n", "same\nnew\n", "a.csv")
    assert "-old" in told
    assert "+new" in told
    assert "make golden" in told
