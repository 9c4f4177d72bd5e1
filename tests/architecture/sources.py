"""The repository's Python files as parsed text, for the rules about them; runs none of it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "functions", "ops", "dev", "bench", "tests")


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the repository, with slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text; number 1 is at 0."""
        return self.text.splitlines()

    @property
    def module(self) -> str:
        """The dotted name; of an `__init__.py` the package's."""
        return ".".join(PurePosixPath(self.path).with_suffix("").parts).removesuffix(".__init__")

    @property
    def package(self) -> str:
        """The dotted name of the package that relative imports count from."""
        return ".".join(PurePosixPath(self.path).parts[:-1])

    def allows(self, rule: str, first: int, last: int) -> bool:
        """Whether a comment on these lines, or alone on the line before, is `# allow: {rule} because {a reason}`."""
        allowance = re.compile(rf"# allow: {re.escape(rule)} because \S")
        before = self.lines[first - 2 : first - 1] if first > 1 else []
        own = [line for line in before if line.lstrip().startswith("#")] + self.lines[first - 1 : last]
        return any(allowance.search(line) for line in own)


@dataclass(frozen=True)
class Import:
    """One import: the dotted name it takes, down to the name inside the module, and its line."""

    target: str
    line: int


@cache
def repository() -> tuple[Source, ...]:
    """Every Python file of the repository."""
    files = [ROOT / "function_app.py", *(file for each in PACKAGES for file in sorted((ROOT / each).rglob("*.py")))]
    return tuple(Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files)


def imports(source: Source) -> Iterator[Import]:
    """All imports of a file, wherever they stand: inside functions, for typing only, or by `import_module("…")`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (Import(name, node.lineno) for name in _texts(node.args[:1]))


def _base(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def _texts(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
