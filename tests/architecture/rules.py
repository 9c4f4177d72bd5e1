"""Rules that hold for the text of every module: what each forbids, where, and how it is found; changes nothing."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.architecture.sources import Source

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TRIGGER = 300, 50, 15  # lines
SHIPPED = ("function_app.py", "shared/", "functions/", "ops/")
WRITTEN = (*SHIPPED, "dev/", "bench/")
BANK_COLUMNS = frozenset({"client_bank", "bank_id"})

_BROAD = frozenset({"Exception", "BaseException"})
_VAGUE = re.compile(r"_*([a-z_]*_)?(utils?|helpers?|managers?|common|misc)")
_COMPARING = frozenset({"in_", "not_in", "is_", "is_not", "is_distinct_from", "like", "ilike", "between", "any_", "op"})
_ENVIRONMENT = frozenset({"environ", "environb", "getenv"})
_SQL_MAKERS = frozenset({"text", "literal_column", "DDL", "TextClause"})
_RUNNING = frozenset({"execute", "executemany", "executescript", "scalar", "scalars"})
_TELLS_TIME = re.compile(r"(.*\.)?(datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime)")

Lines = tuple[int, int]  # first and last line of what breaks a rule
Finder = Callable[[Source], Iterator[Lines]]


@dataclass(frozen=True)
class Rule:
    """What no module may do: `find` gives the places, `within` and `but` say by paths where the rule holds."""

    name: str  # as it stands in `# allow: {name} because …`
    says: str
    find: Finder
    within: tuple[str, ...]
    but: tuple[str, ...] = ()
    has_exceptions: bool = False  # whether a comment with a reason allows it

    def broken(self, sources: Sequence[Source]) -> list[str]:
        """One line per place that breaks the rule."""
        return [
            f"{source.path}:{first}: {self.says}"
            for source in sources
            if source.path.startswith(self.within) and not source.path.startswith(self.but or (" ",))
            for first, last in self.find(source)
            if not (self.has_exceptions and source.allows(self.name, first, last))
        ]


def broad_excepts(source: Source) -> Iterator[Lines]:
    """Handlers of every exception there is, `suppress` included."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type)):
            yield node.lineno, node.lineno
        elif isinstance(node, ast.Call) and _called(node) == "suppress" and any(map(_is_broad, node.args)):
            yield _lines(node)


def _is_broad(node: ast.expr) -> bool:
    members = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(ast.unparse(member).rpartition(".")[2] in _BROAD for member in members)


def environment_reads(source: Source) -> Iterator[Lines]:
    """Uses of the process's environment."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            reads = node.module == "os" and _takes(node, _ENVIRONMENT)
        else:
            reads = isinstance(node, ast.Attribute) and ast.unparse(node) in {f"os.{name}" for name in _ENVIRONMENT}
        if reads:
            yield _lines(node)


def globals_written(source: Source) -> Iterator[Lines]:
    """`global` statements."""
    return (_lines(node) for node in ast.walk(source.tree) if isinstance(node, ast.Global))


def missing_docstring(source: Source) -> Iterator[Lines]:
    """The first line of a module that says nothing about itself."""
    if not ast.get_docstring(source.tree):
        yield 1, 1


def bank_comparisons(source: Source) -> Iterator[Lines]:
    """Conditions on a bank column; a join to the banks' own ids gives names and limits nothing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(_names_bank, sides)) and not any(ast.unparse(side) == "banks.c.id" for side in sides):
                yield _lines(node)
        elif isinstance(node, ast.Call) and _compares_bank(node):
            yield _lines(node)


