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
    signal.signal(signal.SIGTERM, _stop)
    with (
        listening_socket(arguments.host, arguments.port) as listener,
        development_broker(os.environ),
        work_folder(arguments.state, listener.getsockname()[1], _SLOW_TO_IMPORT),
    ):
        from dev.serve import serve

        serve(listener, arguments.state.resolve(), 0 if arguments.no_sample_data else arguments.calls)
    return 0


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM unwinds like Ctrl-C, so that the emulator is stopped."""
    sys.exit(0)
