"""`python -m dev COMMAND`: reads the command line and runs one command; does no work itself."""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from typing import Any

_COMMANDS = {
    "run": "serve the product on this machine: web page, API, worker, timer, sign-in, storage",
    "sample-data": "fill empty tables with sample calls",
    "import-calls": "load calls from a folder of CSV files",
    "reference": "write the pages of docs/reference from the code",
    "tsql": "look at every statement of the product as Azure SQL would",
    "gallery": "make every report in every format over sample data, and a page of pictures of them",
    "broker": "serve Service Bus queues on this machine",
}
_LOADS = {"sample-data": "load_sample_data", "import-calls": "import_calls"}  # functions of dev.sample_data, ...


def main(arguments: Sequence[str]) -> int:
    """Runs a command; 0 is success or Ctrl-C, 1 a failure that is explained."""
    listed = "\n".join(f"  {name:<14}{about}" for name, about in _COMMANDS.items())
    parser = ArgumentParser(
        "python -m dev",
        description=f"Commands for developers; never part of a deployment.\n\n{listed}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS)
    name = parser.parse_args(arguments[:1]).command
    command, own = _command(name), ArgumentParser(f"python -m dev {name}", description=_COMMANDS[name])
    command.configure(own)
    try:
        return int(command.run(own.parse_args(arguments[1:])))
    except KeyboardInterrupt:
        return 0
    except _explained() as error:
        print(error, file=sys.stderr)
        return 1


def _command(name: str) -> Any:
    """What has configure(parser) and run(arguments); only what the command needs is imported."""
    if name not in _LOADS:
        return import_module(f"dev.{name}")
    from dev.load_command import LoadCommand

    return LoadCommand(f"dev.{name.replace('-', '_')}", _LOADS[name])


def _explained() -> tuple[type[Exception], ...]:
    """The failures whose message is all that a person needs; imported when one of them, or a fault, has happened."""
    from dev.azurite import AzuriteError
    from dev.broker.config import ConfigError
    from dev.bulk_load import LoadRefused
    from dev.host.errors import HostError
    from shared.errors import ReportingError
    from shared.settings import SettingsError

    return (HostError, AzuriteError, ConfigError, LoadRefused, SettingsError, ReportingError)


def _leave(code: int) -> None:
    """Ends at once: a thread in mid-function cannot be stopped, and the interpreter would wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        _leave(main(sys.argv[1:]))
    except SystemExit as ending:  # of argparse, or by SIGTERM
        _leave(ending.code if isinstance(ending.code, int) else 1)
