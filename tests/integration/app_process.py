"""The app's composition root in a process of its own, without a network; says what it registered and loaded."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# The audit hook sees every address that Python code asks for or talks to, and no module can take it off.
WATCH = """
import sys

asked = []


def watch(event, arguments):
    if event.startswith("socket.") and event not in {"socket.__new__", "socket.gethostname"}:
        asked.append(event)
        raise OSError("there is no network here")


sys.addaudithook(watch)
"""
_INDEX = """
import json

import function_app

functions = {each.get_function_name(): each.get_trigger().get_dict_repr() for each in function_app.app.get_functions()}
print(json.dumps({"functions": functions, "modules": sorted(sys.modules), "asked": asked}, default=str))
"""


@dataclass(frozen=True)
class Indexed:
    """What an app registered: triggers by function name; the modules that were loaded; what it asked the network."""

    functions: dict[str, dict[str, Any]]
    modules: frozenset[str]
    asked: list[str]


def indexed(python: Path, environment: Mapping[str, str]) -> Indexed:
    """Imports and indexes the app with this interpreter, as the Functions worker does, in this environment alone."""
    done = _run(python, environment)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return Indexed(answer["functions"], frozenset(answer["modules"]), answer["asked"])


def refusal(python: Path, environment: Mapping[str, str]) -> str:
    """The last line that an app says which does not start."""
    done = _run(python, environment)
    assert done.returncode == 1, done.stdout
    return done.stderr.rstrip().rpartition("\n")[2]


def _run(python: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [str(python), "-W", "error", "-c", WATCH + _INDEX]
    return subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
