"""The render child: `python -m shared.child`, started by the worker; makes files on order, one at a time.

Orders, links and cancels come on standard input, progress and outcomes go out on standard output, a JSON line each;
the photos it asks for lie in the order's folder.
When the input closes, the parent is gone and so is the child, whatever it is doing. It knows no job row and no queue.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from shared.errors import JobCancelled, ReportingError

if TYPE_CHECKING:
    from shared.jobs.render import Workshop
    from shared.ports import LinkRequest, Rendering, RenderOrder

_SLOW_TO_IMPORT = ("shared.adapters.database", "shared.jobs.render")


class _Line:
    """The two pipes to the parent; it is the meter of the render, and asks for links to photos and for photos."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source, self._target = source, target
        self.orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        self._cancel: Callable[[], None] = lambda: None
        self._is_cancelled = False

    def listen(self) -> None:
        """Sorts what comes in; ends the process when nothing can come any more, or what comes is cut off."""
        try:
            for line in self._source:
                self._take(json.loads(line))
        finally:
            os._exit(0)

    def _take(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            self._answers.put(message["answer"])
        elif "cancel" in message:
            self._is_cancelled = True
            self._answers.put(None)  # the render may be waiting for one
            self._cancel()
        else:
            self.orders.put(message)

    def tell(self, **message: Any) -> None:
        """Sends a message to the parent."""
        self._target.write(json.dumps(message).encode() + b"\n")
        self._target.flush()

    def fresh(self) -> None:
        """Forgets the order before."""
        self._is_cancelled, self._cancel = False, lambda: None
        self._answers = queue.SimpleQueue()

    def begin(self, rows_total: int | None, cancel: Callable[[], None]) -> None:
        """Passes on how many rows to expect."""
        self._cancel = cancel
        self.tell(begin=rows_total)
        self.advance(0)

    def advance(self, rows: int) -> None:
        """Passes on progress; raises `JobCancelled` once the parent wants no more."""
        if rows:
            self.tell(rows=rows)
        if self._is_cancelled:
            raise JobCancelled

    def sign(self, requests: "Sequence[LinkRequest]", expires_at: datetime) -> Sequence[str]:
        """Asks the parent, who alone holds a key; raises `JobCancelled` where the work is not wanted any more."""
        return self._ask(sign=[request.blob_name for request in requests], expiresAt=expires_at.isoformat())

    def photos(self, folder: Path, names: Sequence[str]) -> "Sequence[bytes | None]":
        """Asks the parent, who puts the photos into the folder; raises `JobCancelled` as `sign` does.

        Each is read when it is looked at, until the next are asked for: so that one at a time is held in memory.
        """
        from shared.adapters.photo_fetcher import photo_file

        found = self._ask(photos=list(names))
        return _Files([photo_file(folder, place) if is_there else None for place, is_there in enumerate(found)])

    def _ask(self, **question: Any) -> list[Any]:
        self.tell(**question)
        if (answer := self._answers.get()) is None:
            raise JobCancelled
        return answer


class _Files(Sequence["bytes | None"]):
    """The contents of files, read one by one."""

    def __init__(self, paths: Sequence[Path | None]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, place: int) -> bytes | None: ...

    @overload
    def __getitem__(self, place: slice) -> "Sequence[bytes | None]": ...

    def __getitem__(self, place: int | slice) -> "bytes | Sequence[bytes | None] | None":
        if isinstance(place, slice):
            return _Files(self._paths[place])
        path = self._paths[place]
        return None if path is None else path.read_bytes()


def main() -> None:
    """Works until the parent is gone."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the messages
    line = _Line(sys.stdin.buffer, target)
    threading.Thread(target=line.listen, daemon=True).start()
    for module in _SLOW_TO_IMPORT:  # only now, for the parent may die meanwhile
        import_module(module)
    while True:
        message = line.orders.get()
        line.fresh()
        if "order" in message:
            _work(line, message)
        else:
            line.tell(ready=True)


def _work(line: _Line, message: dict[str, Any]) -> None:
    """Makes one file; a fault of ours ends the process, and its traceback goes to the log."""
    from shared.jobs.render import make_file

    try:
        made = make_file(_workshop(line, json.dumps(message["settings"])), _order(message["order"]), line)
    except JobCancelled:
        line.tell(stopped=True)
    except ReportingError as error:
        told = {"code": error.code, "message": str(error), "details": error.details, "retryAfter": error.retry_after}
        line.tell(failed=told)
    else:
        line.tell(done=_rendering_json(made))


@cache
def _workshop(line: _Line, settings: str) -> "Workshop":
    """The databases stay open between orders under the same settings."""
    from shared.adapters.database import databases
    from shared.clock import SystemClock
    from shared.jobs.render import Workshop
    from shared.settings import RenderSettings

    told = RenderSettings.model_validate_json(settings)
    return Workshop(told, SystemClock(), databases(told)[1], line.sign, line.photos)


def _order(told: dict[str, Any]) -> "RenderOrder":
    from shared.ports import RenderOrder

    return RenderOrder(
        **{**told, "requested_at": datetime.fromisoformat(told["requested_at"]), "target": Path(told["target"])}
    )


def _rendering_json(made: "Rendering") -> dict[str, Any]:
    return {**vars(made), "path": "", "data_as_of": made.data_as_of.isoformat()}


if __name__ == "__main__":
    try:
        main()
    finally:
        sys.excepthook(*sys.exc_info())  # nothing but a fault ends it
        os._exit(1)  # the thread that listens cannot be ended, and Python would abort over it
