"""The documents are held to the code: what is generated is fresh, what is named exists."""

import re
from pathlib import Path

import pytest

from dev.reference import FOLDER, pages
from shared.jobs.states import TRANSITIONS

ROOT = Path(__file__).resolve().parents[2]
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(pages()))
def test_reference_page_is_fresh(name: str) -> None:
    """`python -m dev reference` has been run since the code changed."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


def test_the_picture_of_job_states_is_the_code() -> None:
    """Every arrow of the picture is a transition of the code, and the other way round."""
    picture = (ROOT / "docs/explanation/job-states.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^  (\w+) --> (\w+)", picture, re.MULTILINE))
    coded = {(before.value, after.value) for before, afters in TRANSITIONS.items() for after in afters}
    assert drawn == coded


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link of a document names a file of the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(path: Path) -> None:
    """Every `make` target and `python -m` command that a document names is there."""
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    for package, command in re.findall(r"python -m (dev|ops) ([a-z-]+)", text):
        assert f'"{command}"' in (ROOT / package / "__main__.py").read_text(encoding="utf-8")


def test_decisions_are_short_and_numbered_without_gaps() -> None:
    """A decision is at most 60 lines, and their numbers run on."""
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert [path.name for path in decisions if len(path.read_text(encoding="utf-8").splitlines()) > 60] == []
