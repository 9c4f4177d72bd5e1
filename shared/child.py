"""The render child: `python -m shared.child`, started by the worker; makes files on order, one at a time.

Orders, links and cancels come on standard input; progress and outcomes go out on standard output, a JSON line each.
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
from typing import TYPE_CHECKING, Any, BinaryIO

from shared.errors import JobCancelled, ReportingError

if TYPE_CHECKING:
    from shared.jobs.render import Workshop
    from shared.ports import LinkRequest, Rendering, RenderOrder

_SLOW_TO_IMPORT = ("shared.adapters.database", "shared.jobs.render")


class _Line:
    """The two pipes to the parent; it is the meter of the render, and signs photo links by asking."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source, self._target = source, target
        self.orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._links: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
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
        if "links" in message:
            self._links.put(message["links"])
        elif "cancel" in message:
            self._is_cancelled = True
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
        """Asks the parent, who alone holds a key."""
        self.tell(sign=[request.blob_name for request in requests], expiresAt=expires_at.isoformat())
        return self._links.get()


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
    return Workshop(told, SystemClock(), databases(told)[1], line.sign)


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
