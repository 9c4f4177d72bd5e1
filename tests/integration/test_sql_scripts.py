"""The scripts for Azure SQL: in step with the revisions, complete, and guarded so that they may be run again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dev.tsql import migration_scripts
from ops.__main__ import main
from ops.revisions import directory
from ops.sql_script import script_files
from shared.settings import DatabaseSettings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "infra/sql"
FILES = ["1-reporting.sql", "2-costar.sql", "3-qbr.sql", "4-costar-business.sql", "5-qbr-business.sql"]


def _batches(text: str) -> list[str]:
    return [batch.strip() for batch in re.split(r"^GO$", text, flags=re.MULTILINE) if batch.strip()]


def test_infra_sql_is_in_step_with_the_revisions() -> None:
    """`make sql` has been run since a revision was written, and nothing else lies there."""
    assert {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.sql")} == migration_scripts()
    assert sorted(migration_scripts()) == FILES


def test_every_revision_is_in_one_script() -> None:
    """Each revision stands in exactly one file, in order, and is recorded there."""
    text = "".join(migration_scripts().values())
    revisions = [script.revision for script in directory().walk_revisions()]
    for revision in revisions:
        assert text.count(f"-- Revision {revision}: ") == 1
        assert len(re.findall(rf"(?:VALUES \(|SET version_num = )'{revision}'", text)) == 1
    later = migration_scripts()["1-reporting.sql"]
    assert later.index("Revision reporting_0001") < later.index("Revision reporting_0002")


@pytest.mark.parametrize("name", FILES)
def test_a_script_may_be_run_again(name: str) -> None:
    """What is there is asked for before it is made; every revision is passed over, or executed whole, or not at all."""
    batches = _batches(migration_scripts()[name])
    is_open = False
    for before, batch in zip(["", *batches], batches, strict=False):
        if batch.startswith("BEGIN TRANSACTION"):
            assert "SET NOEXEC ON;" in before
            assert "schema_versions WHERE version_num" in before
            is_open = True
        elif "COMMIT TRANSACTION" in batch:
            assert re.match(r"(INSERT INTO|UPDATE) reporting\.schema_versions ", batch)
            is_open = False
        elif re.match("CREATE|ALTER", batch):
            assert is_open
        elif is_open:
            assert batch == "IF @@ERROR <> 0 OR @@TRANCOUNT = 0 SET NOEXEC ON;"
        assert "DROP " not in batch
    assert not is_open
    assert batches[-1] == "SET NOEXEC OFF;\nIF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;"


def test_each_script_stands_alone() -> None:
    """With three databases each file makes what it needs in its own: schemas, and the table that records revisions."""
    settings = DatabaseSettings(
        database_url="sqlite://", qbr_database_url="sqlite:///other.db", reporting_schema="rep", qbr_schema="ben002"
    )
    files = script_files(settings)
    assert sorted(files) == ["1-reporting.sql", "2-costar.sql", "3-qbr.sql"]
    qbr = files["3-qbr.sql"]
    for line in (
        "IF SCHEMA_ID(N'rep') IS NULL EXEC(N'CREATE SCHEMA rep');",
        "IF SCHEMA_ID(N'ben002') IS NULL EXEC(N'CREATE SCHEMA ben002');",
        "IF OBJECT_ID(N'rep.schema_versions', N'U') IS NULL",
        "INSERT INTO rep.schema_versions (version_num) VALUES ('qbr_0001');",
        "REFERENCES ben002.[QBR_Sessions]",
    ):
        assert line in qbr
    assert "costar" not in qbr


def test_the_command_writes_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--to` names each file that it writes; without the business tables there are three."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    assert main(["migrate", "--sql", "mssql", "--to", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "new" / name) for name in FILES[:3]]
    for name in FILES[:3]:
        assert (tmp_path / "new" / name).read_text(encoding="utf-8") == migration_scripts()[name]


def test_a_reader_may_stop_reading() -> None:
    """Where the output goes to somebody who has gone, as behind `head`, the command ends without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ops", "migrate", "--sql", "mssql"]
    environment = {**os.environ, "DATABASE_URL": "sqlite://"}
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=gone, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "")
