"""Microsoft's own grammar over our T-SQL: the command is quiet where the tool is absent, and passes its findings on."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from dev.__main__ import main
from dev.tsql.checker import TOOL, findings
from dev.tsql.recorder import Statement, azure_sql, compiled
from shared.tables import InJsonList, calls

INSTALLED = Path(os.environ.get("TSQL_CHECK_HOME", Path.home() / ".cache/tsql_check")) / "venv/bin/python"


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
