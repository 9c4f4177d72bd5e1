"""The rooms of the house and who may see whom (`architecture.md`, "The house"); finds the imports that break it."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from tests.architecture.sources import Import, Source, imports

# Lowest first: a room sees the floors below its own, and its neighbours there unless it keeps apart.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"clock", "setting_rules", "setting_types", "telemetry"}),
    frozenset({"settings"}),
    frozenset({"document", "tables"}),
    frozenset({"ports"}),
    frozenset({"access"}),
    frozenset({"qbr"}),
    frozenset({"reports", "rendering"}),
    frozenset({"mail", "preview", "rows"}),
    frozenset({"jobs", "health"}),
    frozenset({"photos", "fsp_formats"}),
    frozenset({"schedules"}),
)
_KEEP_APART = frozenset({"reports", "rendering"})
_USE_CASES = frozenset().union(*FLOORS)
_INSIDE = _USE_CASES | {"adapters"}
_SHIPPED = _INSIDE | {"wiring", "functions", "function_app", "ops"}

SEES: dict[str, frozenset[str]] = {
    **{
        room: frozenset().union(*FLOORS[:level], set() if room in _KEEP_APART else floor)
        for level, floor in enumerate(FLOORS)
        for room in floor
    },
    "shared": frozenset(),
    "adapters": frozenset({"errors", "clock", "settings", "telemetry", "document", "tables", "ports"}),
    "wiring": _INSIDE,
    "child": _INSIDE,
    "functions": _USE_CASES,
    "function_app": _USE_CASES | {"functions", "wiring"},
    "ops": _INSIDE | {"wiring"},
    "dev": _SHIPPED,
    "bench": _SHIPPED | {"dev", "tests"},  # for the real PostgreSQL server
    "tests": _SHIPPED | {"dev", "bench"},
}

# Libraries that only some rooms may know; tests and benchmarks may use any.
_ADAPTERS = frozenset({"adapters"})
LIBRARIES: dict[str, frozenset[str]] = {
    "azure.storage": _ADAPTERS,
    "azure.servicebus": _ADAPTERS | {"dev"},  # the development host receives as Azure's does
    "azure.identity": _ADAPTERS,
    "azure.core": _ADAPTERS | {"dev"},
    "smtplib": _ADAPTERS,
    "psycopg": _ADAPTERS,
    "pyodbc": _ADAPTERS,
    "sqlite3": _ADAPTERS,
    "sqlalchemy.create_engine": _ADAPTERS,
    "sqlalchemy.engine.create_engine": _ADAPTERS,
    "sqlalchemy.engine_from_config": _ADAPTERS,
    "sqlalchemy.ext.asyncio": _ADAPTERS,
    "azure.functions": frozenset({"functions", "function_app", "dev"}),
    "starlette": frozenset({"dev"}),
    "uvicorn": frozenset({"dev"}),
}
_FREE = frozenset({"tests", "bench"})


def forbidden_arrows(sources: Sequence[Source]) -> list[str]:
    """One line per import that the house does not allow, and per file that has no place in it."""
    homeless = [
        f"{each.path}:1: {_room(each.module)} has no place in the house" for each in sources if not _has_place(each)
    ]
    return homeless + [
        f"{source.path}:{each.line}: {problem}"
        for source in sources
        if _has_place(source)
        for each in imports(source)
        for problem in _problems(source, each)
    ]


def circles(sources: Sequence[Source]) -> list[str]:
    """The modules of one import circle within the repository, if there is any."""
    known = {source.module for source in sources}
    graph = {source.module: {_module(each.target, known) for each in imports(source)} for source in sources}
    try:
        TopologicalSorter({module: targets & known for module, targets in graph.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _problems(source: Source, each: Import) -> Iterator[str]:
    here, there = _room(source.module), _room(each.target)
    if not there:
        yield from _library_problems(here, each.target)
    elif there != here and there not in SEES[here]:
        yield f"{here} may not see {there} ({each.target})"
    if there and here not in _FREE:
        yield from _privacy_problems(source, each.target)


def _library_problems(here: str, target: str) -> Iterator[str]:
    for library, rooms in LIBRARIES.items():
        if f"{target}.".startswith(f"{library}.") and here not in rooms | _FREE:
            yield f"{here} may not know {library}"


def _privacy_problems(source: Source, target: str) -> Iterator[str]:
    """What begins with an underscore is for what stands beside it: `a._b` for `a` and all below it."""
    parts = target.split(".")
    private = next((place for place, part in enumerate(parts) if part.startswith("_")), None)
    if private is not None and not f"{source.module}.".startswith(f"{'.'.join(parts[:private])}."):
        yield f"{target} is private"


def _has_place(source: Source) -> bool:
    return _room(source.module) in SEES


def _room(name: str) -> str:
    """The room of a dotted name; "" for what is not ours."""
    first, _, rest = name.partition(".")
    if first == "shared":
        return rest.partition(".")[0] or "shared"
    return first if first in SEES else ""


def _module(target: str, known: set[str]) -> str:
    """The longest beginning of a dotted name that is a module of ours."""
    while target and target not in known:
        target = target.rpartition(".")[0]
    return target
