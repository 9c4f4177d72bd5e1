"""The places in `shared/` where statements and parts of them are built, read from its text; runs none of them."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_WITHOUT = ("shared/tables/", "shared/adapters/sqlite_names.py")  # definitions, and the way a dialect writes names
_BUILDERS = re.compile(
    "select|insert|update|delete|union|union_all|intersect|except_|exists|case|cast|literal|literal_column|bindparam"
    "|and_|or_|not_|between|extract|over|within_group|tuple_|values|text|func"
    "|InJsonList|minutes_between|sortable_id|utc_now|utc_now_plus"
)


@dataclass(frozen=True)
class Site:
    """A call that builds a statement or a part of one: its file, the function around it, and its line."""

    path: str
    function: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.function})"


def sites(root: Path) -> Iterator[Site]:
    """Every such call of the product, file by file."""
    for file in sorted((root / "shared").rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if not path.startswith(_WITHOUT):
            yield from sites_of(path, file.read_text(encoding="utf-8"))


def sites_of(path: str, text: str) -> Iterator[Site]:
    """The calls in one file of functions that it imports from SQLAlchemy or from the tables."""
    tree = ast.parse(text)
    names = set(_imported(tree))
    yield from _calls(tree, path, "module", names) if names else ()


def unreached(root: Path, lines: Mapping[str, set[int]]) -> list[Site]:
    """The calls on lines that did not run."""
    return [site for site in sites(root) if site.line not in lines.get(site.path, ())]


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sqlalchemy", "shared.tables")):
            for each in node.names:
                if _BUILDERS.fullmatch(each.name):
                    yield each.asname or each.name


def _calls(node: ast.AST, path: str, function: str, names: set[str]) -> Iterator[Site]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _calls(child, path, child.name, names)
            continue
        if isinstance(child, ast.Call) and _called(child.func) in names:
            yield Site(path, function, child.lineno)
        yield from _calls(child, path, function, names)


def _called(function: ast.expr) -> str:
    """`select` of `select(…)`, and `func` of `func.count(…)`."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "func":
        return "func"
    return function.id if isinstance(function, ast.Name) else ""
