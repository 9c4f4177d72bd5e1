"""The parent's side of rendering: child processes kept warm, watched, and killed when they do not stop.

A child gets its order over a pipe, and no secret but the databases' addresses. It ends when its pipe closes, so it
never outlives this process. Job row, blobs and links stay with the parent; photos come as files of the order's folder.
"""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from shared.adapters.photo_fetcher import PhotoFetcher
from shared.errors import ExportFailed, error_of
from shared.ports import LinkRequest, Meter, Rendering, RenderOrder, Services
from shared.settings import RenderSettings, Settings, child_environment

_LOOK = 0.1  # seconds between two looks at the meter and the child's memory
_LOOK_FOR_PHOTOS = 0.005  # seconds: a child that has asked for photos waits for them


class ChildFault(Exception):
    """The render child ended in mid-work: killed, out of memory, or a fault of ours that its log tells of."""


class RenderChildren:
    """The `render` of `Services`: one child per render that runs at the same time, kept for the next one."""

    def __init__(self, settings: Settings) -> None:
        """Starts nothing; the first render does."""
        self._settings = settings
        self._idle: list[_Child] = []
        self._lock = threading.Lock()

    def __call__(self, services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        """Renders in a child.

        Raises:
            ReportingError: of the code that the child ended with.
            ExportFailed: with a reason, where it used too much memory.
            ChildFault: it died; another attempt may work.
            JobCancelled, ClaimLost: as the meter raises them, after the child has stopped.

        """
        with self._child() as child:
            return _Conversation(services, child, order, meter).run()

    def warm(self) -> None:
        """Starts a child for the next render, where none is waiting."""
        with self._child() as child:
            child.send({"hello": True})
            while child.receive(30.0) is None:
                pass

    def close(self) -> None:
        """Ends the children that wait."""
        with self._lock:
            for child in self._idle:
                child.kill()
            self._idle.clear()

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        """A child of one's own; it goes back to wait unless something went wrong with it or it is used up."""
        child = self._waiting() or _Child()
        try:
            yield child
        finally:
            if child.is_usable(self._settings.child_jobs, self._settings.child_growth_mib):
                with self._lock:
                    self._idle.append(child)
            else:
                child.kill()

    def _waiting(self) -> "_Child | None":
        """A child that waits and is alive; one that died while it waited costs no render."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_usable(self._settings.child_jobs, self._settings.child_growth_mib):
                    return child
                child.kill()
        return None


class _Conversation:
    """One order and everything that is said about it."""

    def __init__(self, services: Services, child: "_Child", order: RenderOrder, meter: Meter) -> None:
        self._services, self._child, self._order, self._meter = services, child, order, meter
        self._ending, self._is_over = threading.Lock(), False
        self._photos = PhotoFetcher(services.photos, order.target.parent, services.settings.photo_max_bytes)

    def run(self) -> Rendering:
        """Until the child is done, fails, or has to be stopped."""
        self._child.busy = True
        try:
            self._child.send({"order": _order_json(self._order), "settings": _settings_json(self._services.settings)})
            while True:
                self._meter.advance(0)
                self._child.check_memory(self._services.settings.child_memory_mib)
                if (found := self._photos.found()) is not None:
                    self._child.send({"answer": found})
                message = self._child.receive(_LOOK_FOR_PHOTOS if self._photos.is_busy else _LOOK)
                if message is not None and (made := self._heard(message)) is not None:
                    return made
        finally:
            if self._child.busy:
                self._stop()
            self._photos.close()  # only now, for the child may have been reading them
            with self._ending:
                self._is_over = True

    def _heard(self, message: dict[str, Any]) -> Rendering | None:
        """Acts on one message; the rendering when it is the last."""
        if "rows" in message:
            self._meter.advance(message["rows"])
        elif "begin" in message:
            self._meter.begin(message["begin"], self._cancel)
        elif "sign" in message:
            self._child.send({"answer": self._signed(message)})
        elif "photos" in message:
            self._photos.fetch(message["photos"])
        elif "done" in message:
            self._child.rest()
            return _rendering(message["done"], self._order.target)
        elif "failed" in message:
            self._child.rest()
            told = message["failed"]
            raise error_of(told["code"])(told["message"], details=told["details"], retry_after=told["retryAfter"])
        elif "stopped" in message:
            self._child.rest()
            self._meter.advance(0)  # tells why
            raise ChildFault("the render child stopped, and nobody had asked it to")
        return None

    def _signed(self, message: dict[str, Any]) -> list[str]:
        requests = [LinkRequest(name) for name in message["sign"]]
        return list(self._services.photos.sign(requests, datetime.fromisoformat(message["expiresAt"])))

    def _cancel(self) -> None:
        """Stops the statement; after the end it does nothing, for the child may be at work on another order."""
        with self._ending, suppress(ChildFault):
            if not self._is_over:
                self._child.send({"cancel": True})

    def _stop(self) -> None:
        """Asks the child to stop; one that does not within the grace is killed."""
        self._cancel()
        deadline = monotonic() + self._services.settings.cancel_grace.total_seconds()
        with suppress(ChildFault):
            while (left := deadline - monotonic()) > 0:
                message = self._child.receive(left)
                if message is not None and not message.keys().isdisjoint({"done", "failed", "stopped"}):
                    self._child.rest()
                    return
        self._child.kill()


class _Child:
    """A child process and its two pipes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shared.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # an interrupt at the terminal is for the parent
            bufsize=0,
        )
        self._buffer = bytearray()
        self._sending = threading.Lock()
        self._jobs, self._first_mib = 0, 0
        self.busy = False

    def send(self, message: dict[str, Any]) -> None:
        """Sends a line; raises `ChildFault` where the child is gone. Callable from any thread."""
        assert self._process.stdin is not None  # noqa: S101 asked for above
        try:
            with self._sending:
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
        except (OSError, ValueError) as error:  # ValueError: it was killed here, and its pipe is closed
            raise ChildFault("the render child is gone") from error

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next message, or None when none comes in time; raises `ChildFault` where the child is gone."""
        assert self._process.stdout is not None  # noqa: S101 asked for above
        while b"\n" not in self._buffer:
            readable, _, _ = select.select([self._process.stdout], [], [], seconds)
            if not readable:
                return None
            if not (chunk := os.read(self._process.stdout.fileno(), 65_536)):
                raise ChildFault(f"the render child ended with {self._process.wait()}")
            self._buffer += chunk
        line, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        message: dict[str, Any] = json.loads(line)
        return message

    def rest(self) -> None:
        """The order is over, the child waits for the next."""
        self.busy, self._jobs = False, self._jobs + 1
        self._first_mib = self._first_mib or self.memory_mib()

    def is_usable(self, max_jobs: int, max_growth_mib: int) -> bool:
        """Whether it may take another order."""
        grown = self._first_mib and self.memory_mib() - self._first_mib > max_growth_mib
        return not self.busy and not grown and self._jobs < max_jobs and self._process.poll() is None

    def check_memory(self, limit_mib: int) -> None:
        """Kills the child above the limit and says so."""
        if self.memory_mib() > limit_mib:
            self.kill()
            raise ExportFailed(
                "The file needs more memory than one file may use; choose fewer days or banks, or another format.",
                details={"reason": "memory"},
            )

    def memory_mib(self) -> int:
        """Resident memory; 0 where it is gone."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20

    def kill(self) -> None:
        """Ends it at once and reaps it."""
        self.busy = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _environment() -> dict[str, str]:
    """The allow-list and the import path of this process: nothing else of the worker's environment gets across."""
    return {**child_environment(), "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}


def _settings_json(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", include=set(RenderSettings.model_fields))


def _order_json(order: RenderOrder) -> dict[str, Any]:
    return {**vars(order), "requested_at": order.requested_at.isoformat(), "target": str(order.target)}


def _rendering(told: dict[str, Any], path: Path) -> Rendering:
    return Rendering(**{**told, "path": path, "data_as_of": datetime.fromisoformat(told["data_as_of"])})
