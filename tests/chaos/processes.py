"""Processes on this machine, by their ids: whose children they are, whether they run, sleep or are frozen."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def eventually(what: str, look: Callable[[], T], seconds: float = 60, pause: float = 0.04) -> T:
    """What `look` says as soon as it is true; fails when it is not within `seconds`. It looks every `pause` seconds."""
    deadline = time.monotonic() + seconds
    while not (said := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)
    return said


def children_of(parent: int) -> list[int]:
    """The running children of a process."""
    ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [each for each in ids if _state_and_parent(each)[1] == parent and is_running(each)]


def is_running(process: int) -> bool:
    """Whether it lives; one that is dead and not yet reaped does not."""
    return _state_and_parent(process)[0] not in {"", "Z", "X"}


def open_files(process: int) -> set[str]:
    """The paths a process has open now."""
    paths = set()
    for entry in Path(f"/proc/{process}/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile
            paths.add(str(entry.readlink()))
    return paths


def send(how: signal.Signals, process: int) -> None:
    """Sends a signal; nothing happens where the process is gone."""
    with suppress(ProcessLookupError):
        os.kill(process, how)


def freeze(process: int) -> None:
    """Stops a process where it is, until it is sent SIGCONT; returns when it stands still."""
    send(signal.SIGSTOP, process)
    eventually(
        f"process {process} stands still", lambda: _state_and_parent(process)[0] in {"T", "Z", "X", ""}, 5, 0.001
    )


@contextmanager
def frozen(process: int) -> Iterator[None]:
    """The process stands still as long as the block runs."""
    freeze(process)
    try:
        yield
    finally:
        send(signal.SIGCONT, process)


def assert_gone(processes: list[int], seconds: float) -> None:
    """They end by themselves; frozen ones are woken, for they could not notice anything."""
    for each in processes:
        send(signal.SIGCONT, each)
    eventually(f"processes {processes} are gone", lambda: not any(map(is_running, processes)), seconds)


def _state_and_parent(process: int) -> tuple[str, int]:
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    state, parent = told.rpartition(")")[2].split()[:2]  # the name before it may hold anything
    return state, int(parent)
