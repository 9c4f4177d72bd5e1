"""Hands scripts and statements to `tsql_check`, which knows Microsoft's grammar; it lies beside the repository, or not.

Nothing is executed there either.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy.schema import CreateSchema, CreateTable

from dev.tsql.recorder import ROOT, Statement, azure_sql
from shared.tables import COSTAR, QBR, REPORTING, metadata

TOOL = ROOT.parent / "shared" / "tools" / "tsql_check" / "tsql_check"
_BATCHES = re.compile(r"^\s*GO\s*$", re.MULTILINE)


def findings(tool: Path, scripts: Mapping[str, str], statements: Iterable[Statement]) -> Iterator[str]:
    """What the tool says where it finds a fault: in the scripts, and in statements over the product's tables."""
    batches = {
        batch.strip(): f"{file}, batch {place}"
        for file, text in scripts.items()
        for place, batch in enumerate(_BATCHES.split(text), start=1)
        if batch.strip()
    }
    by_name = {each.name: each.sql for each in statements}
    unbound = {name: sql for name, sql in by_name.items() if " sys." in sql}  # the tool knows no catalogue
    yield from _checked(tool, [], {name: sql for sql, name in batches.items()} | unbound)
    yield from _checked(tool, _schema(), {name: sql for name, sql in by_name.items() if name not in unbound})


def _checked(tool: Path, schema: list[str], named: Mapping[str, str]) -> list[str]:
    work = {"schema": schema, "statements": [{"name": name, "sql": sql} for name, sql in named.items()]}
    done = subprocess.run([tool, "--json"], input=json.dumps(work), capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def _schema() -> list[str]:
    """What the statements are bound against: every table as the code knows it."""
    dialect = azure_sql()
    schemas = [str(CreateSchema(name).compile(dialect=dialect)) for name in (REPORTING, COSTAR, QBR)]
    return schemas + [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