def _compares_bank(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _COMPARING:
        return _names_bank(call.func.value)
    if _called(call) == "InJsonList":
        return any(map(_names_bank, call.args[:1]))
    return _called(call) == "filter_by" and any(keyword.arg in BANK_COLUMNS for keyword in call.keywords)


def _names_bank(node: ast.expr) -> bool:
    """Whether an expression takes a bank column: `call.client_bank` or `calls.c["client_bank"]`."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in BANK_COLUMNS)
        or (isinstance(part, ast.Subscript) and ast.unparse(part.slice).strip("'") in BANK_COLUMNS)
        for part in ast.walk(node)
    )


def sql_strings(source: Source) -> Iterator[Lines]:
    """SQL in strings: SQLAlchemy's makers of it, statements run as text, and the driver's own door."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            is_sql = (node.module or "").partition(".")[0] == "sqlalchemy" and _takes(node, _SQL_MAKERS)
        elif isinstance(node, ast.Attribute):
            is_sql = node.attr == "exec_driver_sql" or ast.unparse(node) in {
                f"sqlalchemy.{name}" for name in _SQL_MAKERS
            }
        else:
            is_sql = isinstance(node, ast.Call) and _called(node) in _RUNNING and any(map(_is_text, node.args[:1]))
        if is_sql:
            yield _lines(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def clock_reads(source: Source) -> Iterator[Lines]:
    """Calls that ask the machine for the time of day."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _TELLS_TIME.fullmatch(ast.unparse(node.func)):
            yield _lines(node)


def long_file(source: Source) -> Iterator[Lines]:
    """The first lines of a file that is too long."""
    if len(source.lines) > LONGEST_FILE:
        yield 1, 3


def long_functions(source: Source) -> Iterator[Lines]:
    """The heads of functions that are too long."""
    return _longer_than(LONGEST_FUNCTION, ast.walk(source.tree))


def long_triggers(source: Source) -> Iterator[Lines]:
    """The heads of functions inside a blueprint's factory that are too long: they parse, call one use case, answer."""
    outer = (node for node in source.tree.body if isinstance(node, ast.FunctionDef) and node.name == "blueprint")
    return _longer_than(LONGEST_TRIGGER, (inner for node in outer for inner in node.body))


def _longer_than(most: int, nodes: Iterator[ast.AST]) -> Iterator[Lines]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > most:
            yield node.lineno, node.body[0].lineno - 1


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _lines(node)[1] - node.lineno + 1


def vague_name(source: Source) -> Iterator[Lines]:
    """The first line of a module, or of one in a package, whose name says nothing."""
    if any(_VAGUE.fullmatch(part) for part in PurePosixPath(source.path).with_suffix("").parts):
        yield 1, 1


def _takes(node: ast.ImportFrom, names: frozenset[str]) -> bool:
    return any(alias.name in names for alias in node.names)


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _lines(node: ast.AST) -> Lines:
    first: int = getattr(node, "lineno", 1)
    return first, getattr(node, "end_lineno", first)


BROAD_EXCEPT_PLACES = ("functions/_http.py", "shared/jobs/run.py")
RULES = (
    Rule("broad-except", "catches every exception", broad_excepts, WRITTEN, BROAD_EXCEPT_PLACES),
    Rule("environment", "reads the environment", environment_reads, SHIPPED, ("shared/settings.py",)),
    Rule("global", "writes a global", globals_written, WRITTEN),
    Rule("docstring", "has no module docstring", missing_docstring, WRITTEN),
    Rule(
        "bank-scope",
        "compares a bank column: only access/scope.py builds that condition",
        bank_comparisons,
        ("shared/", "functions/"),
        ("shared/access/", "shared/tables/"),
        has_exceptions=True,
    ),
    Rule(
        "sql-string",
        "writes SQL as text",
        sql_strings,
        (*SHIPPED, "dev/"),
        ("shared/tables/_expressions.py", "shared/adapters/", "ops/migrations/"),
        has_exceptions=True,
    ),
    Rule("clock", "asks the machine for the time", clock_reads, SHIPPED, ("shared/clock.py",)),
    Rule("length", f"is longer than {LONGEST_FILE} lines", long_file, WRITTEN, has_exceptions=True),
    Rule("length", f"is longer than {LONGEST_FUNCTION} lines", long_functions, WRITTEN, has_exceptions=True),
    Rule("length", f"is a trigger of more than {LONGEST_TRIGGER} lines", long_triggers, ("functions/",)),
    Rule("name", "has a name that says nothing", vague_name, (*WRITTEN, "tests/")),
)
