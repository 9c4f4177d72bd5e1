"""Runs a program and tells what it and all its descendants took; a browser does its work in processes of processes.

Control groups count exactly; version 1 and version 2 are tried. Where none may be made, /proc is looked through every
20 milliseconds, which misses what shorter lives took.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_ROOT, _PROC = Path("/sys/fs/cgroup"), Path("/proc")
_EVERY = 0.02  # seconds
_LONGEST_END = 5.0  # seconds that descendants have to end after the program itself
_JOIN = 'for group in {groups}; do echo $$ > "$group/cgroup.procs"; done; exec "$@"'
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class TreeCost:
    """CPU and wall seconds, and the bytes of memory at their highest: private and shared ones, no file's pages."""

    cpu: float
    wall: float
    peak: int


class _Meter(Protocol):
    name: str

    def command(self, command: Sequence[str]) -> Sequence[str]:
        """What to run so that the program is counted."""
        ...

    def memory(self, pid: int) -> int:
        """Bytes now."""
        ...

    def cpu(self) -> float:
        """Seconds so far."""
        ...

    def end(self) -> None:
        """Ends what still runs and forgets all."""
        ...


def meter_name() -> str:
    """How this machine lets a tree of processes be counted, in words."""
    meter = _meter()
    meter.end()
    return meter.name


def cost_of_tree(command: Sequence[str], timeout: float) -> TreeCost:
    """Runs the command to its end.

    Raises:
        subprocess.SubprocessError: it fails, or takes more than so many seconds.

    """
    meter, start = _meter(), time.perf_counter()
    peak = 0
    try:
        with subprocess.Popen(
            meter.command(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            while process.poll() is None:
                peak = max(peak, meter.memory(process.pid))
                if time.perf_counter() - start > timeout:
                    process.kill()
                    raise subprocess.TimeoutExpired(command, timeout)
                time.sleep(_EVERY)
        wall = time.perf_counter() - start
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return TreeCost(meter.cpu(), wall, peak)
    finally:
        meter.end()


def _meter() -> _Meter:
    name = f"bench-{os.getpid()}"
    for version, groups, read in (
        (1, (_ROOT / "cpuacct" / name, _ROOT / "memory" / name), _first),
        (2, (_ROOT / name,), _second),
    ):
        with suppress(OSError):
            return _Groups(f"control groups, version {version}", groups, read)
    return _Sampled()


def _first(groups: Sequence[Path]) -> tuple[float, int]:
    told = _pairs(groups[1] / "memory.stat")
    return int((groups[0] / "cpuacct.usage").read_text()) / 1e9, told["total_rss"] + told["total_shmem"]


def _second(groups: Sequence[Path]) -> tuple[float, int]:
    told = _pairs(groups[0] / "memory.stat")
    return _pairs(groups[0] / "cpu.stat")["usage_usec"] / 1e6, told["anon"] + told["shmem"]


def _pairs(file: Path) -> Mapping[str, int]:
    return {name: int(value) for name, _, value in (line.partition(" ") for line in file.read_text().splitlines())}


class _Groups:
    """Control groups of our own; raises OSError where they cannot be made, or do not tell."""

    def __init__(self, name: str, groups: Sequence[Path], read: Callable[[Sequence[Path]], tuple[float, int]]) -> None:
        self.name, self._groups, self._read = name, groups, read
        try:
            for group in groups:
                group.mkdir()
            self._read(groups)
        except OSError:
            self._remove()
            raise

    def command(self, command: Sequence[str]) -> Sequence[str]:
        groups = " ".join(str(group) for group in self._groups)
        return ["sh", "-c", _JOIN.format(groups=groups), "sh", *command]

    def memory(self, _pid: int) -> int:
        return self._read(self._groups)[1]

    def cpu(self) -> float:
        return self._read(self._groups)[0]

    def end(self) -> None:
        deadline = time.monotonic() + _LONGEST_END
        while pids := (self._groups[0] / "cgroup.procs").read_text().split():
            if time.monotonic() > deadline:
                for pid in pids:
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(_EVERY)
        self._remove()

    def _remove(self) -> None:
        for group in self._groups:
            if group.exists():
                group.rmdir()


@dataclass
class _Sampled:
    """The program's descendants as /proc shows them now and then."""

    name: str = "/proc, looked through every 20 ms"
    _seconds: dict[int, float] = field(default_factory=dict)

    def command(self, command: Sequence[str]) -> Sequence[str]:
        return command

    def memory(self, pid: int) -> int:
        found = _processes()
        tree = {pid} & found.keys()
        while more := {each for each, (parent, _) in found.items() if parent in tree} - tree:
            tree |= more
        self._seconds |= {each: found[each][1] for each in tree}
        return sum(map(_share, tree))

    def cpu(self) -> float:
        return sum(self._seconds.values())

    def end(self) -> None:
        self._seconds.clear()


def _processes() -> dict[int, tuple[int, float]]:
    """Parent and CPU seconds of every process."""
    found = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                parts = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            found[int(folder.name)] = int(parts[1]), (int(parts[11]) + int(parts[12])) / _TICKS
    return found


def _share(pid: int) -> int:
    """Bytes: a page that several processes share counts to each in part."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    told = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
    return 1024 * (told["Pss_Anon"] + told["Pss_Shmem"])
