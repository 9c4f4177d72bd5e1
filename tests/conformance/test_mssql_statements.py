"""Every statement of the product as Azure SQL would get it: none is left out, and none has a form that is no T-SQL.

Microsoft's own grammar too, where it is at hand: the command is quiet without it, and passes its findings on.
"""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from dev.__main__ import main
from dev.tsql import problems, recorded
from dev.tsql.checker import TOOL, findings
from dev.tsql.recorder import ROOT, Statement, azure_sql, compiled
from dev.tsql.sites import sites, sites_of, unreached
from shared.tables import InJsonList, calls

INSTALLED = Path(os.environ.get("TSQL_CHECK_HOME", Path.home() / ".cache/tsql_check")) / "venv/bin/python"
PLANTED = '''
"""A module."""
from sqlalchemy import func, select as read, update
from shared.tables import InJsonList, calls

def one(ids):
    return read(calls.c.id).where(
        InJsonList(calls.c.id, ids)
    )

def two():
    rows = {"select": 1}
    return update(calls).values(at=func.now())
'''


def test_every_statement_is_tsql() -> None:
    """No statement of a run through the whole product has a form that SQL Server refuses or takes otherwise."""
    found = [f"{each.name}: {problem}" for each in recorded().statements for problem in problems(each)]
    assert found == []


def test_no_statement_is_forgotten() -> None:
    """Every call in `shared/` that builds a statement, or a part of one, has been run: else name what forgot it."""
    assert list(map(str, unreached(ROOT, recorded().lines))) == []


def test_a_forgotten_statement_is_named() -> None:
    """Calls are found under any name, on their own lines; nothing else is taken for one."""
    assert [str(site) for site in sites_of("shared/x.py", PLANTED)] == [
        "shared/x.py:7 (one)",
        "shared/x.py:8 (one)",
        "shared/x.py:13 (two)",
        "shared/x.py:13 (two)",
    ]


def test_a_line_that_did_not_run_is_missed() -> None:
    """Without the last line of each file, exactly the files whose last such call stands there are named."""
    last = {site.path: site.line for site in sites(ROOT)}
    cut = {path: lines - {last.get(path)} for path, lines in recorded().lines.items()}
    assert {site.path for site in unreached(ROOT, cut)} == set(last)


def test_the_run_goes_everywhere() -> None:
    """Statements of each kind are among those looked at, under the name of the function that makes them."""
    by_name = {each.name: each for each in recorded().statements}
    assert len(by_name) == len(recorded().statements) > 60
    for name, beginning in (
        ("shared/jobs/store.py:claim", "UPDATE reporting.report_jobs SET"),
        ("shared/jobs/store.py:insert_job", "INSERT INTO reporting.report_jobs"),
        ("shared/access/limits.py:forget_previews", "DELETE FROM reporting."),
        ("shared/reports/_call_rows.py:call_rows", "SELECT costar.calls.call_number"),
        ("shared/adapters/snapshot.py:__init__", "SELECT SYSUTCDATETIME()"),
        ("ops/preflight.py:snapshot_state", "SELECT d.snapshot_isolation_state"),
    ):
        assert by_name[name].sql.startswith(beginning)


def test_without_the_tool_it_is_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Our own checks run all the same; the command says what it left out, and succeeds."""
    missing = tmp_path / "tsql_check"
    assert main(["tsql", "--tool", str(missing)]) == 0
    skipped, counted = capsys.readouterr().out.splitlines()
    assert skipped == f"skipped: Microsoft's grammar, for there is no {missing}"
    assert counted.startswith("5 scripts and ")
    assert counted.endswith(" statements, 0 findings")


# The tool is not ours and stands beside the repository on few machines; `make tsql` says there that it is skipped too.
@pytest.mark.skipif(not TOOL.exists() or not INSTALLED.exists(), reason="Microsoft's grammar is not on this machine")
def test_the_tool_finds_what_is_planted() -> None:
    """A wrong word in a script, and in a statement a column that is not there; what is right is not told."""
    scripts = {"1-x.sql": "CREATE TABLE x (a INT);\nGO\nCREATE TABEL y (a INT);\nGO\n"}
    right = compiled(azure_sql(), "right", select(calls.c.id).where(InJsonList(calls.c.id, ["a"])))
    wrong = Statement("wrong", right.element, right.sql.replace("calls.id", "calls.identity_card"), right.parameters)
    first, *others = [each for each in findings(TOOL, scripts, [right, wrong]) if "passed" not in each]
    assert first.startswith("1-x.sql, batch 2: ")
    assert others
    assert {each.partition(":")[0] for each in others} == {"wrong"}
