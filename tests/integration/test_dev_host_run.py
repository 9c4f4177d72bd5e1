"""`python -m dev run` as a person starts it: its greeting, its sign-in, its refusals and its end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import insert

from dev.environment import development_defaults, needs_blob_store, set_defaults
from shared.adapters.database import databases
from shared.settings import Settings
from shared.tables import user_profiles

_ROOT = Path(__file__).resolve().parents[2]
_BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONWARNINGS": "error"}


@contextmanager
def _started(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A development host that starts; what is left of it is killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "dev", "run", "--no-sample-data", *arguments],
        cwd=_ROOT,
        env=_BARE | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _refused(*arguments: str, **environment: str) -> tuple[int, str]:
    with _started(*arguments, **environment) as process:
        said = process.communicate(timeout=60)
        return process.returncode, "".join(said)


def _children(process: subprocess.Popen[str]) -> list[Path]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    every = {child for thread in threads for child in thread.read_text().split()} | set(listed.split())
    return [Path("/proc") / child for child in every]


def _alive(processes: Sequence[Path]) -> list[Path]:
    return [each for each in processes if each.exists()]


@dataclass(frozen=True)
class Running:
    """A development host that was started, its address, what it said and its folder."""

    process: subprocess.Popen[str]
    url: str
    greeting: str
    state: Path


@pytest.fixture(name="running", scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("dev")
    with _started("--port", "0", "--state", str(state)) as process:
        assert process.stdout is not None
        greeting = "".join(process.stdout.readline() for _ in range(5))
        assert greeting, process.communicate()[1]
        yield Running(process, greeting.split()[4], greeting, state)


def test_greeting_says_what_a_person_needs(running: Running) -> None:
    """The address, the sign-in, the folder of the data and how to stop it."""
    lines = running.greeting.splitlines()
    assert lines[0] == f"CoSTAR Reports runs at {running.url}"
    assert lines[1].split()[2] == f"{running.url}/dev/login"
    assert lines[3].split()[1] == str(running.state)
    assert lines[4] == "  Stop      Ctrl-C"


def test_product_is_up(running: Running) -> None:
    """Database, queue and storage answer, and the page is there."""
    assert httpx.get(f"{running.url}/health/ready", timeout=20).json() == {"status": "ready"}
    assert "<title>" in httpx.get(running.url).text


def test_signed_in_person_reaches_the_api(running: Running) -> None:
    """The token of the sign-in is one that the product takes, and without one it asks to sign in."""
    _add_admin(running.state)
    token = httpx.post(f"{running.url}/dev/token", json={"subject": "adm-1"}).json()["access_token"]
    reports = f"{running.url}/functions/v1/reports"
    assert httpx.get(reports).status_code == 401
    assert httpx.get(reports, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def _add_admin(state: Path) -> None:
    environment = development_defaults(state, 7071) | {"BLOB_ACCOUNT_URL": "https://unused.invalid"}
    reporting, _, _ = databases(Settings.load(environment))
    person = {"id": str(uuid4()), "subject": "adm-1", "full_name": "Ada", "role": "admin", "active": True}
    with closing(reporting), reporting.transaction() as connection:
        connection.execute(insert(user_profiles).values(person))


def test_taken_port_is_one_line(running: Running, tmp_path: Path) -> None:
    """A port in use is said in one line, before anything else is started."""
    port = running.url.rpartition(":")[2]
    said = _refused("--port", port, "--state", str(tmp_path / "other"))
    assert said == (1, f"Port {port} is taken; choose another with --port.\n")
    assert list(tmp_path.iterdir()) == []


def test_folder_in_use_is_one_line(running: Running) -> None:
    """Two hosts never share a folder."""
    code, said = _refused("--port", "0", "--state", str(running.state))
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith(f"Another development host works in {running.state}")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"APP_ENV": "production"}, "APP_ENV must be `development`"),
        ({"BLOB_CONNECTION_STRING": "x", "MAX_CLAIMS": "none"}, "MAX_CLAIMS"),
    ],
)
def test_wrong_environment_is_one_line(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    """Settings that cannot be used are named, without a traceback."""
    code, text = _refused("--port", "0", "--state", str(tmp_path), **environment)
    assert (code, text.count("\n")) == (1, 1)
    assert said in text


def test_stop_in_mid_start_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM while it starts ends it and the emulator; Python may say which file it was reading."""
    with _started("--port", "0", "--state", str(tmp_path)) as process:
        while not (children := _children(process)) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)
    assert (process.returncode, said[0]) == (0, "")
    assert "Traceback" not in said[1]
    assert children
    assert _alive(children) == []


_STOP_IN_AN_IMPORT = """
import os, signal, sys, weakref

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "function_app":
            gone = {name}
            seen = weakref.ref(gone, lambda _: os.kill(os.getpid(), signal.SIGNAL))
            del gone

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_stop_that_python_swallows_ends_it(tmp_path: Path, how: signal.Signals) -> None:
    """A signal in the middle of an import, where Python ignores exceptions, ends it before it serves."""
    (tmp_path / "sitecustomize.py").write_text(_STOP_IN_AN_IMPORT.replace("SIGNAL", how.name))
    with _started("--port", "0", "--state", str(tmp_path / "state"), PYTHONPATH=str(tmp_path)) as process:
        said = process.communicate(timeout=60)
    assert (process.returncode, said[0]) == (0, "")
    assert said[1].startswith("Exception ignored in")


def test_ctrl_c_ends_it_cleanly(running: Running) -> None:
    """Ctrl-C ends host and emulator within seconds, without a traceback; the last test of this host."""
    children = _children(running.process)
    running.process.send_signal(signal.SIGINT)
    _, errors = running.process.communicate(timeout=15)
    assert (running.process.returncode, errors) == (0, "")
    assert children
    assert _alive(children) == []


def test_defaults_never_override() -> None:
    """What the environment says stays, an empty value counts as unset, and Entra ID needs no development issuer."""
    environment = {"DATABASE_URL": "sqlite:///mine.db", "APP_ENV": "", "ENTRA_TENANT_ID": "tenant"}
    set_defaults(environment, development_defaults(Path("/state"), 7071))
    assert environment["DATABASE_URL"] == "sqlite:///mine.db"
    assert environment["APP_ENV"] == "development"
    assert "DEV_ISSUER" not in environment
    assert needs_blob_store(environment)
    assert not needs_blob_store({"BLOB_CONNECTION_STRING": "given"})
