"""Is our SQL T-SQL? Looks at every statement of the product as Azure SQL would get it; runs none of them there."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dev.tsql.checker import TOOL, findings
from dev.tsql.flows import run_everything
from dev.tsql.forms import wrong_forms
from dev.tsql.recorder import Recorder, Statement
from dev.tsql.texts import MOST_PARAMETERS, wrong_words
from ops.preflight import snapshot_state
from ops.sql_script import script_files
from shared.settings import DatabaseSettings


def configure(parser: ArgumentParser) -> None:
    """Declares where Microsoft's grammar is looked for."""
    parser.add_argument("--tool", type=Path, default=TOOL, help="tsql_check (default: %(default)s)")


def run(arguments: Namespace) -> int:
    """The command: 0 where nothing is found, though the tool may be absent; else 1, and a line per finding."""
    statements, scripts = recorded().statements, migration_scripts()
    found = [f"{each.name}: {problem}" for each in statements for problem in problems(each)]
    if arguments.tool.exists():
        found += findings(arguments.tool, scripts, statements)
    else:
        print(f"skipped: Microsoft's grammar, for there is no {arguments.tool}")
    print("\n".join([*found, f"{len(scripts)} scripts and {len(statements)} statements, {len(found)} findings"]))
    return 1 if found else 0


def problems(statement: Statement) -> Iterator[str]:
    """Why a statement is no T-SQL, or not the T-SQL it should be."""
    if statement.problem:
        yield statement.problem
    if statement.parameters > MOST_PARAMETERS:
        yield f"{statement.parameters} parameters, where {MOST_PARAMETERS} fit: send a list as one, by InJsonList"
    yield from wrong_forms(statement.element)
    yield from wrong_words(statement.sql)


def migration_scripts() -> dict[str, str]:
    """The files of infra/sql as the revisions make them now."""
    return script_files(DatabaseSettings(database_url="sqlite://"), with_business_tables=True)


@cache
def recorded() -> Recorder:
    """What one run through the product says to its databases; made once in a process."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory(prefix="tsql-") as folder:
        run_everything(Path(folder), recorder)
    recorder.add("ops/preflight.py:snapshot_state", snapshot_state())  # asked of SQL Server alone
    return recorder
