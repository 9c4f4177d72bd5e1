"""App start: importing and indexing the whole app costs at most 4 times the CPU of an empty azure-functions app.

Measured on two cores, Python 3.11.2: empty app 0.24 s of CPU, this app 0.87 s, 3.6 times as much. Importing pydantic
and SQLAlchemy beside azure.functions is 2.75 times already; what costs more than that has to wait for its first use.

Command: `python -m bench app-start`. Both are started in turns by the same interpreter, with warm bytecode, and indexed
as the Functions worker does it; medians are compared, so that a busy machine slows both.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CEILING = 4.0  # times the CPU seconds of the empty app
_ROUNDS = 15
_ROOT = Path(__file__).resolve().parents[1]
_EMPTY_APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")
"""
_START = "import {module}; assert {module}.app.get_functions()"


@dataclass(frozen=True)
class Cost:
    """What one start took, in seconds."""

    cpu: float
    wall: float


def run() -> bool:
    """Measures, prints, and says whether the ceiling holds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        empty, ours = _measured(Path(folder))
    cpu, wall = ours.cpu / empty.cpu, ours.wall / empty.wall
    print(f"app-start: medians of {_ROUNDS} starts of each, in turns, Python {sys.version.partition(' ')[0]}")
    print(f"  {'':<12}{'CPU s':>8}{'wall s':>8}")
    print(f"  {'empty app':<12}{empty.cpu:>8.3f}{empty.wall:>8.3f}")
    print(f"  {'this app':<12}{ours.cpu:>8.3f}{ours.wall:>8.3f}")
    print(f"  {'ratio':<12}{cpu:>8.2f}{wall:>8.2f}   ceiling {CEILING:g} times the CPU", flush=True)
    return cpu <= CEILING


def _measured(folder: Path) -> tuple[Cost, Cost]:
    (folder / "empty_app.py").write_text(_EMPTY_APP, encoding="utf-8")
    environment = _environment(folder)
    costs: dict[str, list[Cost]] = {"empty_app": [], "function_app": []}
    for number in range(_ROUNDS + 1):
        for module, taken in costs.items():
            cost = _start(module, environment)
            if number:  # the first start writes the bytecode
                taken.append(cost)
    return _median(costs["empty_app"]), _median(costs["function_app"])


def _environment(folder: Path) -> Mapping[str, str]:
    """Settings of a developer's machine, and bytecode in a folder of this run, whatever the caller's environment."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": f"{folder}{os.pathsep}{_ROOT}",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder / 'reporting.db'}",
        "BLOB_ACCOUNT_URL": "https://bench.blob.core.windows.net",
        "DEV_ISSUER": "http://127.0.0.1:7071/dev",
        "ServiceBusConnection": "Endpoint=sb://127.0.0.1",
        "JOBS_QUEUE": "report-jobs",
        "TIMER_SCHEDULE": "0 * * * * *",
    }


def _start(module: str, environment: Mapping[str, str]) -> Cost:
    """Starts the app in a process of its own, and takes the kernel's own count of its CPU time."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _START.format(module=module)], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"app-start: {module} does not start; its error stands above")
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def _median(costs: list[Cost]) -> Cost:
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))
