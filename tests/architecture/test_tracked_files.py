"""No file of the repository holds a registry's address, a path of one machine, or anything else of one place."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

# Written so that this file does not match itself.
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|proxy\.golang\.org|rubygems\.org|crates\.io"
    r"|(?:deb|archive|security)\.(?:debian|ubuntu)\.(?:org|com)|--(?:extra-)?index-u[r]l|--find-link[s]"
)
MACHINE_PATH = re.compile(
    r"(?<![\w.-])/(?:work|root)/|/Users/\w|(?<![\w.-])/home/(?!site/)\w|\b[A-Z]:\\Users|/\.pyen[v]/"
)

# Each planted text is written in two parts, put together when it is looked for.
PLANTED = [
    (REGISTRY, ("--index", "-url https://mirror.example/simple"), True),
    (REGISTRY, ("see https://pypi", ".org/project/x"), True),
    (REGISTRY, ("https://registry.npmjs", ".org/a/-/a-1.tgz"), True),
    (REGISTRY, ("uv pip compile", " --no-emit-index"), False),
    (MACHINE_PATH, ("cd /work", "/main"), True),
    (MACHINE_PATH, ("sqlite:////root", "/x.db"), True),
    (MACHINE_PATH, ("PYTHON=/home", "/ann/bin/python"), True),
    (MACHINE_PATH, ("https://example.com/work", "/units and ../work/x"), False),
    (MACHINE_PATH, ("COPY . /home", "/site/wwwroot"), False),
]


def _files() -> list[Path]:
    """What git tracks, and what it would be asked to track next."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _files()
        for match in pattern.finditer(path.read_bytes().decode("utf-8", errors="replace"))
    ]


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine-path"])
def test_no_file_belongs_to_one_place(pattern: re.Pattern[str]) -> None:
    """A clone works anywhere: whatever mirror serves the packages, wherever it lies."""
    assert _found(pattern) == []


@pytest.mark.parametrize(("pattern", "parts", "is_found"), PLANTED)
def test_search_finds_what_it_looks_for(pattern: re.Pattern[str], parts: tuple[str, str], *, is_found: bool) -> None:
    """A planted address or path is found, and what only looks like one is not."""
    assert bool(pattern.search("".join(parts))) == is_found


def test_npm_lock_names_no_download_address() -> None:
    """The lock keeps hashes, so that any mirror may serve the packages."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = {name: package for name, package in packages.items() if name}
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert [name for name, package in locked.items() if "integrity" not in package and not package.get("link")] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-tools.txt"])
def test_python_locks_name_versions_and_hashes_only(name: str) -> None:
    """Every requirement is pinned and hashed, and none is an address."""
    text = re.sub(r"\\\n\s*", "", (ROOT / name).read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in lines if "://" in line or "==" not in line or "--hash=sha256:" not in line] == []
    assert lines
