"""`python -m ops COMMAND`: reads the command line and runs one command; does no work itself."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from ops import migrate, preflight
from shared.errors import ReportingError
from shared.settings import SettingsError

_COMMANDS = {"migrate": migrate, "preflight": preflight}  # each has configure(parser) and run(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0 is success, 1 a failure or a finding, 2 wrong settings or arguments."""
    parser = ArgumentParser(prog="python -m ops", description="Commands for those who run a deployment.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        about = (command.__doc__ or "").partition("\n")[0]
        each = commands.add_parser(name, help=about, description=about)
        command.configure(each)
        each.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        return _told(int(chosen.run(chosen)))
    except BrokenPipeError:  # whoever reads has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python's last flush would complain
        return 1
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except ReportingError as error:
        print(error, f"({error.__cause__})" if error.__cause__ else "", file=sys.stderr)
        return 1


def _told(status: int) -> int:
    """The status, once everything that was printed has reached the reader."""
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
