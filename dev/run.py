"""Serves the product on this machine: web page, API, worker, timer, sign-in, storage."""

import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from types import FrameType

from dev.broker.development import development_broker
from dev.host.listening import listening_socket
from dev.work_folder import work_folder

_THIS_MACHINE = "127.0.0.1"
_HOSTS = (_THIS_MACHINE, "0.0.0.0")  # noqa: S104 asked for by name only; a container needs it
_SLOW_TO_IMPORT = ("dev.serve", "ops.migrate", "shared.wiring", "functions")


def configure(parser: ArgumentParser) -> None:
    """Declares the arguments of the command."""
    parser.add_argument("--port", type=int, default=7071, help="port to listen on, 0 for a free one (default: 7071)")
    parser.add_argument("--host", default=_THIS_MACHINE, choices=_HOSTS, help="0.0.0.0 opens it to the whole network")
    parser.add_argument("--state", type=Path, default=Path(".dev"), help="folder of all data (default: .dev)")
    parser.add_argument("--no-sample-data", action="store_true", help="start with empty tables")
    parser.add_argument("--calls", type=_count, default=20_000, help="sample calls of the first start (default: 20000)")


def run(arguments: Namespace) -> int:
    """The command: serves until Ctrl-C or SIGTERM."""
    stop = _Stop()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    with (
        listening_socket(arguments.host, arguments.port) as listener,
        development_broker(os.environ),
        work_folder(arguments.state, listener.getsockname()[1], _SLOW_TO_IMPORT),
    ):
        from dev.serve import serve

        calls = 0 if arguments.no_sample_data else arguments.calls
        serve(listener, arguments.state.resolve(), calls, lambda: stop.is_asked)
    return 0


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


class _Stop:
    """What a signal to stop does: it unwinds the host, so that the emulator is stopped.

    Python swallows what is raised while it clears up after an import; that a stop was asked for outlives it.
    """

    is_asked = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """The signal's handler."""
        self.is_asked = True
        sys.exit(0)
